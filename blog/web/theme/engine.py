"""The templates of the site, with an owner's laid over them.

A page is made of the theme, or if that fails of ours alone: whole, with one line in the log. So a
theme can break no page, and the admin, signing in and the error pages never ask it.
"""

import logging
import re
from collections.abc import Iterator
from typing import Any

from django.core.cache import caches
from django.db import Error
from django.template import Origin, TemplateDoesNotExist
from django.template import Template as Compiled
from django.template.backends.django import DjangoTemplates, Template
from django.template.engine import Engine
from django.template.loaders import base, cached
from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.web.template_loader import line_before
from blog.web.template_loader import sent as text_sent

from .files import Theme, ThemeError, revision_now, theme
from .loops import bounded, measured
from .mode import OURS, THEME, made_of, mode
from .names import is_ours_alone

logger = logging.getLogger(__name__)

CACHED = "django.template.loaders.cached.Loader"
LOADERS = ["blog.web.template_loader.Loader", "django.template.loaders.app_directories.Loader"]

# Different faults of a theme that a process writes down, each once; it sees no more than these.
MOST_FAULTS = 50
# What a process saw fail: the page, the theme it was of, and why.
seen: dict[tuple[str, str], str] = {}
# What cannot be used at all, by the theme.
compiled: dict[str, list[str]] = {}


class Loader(base.Loader):  # type: ignore[misc]
    """Finds a theme's templates, in the text that was read when the process began."""

    def __init__(self, engine: Engine, theme: Theme) -> None:
        super().__init__(engine)
        self.theme = theme

    def get_template_sources(self, name: str) -> Iterator[Origin]:
        if name in self.theme.templates or name in self.theme.broken:
            # Not by pathlib: a name may come from a template, as a string of another class.
            path = f"{self.theme.root}/templates/{name}"
            yield Origin(name=path, template_name=name, loader=self)

    def get_contents(self, origin: Origin) -> str:
        name = origin.template_name
        if said := self.theme.broken.get(name):
            raise ThemeError(f"templates/{name}: {said}")
        return text_sent(self.theme.templates[name], name)


class Cached(cached.Loader):  # type: ignore[misc]
    """Keeps templates compiled, and bounds the loops of a theme's."""

    def get_template(self, name: str, skip: Any = None) -> Compiled:
        template = super().get_template(name, skip)
        if isinstance(template.origin.loader, Loader):
            bounded(template)
        return template


class Templates(DjangoTemplates):  # type: ignore[misc]
    """Django's own backend, which knows two engines: ours, and that of the theme over ours."""

    def __init__(self, params: dict[str, Any]) -> None:
        options = params["OPTIONS"]
        super().__init__(params | {"OPTIONS": options | {"loaders": [(CACHED, LOADERS)]}})
        self.options = options | {
            "libraries": self.get_templatetag_libraries(options.get("libraries", {})),
            # Errors then say their line; it costs nothing where there are none.
            "debug": True,
        }
        self.made: tuple[Theme, Engine] | None = None

    def get_template(self, name: str) -> Any:
        ours = super().get_template(name)
        over = theme()
        if over is None or not (over.templates or over.broken):
            return ours
        whose = mode()
        if whose == OURS or is_ours_alone(name):
            return ours
        if whose == THEME:  # a part of a page, which fails as a whole
            return Template(self.engine_of(over).get_template(name), self)
        return Page(name, ours, self, over)

    def engine_of(self, over: Theme) -> Engine:
        """Return the engine of a theme, which finds ours after it."""
        if self.made is None or self.made[0] is not over:
            engine = Engine(self.dirs, **self.options)
            loader = Cached(engine, LOADERS)
            loader.loaders.insert(0, Loader(engine, over))
            engine.template_loaders = [loader]
            caches["process"].clear()
            self.made = over, engine
        return self.made[1]


class Page:
    """A template of the theme, or of ours within it, that falls back to ours alone."""

    def __init__(self, name: str, ours: Template, backend: Templates, over: Theme) -> None:
        self.name, self.ours, self.backend, self.over = name, ours, backend, over

    @property
    def template(self) -> Compiled:
        """What the page is made of, compiled."""
        try:
            return self.backend.engine_of(self.over).get_template(self.name)
        except Exception:
            return self.ours.template

    @property
    def origin(self) -> Origin:
        return self.template.origin

    def render(self, context: Any = None, request: Any = None) -> str:
        try:
            with made_of(THEME), measured() as size:
                template = Template(
                    self.backend.engine_of(self.over).get_template(self.name), self.backend
                )
                html: str = template.render(context, request)
                size.add(len(html))
                return html
        except Error:  # the database's, which is not the theme's fault
            raise
        except Exception as error:
            failed = error
        with made_of(OURS):
            html = self.ours.render(context, request)
        # Only now: what fails in ours as well is not the theme's fault either.
        note(self.name, self.over, failed)
        return html


def made_by() -> str:
    """Return which theme the page that is made just now is of; "" for ours."""
    return revision_now() if mode() == THEME else ""


def note(name: str, over: Theme, error: Exception) -> None:
    """Write down why a page is not made of the theme, once for each page and reason.

    Or why its stylesheet, or all of its static files, are not used.
    """
    said = why(error, over)
    key = over.revision, f"{name}: {said}"
    if key in seen or len(seen) >= MOST_FAULTS:
        return
    seen[key] = said
    logger.error("The theme cannot be used for %s, so the site's own is: %s", name, said)


def faults_seen() -> list[str]:
    """Return which pages this process could not make of its theme, and why."""
    over = theme()
    return [page for revision, page in seen if over and revision == over.revision]


def faults(backend: Templates) -> list[str]:
    """Return what of the theme cannot be used: its files, and what this process saw fail."""
    over = theme()
    if over is None:
        return []
    if over.revision not in compiled:
        compiled[over.revision] = list(uncompiled(backend, over))
    return [*compiled[over.revision], *faults_seen()]


def uncompiled(backend: Templates, over: Theme) -> Iterator[str]:
    """Yield why files and templates of a theme cannot be used at all."""
    yield from (f"{fault.name}: {fault.said}" for fault in over.faults)
    for name in over.templates:
        try:
            backend.engine_of(over).get_template(name)
        except Exception as error:
            yield labelled(name, why(error, over))


def why(error: Exception, over: Theme) -> str:
    """Return a sentence that says why a template failed, and where."""
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, RecursionError):
        said = _("A template includes or extends itself without end.")
    elif isinstance(error, TemplateDoesNotExist):
        said = _("The template %s does not exist.") % error.args[0]
    elif not isinstance(error, ThemeError):
        said = labelled(type(error).__name__, said)
    debug = getattr(error, "template_debug", None)
    if debug and debug.get("name"):
        where, line = place_of(str(debug["name"]), debug["line"], over)
        said = re.sub(rf"on line {debug['line']}\b", f"on line {line}", said)
        said = labelled(at_line(where, line), said)
    return said[:500]


def at_line(path: str, line: int) -> str:
    """Return how a place in a file is said: “templates/base.html, line 3”."""
    return str(_("%(file)s, line %(number)d") % {"file": path, "number": line})


def place_of(path: str, line: int, over: Theme) -> tuple[str, int]:
    """Return the file and the line in it that are meant by those of a compiled template."""
    name = path.removeprefix(f"{over.root}/templates/")
    if source := over.templates.get(name):
        return f"templates/{name}", line_before(source, name, line)
    return path, line
