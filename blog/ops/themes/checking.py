"""What of a theme no longer fits the templates that are here, in sentences; it renders nothing."""

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from django.urls import get_resolver
from django.utils.translation import gettext as _

from blog.lib.listing import labelled, listed, quoted
from blog.web.theme.engine import Templates, at_line, why
from blog.web.theme.files import Theme
from blog.web.theme.names import may_replace

from .known import known_attributes, roots_of_all
from .reading import Asked, asked, compiled

# How alike a template and ours are, of 1, for it to be taken for a copy.
ALIKE = 0.6
# What an owner writes into a copy after comparing it with ours.
COMPARED = re.compile(r"\{#\s*compared with ([0-9a-f]{8})\s*#\}")


class Remark(NamedTuple):
    """Something about a theme: whether it breaks pages, a sentence, and what to do."""

    breaks: bool
    said: str
    todo: str


class Checked:
    """A theme beside our templates, each compiled as it was written."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        backend: Templates = engines["django"]
        self.engine = backend.engine_of(theme)
        self.ours_at = Path(settings.BASE_DIR, "templates")
        self.errors: dict[str, str] = {}
        self.own = dict(self.read(sorted(theme.templates.items())))

    def read(self, sources: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Asked]]:
        for name, source in sources:
            path = str(self.theme.root / "templates" / name)
            try:
                yield name, asked(compiled(source, name, path, self.engine))
            except Exception as error:
                self.errors[name] = self.line_and(error, name)

    def line_and(self, error: Exception, name: str) -> str:
        token = getattr(error, "token", None)
        error.template_debug = None  # type: ignore[attr-defined]
        path = f"templates/{name}"
        place = at_line(path, token.lineno) if token else path
        return labelled(place, why(error, self.theme))

    @property
    def ours(self) -> dict[str, Asked]:
        return asked_of_ours(self.ours_at)

    def is_there(self, name: str) -> bool:
        return name in self.own or name in self.ours or name in self.errors

    # --- Each template ------------------------------------------------------------------------

    def remarks(self) -> Iterator[Remark]:
        for fault in self.theme.faults:
            said = labelled(fault.name, fault.said)
            yield Remark(True, said, _("Until then the site’s own is used."))
        for said in self.errors.values():
            yield Remark(True, said, _("Correct it; until then pages of it are the site’s own."))
        for name, found in self.own.items():
            yield from self.place_of(name)
            yield from self.missing(name, found)
            yield from self.blocks(name, found)
            yield from self.variables(name, found)
            yield from self.copy_of(name, found)

    def place_of(self, name: str) -> Iterator[Remark]:
        """Say of a template that no page asks for it."""
        if name in self.ours or self.is_used(name):
            return
        said = _("templates/%s replaces nothing: the site has no such template.") % name
        alike = difflib.get_close_matches(name, filter(may_replace, self.ours), 1, 0.75)
        todo = _("Remove it, or include it in another.")
        if alike:
            todo = _("Rename it to %s, or remove it.") % alike[0]
        yield Remark(False, said, todo)

    def is_used(self, name: str) -> bool:
        # What a variable names may be any of them.
        return any(
            name in (each for each, _line in found.extends + found.includes)
            for other, found in self.own.items()
            if other != name
        )

    def missing(self, name: str, found: Asked) -> Iterator[Remark]:
        """Say which templates, addresses and files it names are not there."""
        for what, line in found.extends + found.includes:
            if not self.is_there(what) and not self.in_django(what):
                said = _("the template %s does not exist.") % what
                yield self.remark(name, line, said, self.nearest(what, self.ours), breaks=True)
        names = {each for each in get_resolver().reverse_dict if isinstance(each, str)}
        for what, line in found.urls:
            if ":" not in what and what not in names:
                said = _("no page has the name “%s”.") % what
                yield self.remark(name, line, said, self.nearest(what, names), breaks=True)
        for what, line in found.files:
            if not finders.find(what):
                said = _("the static file %s does not exist.") % what
                todo = _("Put it into the theme's folder static, or take it out there.")
                yield self.remark(name, line, said, todo, breaks=True)

    def in_django(self, name: str) -> bool:
        try:
            self.engine.get_template(name)
        except Exception:
            return False
        return True

    # --- Blocks -------------------------------------------------------------------------------

    def blocks_of(self, name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        """Return the blocks that a template offers to those that extend it."""
        is_own = name in self.own and f"own {name}" not in seen
        found = self.own[name] if is_own else self.ours.get(name)
        key = f"own {name}" if is_own else name
        if found is None or key in seen:
            return set()
        blocks = {block for block, _line in found.blocks}
        if not found.extends:
            return blocks
        # Those that stand in none of its parent's are never shown.
        offered = self.blocks_of(found.extends[0][0], seen | {key})
        return offered | (blocks & found.inner)

    def blocks(self, name: str, found: Asked) -> Iterator[Remark]:
        if found.names_a_variable_parent:
            return
        if found.extends:
            offered = self.blocks_of(found.extends[0][0], frozenset({f"own {name}"}))
            for block, line in found.blocks:
                if offered and block not in offered and block not in found.inner:
                    said = _("%(parent)s has no block “%(block)s”, so it is not shown.")
                    said %= {"parent": found.extends[0][0], "block": block}
                    yield self.remark(name, line, said, self.nearest(block, offered))
            return
        if name in self.ours and (lost := self.lost_blocks(name)):
            said = _("templates/%(name)s has no %(blocks)s, which other templates fill.") % {
                "name": name,
                "blocks": listed(map(quoted, lost)),
            }
            yield Remark(False, said, _("Add these blocks, or what stands in them is not shown."))

    def lost_blocks(self, name: str) -> list[str]:
        """Return the blocks of ours that a template lacks, and that one that extends it fills."""
        ours = {block for block, _line in self.ours[name].blocks}
        lacks = ours - self.blocks_of(name)
        filled = {
            block
            for other, found in {**self.ours, **self.own}.items()
            if other != name and name in (parent for parent, _line in found.extends)
            for block, _line in found.blocks
        }
        return sorted(lacks & filled)

    # --- Variables ----------------------------------------------------------------------------

    def variables(self, name: str, found: Asked) -> Iterator[Remark]:
        """Say which variables are not known, as nothing stands in their place."""
        roots = roots_of_all(self.ours, self.own)
        said_of = set()
        for variable, line in found.variables:
            root, *more = variable.split(".")
            if variable in said_of:
                continue
            if root not in roots and root not in found.sets:
                said_of.add(variable)
                said = _("no page has a variable “%s”, so it is empty.") % root
                yield self.remark(name, line, said, self.nearest(root, roots))
            elif more and not more[0].isdigit():
                known = known_attributes(root, self.ours)
                if known is not None and more[0] not in known:
                    said_of.add(variable)
                    said = _("“%(root)s” has no “%(name)s”, so it is empty.")
                    said %= {"root": root, "name": more[0]}
                    yield self.remark(name, line, said, self.nearest(more[0], known))

    # --- Copies -------------------------------------------------------------------------------

    def copy_of(self, name: str, found: Asked) -> Iterator[Remark]:
        """Say of a whole template that ours, which it replaces, may have changed since."""
        if name not in self.ours or name in (parent for parent, _line in found.extends):
            return
        ours, source = (self.ours_at / name).read_text(), self.theme.templates[name]
        sum_ = hashlib.sha256(ours.encode()).hexdigest()[:8]
        places = {"mine": self.theme.root / "templates" / name, "ours": self.ours_at / name}
        compare = _("Compare: diff %(ours)s %(mine)s – then write {# compared with %(sum)s #}.")
        compare %= places | {"sum": sum_}
        if compared := COMPARED.search(source):
            if compared[1] != sum_:
                said = _("The site’s own %s changed since you compared yours with it.") % name
                yield Remark(False, said, compare)
            return
        if (mine := lines_of(source)) == (other := lines_of(ours)):
            said = _("templates/%s is the same as the site’s own.") % name
            yield Remark(False, said, _("Remove it, or it hides what later versions change."))
        elif difflib.SequenceMatcher(None, mine, other, autojunk=False).ratio() >= ALIKE:
            said = _("templates/%s is a copy of the site’s own, of another version or changed.")
            yield Remark(False, said % name, compare)

    # --- Words --------------------------------------------------------------------------------

    def remark(
        self, name: str, line: int, said: str, todo: str = "", *, breaks: bool = False
    ) -> Remark:
        said = labelled(at_line(f"templates/{name}", line), said)
        return Remark(breaks, said, todo or _("Take it out; see docs/theme.md."))

    def nearest(self, what: str, known: Iterable[str]) -> str:
        alike = difflib.get_close_matches(what, list(known), 1, 0.7)
        return _("Is “%s” meant?") % alike[0] if alike else ""


@cache
def asked_of_ours(folder: Path) -> dict[str, Asked]:
    """Return what our own templates ask for, by their names."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.*"))}
    engine = engines["django"].engine
    return {
        name: asked(compiled(path.read_text(), name, str(path), engine))
        for name, path in paths.items()
    }


def lines_of(source: str) -> list[str]:
    return [line.strip() for line in source.splitlines() if line.strip()]
