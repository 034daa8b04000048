"""What the page of a collision shows: two texts side by side, and for each difference a choice."""

from dataclasses import dataclass, field

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from blog.lib.listing import listed

from .differences import sides
from .merging import BOTH, MINE, THEIRS, Kind
from .saying import number, sentence

# What the name of a choice's field begins with.
CHOICE = "row-"
# Paragraphs that can be chosen one by one; a form may have only so many fields. Of all others the
# default stays, which loses nothing.
MOST_CHOICES = 300


@dataclass
class Choice:
    value: str
    label: str
    checked: bool


@dataclass
class Shown:
    """A paragraph or a line of the details that differs, with its choices."""

    key: str
    label: str
    mine: SafeString | None
    theirs: SafeString | None
    choices: list[Choice] = field(default_factory=list)
    both: bool = False
    name: str = ""  # of a line of the details


@dataclass
class Same:
    """Paragraphs in a row that are the same in both, folded to a sentence."""

    texts: list[str] = field(default_factory=list)
    details: bool = False
    more: bool = False

    @property
    def said(self):
        count = len(self.texts)
        if self.details and not count:
            return _("The title and the details are the same in both.")
        if self.details:
            said = ngettext(
                "The title, the details and %(count)s paragraph are the same in both.",
                "The title, the details and %(count)s paragraphs are the same in both.",
                count,
            )
        elif self.more:
            said = ngettext(
                "%(count)s more paragraph is the same in both.",
                "%(count)s more paragraphs are the same in both.",
                count,
            )
        else:
            said = ngettext(
                "%(count)s paragraph is the same in both.",
                "%(count)s paragraphs are the same in both.",
                count,
            )
        return sentence(said % {"count": number(count)})


def rows_beside(merge, names, work):
    """Return the differences in the order of the text, and a Same for what lies between."""
    shown = [*_details(merge, names, work)]
    same = Same(details=not shown)
    if not shown:
        shown.append(same)
    for key, row in zip(merge.keys, merge.rows, strict=True):
        if row.kind in (Kind.SAME, Kind.AGREED):
            if row.mine is None:
                continue  # both took it out
            if not shown or not isinstance(shown[-1], Same):
                shown.append(Same(more=any(isinstance(each, Same) for each in shown)))
            shown[-1].texts.append(row.mine.text)
            continue
        shown.append(_paragraph(key, row, names, work))
    differing = [each for each in shown if isinstance(each, Shown)]
    for each in differing[MOST_CHOICES:]:
        each.choices = []
    return shown


# --- Details --------------------------------------------------------------------------------


def _details(merge, names, work):
    called = {
        "title": _("Title"),
        "standfirst": _("Standfirst"),
        "slug": pgettext("of a page", "Address"),
        "lang": _("Language"),
    }
    if_empty = {"slug": _("It follows the title."), "lang": _("The site’s.")}
    for name, kind in merge.lines.items():
        mine, theirs = getattr(merge.mine, name), getattr(merge.theirs, name)
        if mine == theirs:
            continue
        one, other = sides(mine, theirs, work)
        if name in if_empty:
            empty = format_html("<em>{}</em>", if_empty[name])
            one, other = one or empty, other or empty
        yield Shown(
            key=name,
            label=_label(kind, names),
            mine=one,
            theirs=other,
            choices=_of_line(kind, names),
            both=kind == Kind.BOTH,
            name=called[name],
        )
    mine, theirs = merge.mine.tags, merge.theirs.tags
    if {*map(str.casefold, mine)} != {*map(str.casefold, theirs)}:
        united = _("Together: %(tags)s") % {"tags": listed(merge.tags) or "–"}
        one, other = sides(listed(mine), listed(theirs), work)
        yield Shown("tags", united, one, other, name=_("Tags"))


def _of_line(kind, names):
    keep, take, as_it_was = (
        _keep_mine(),
        _take(names),
        pgettext("a paragraph or a line", "Keep it as it was"),
    )
    if kind == Kind.MINE:
        return [Choice(MINE, keep, True), Choice(THEIRS, as_it_was, False)]
    if kind == Kind.THEIRS:
        return [Choice(MINE, as_it_was, False), Choice(THEIRS, take, True)]
    return [Choice(MINE, keep, True), Choice(THEIRS, _keep(names), False)]


# --- Paragraphs -----------------------------------------------------------------------------


def _paragraph(key, row, names, work):
    if row.mine and row.theirs:
        mine, theirs = sides(row.mine.text, row.theirs.text, work)
    else:
        alone = format_html("<ins>{}</ins>", (row.mine or row.theirs).text)
        mine, theirs = (alone, None) if row.mine else (None, alone)
    return Shown(
        key=key,
        label=_what_happened(row, names),
        mine=mine,
        theirs=theirs,
        choices=_choices(row, names),
        both=row.kind == Kind.BOTH,
    )


def _what_happened(row, names):
    """Say who did what to a paragraph."""
    if names["own"]:
        return _in_tabs(row, names)
    if row.kind == Kind.MINE and row.base is None:
        return _("Only you wrote this")
    if row.kind == Kind.MINE and row.mine is None:
        return _("Only you took this out")
    if row.kind == Kind.THEIRS and row.base is None:
        return _("Only %(name)s wrote this") % names
    if row.kind == Kind.THEIRS and row.theirs is None:
        return _("Only %(name)s took this out") % names
    if row.mine is None:
        return _("You took this out, %(name)s changed it") % names
    if row.theirs is None:
        return sentence(_("%(name)s took this out, you changed it") % names)
    return _label(row.kind, names)


def _in_tabs(row, names):
    """Say in which of two tabs what happened to a paragraph."""
    if row.kind == Kind.MINE and row.base is None:
        return _("Written in this tab only")
    if row.kind == Kind.MINE and row.mine is None:
        return _("Taken out in this tab only")
    if row.kind == Kind.THEIRS and row.base is None:
        return _("Written in the other tab only")
    if row.kind == Kind.THEIRS and row.theirs is None:
        return _("Taken out in the other tab only")
    if row.mine is None:
        return _("Taken out in this tab, changed in the other")
    if row.theirs is None:
        return _("Taken out in the other tab, changed in this one")
    return _label(row.kind, names)


def _label(kind, names):
    if names["own"]:
        said = {
            Kind.MINE: _("Changed in this tab only"),
            Kind.THEIRS: _("Changed in the other tab only"),
        }
        return said.get(kind, _("Changed in both tabs"))
    if kind == Kind.MINE:
        return _("Only you changed this")
    if kind == Kind.THEIRS:
        return _("Only %(name)s changed this") % names
    return _("You both changed this")


def _choices(row, names):
    """Return the choices of a paragraph, in the design's order, with the default checked."""
    if row.mine and row.theirs:
        if row.kind != Kind.BOTH:
            return _of_line(row.kind, names)
        offered = [
            (MINE, _keep_mine()),
            (THEIRS, _keep(names)),
            (BOTH, _("Keep both, mine first")),
        ]
    elif row.kind == Kind.BOTH:  # one took out what the other changed
        leave = (
            MINE if row.mine is None else THEIRS,
            pgettext("a paragraph or a line", "Leave it out"),
        )
        offered = [(BOTH, _keep_mine() if row.mine else _keep(names)), leave]
    else:
        has_it = MINE if row.mine else THEIRS
        keep = (
            pgettext("a paragraph or a line", "Keep it")
            if row.base is None
            else pgettext("a paragraph or a line", "Keep it as it was")
        )
        offered = [
            (has_it, keep),
            (THEIRS if row.mine else MINE, pgettext("a paragraph or a line", "Leave it out")),
        ]
    return [Choice(value, label, value == row.default) for value, label in offered]


def _keep_mine():
    return _("Keep mine")


def _keep(names):
    if names["own"]:
        return _("Keep the other tab’s")
    return _("Keep %(name)s’s") % names


def _take(names):
    if names["own"]:
        return _("Take the other tab’s")
    return _("Take %(name)s’s") % names
