"""Words added and cut between two texts of an essay, as HTML, paragraph by paragraph.

Within bounded time: what would take too long is marked wholly, and `exact` is False.
"""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from blog.lib.differences import Budget, Part, compared, counted, html_of
from blog.posts.models import Text

from .blocks import align, blocks

# The most one page may take for its marks, and for counting what its other versions changed:
# 0.5 s of a processor each.
MOST_MARKING, MOST_COUNTING = 350_000, 350_000


@dataclass
class Paragraph:
    """One paragraph with its differences marked; `changed` tells whether it has any."""

    html: SafeString
    changed: bool


@dataclass
class Fold:
    """Paragraphs that are the same in both, left out: how many."""

    count: int


def paragraphs(earlier: str, later: str, work: Budget) -> list[Paragraph]:
    """Return the paragraphs of both texts in the order of the later, with what changed marked."""
    return [
        Paragraph(html_of(parts), changed=any(not part.kept for part in parts))
        for parts in _compared(earlier, later, work)
    ]


def only_changed(found: list[Paragraph]) -> list[Paragraph | Fold]:
    """Return the changed ones, with a Fold in place of others."""
    shown: list[Paragraph | Fold] = []
    for paragraph in found:
        if paragraph.changed:
            shown.append(paragraph)
        elif shown and isinstance(shown[-1], Fold):
            shown[-1].count += 1
        else:
            shown.append(Fold(1))
    return shown


def words_changed(earlier: Text, later: Text, work: Budget) -> tuple[int, int]:
    """Return how many words were added and cut in title, standfirst and text."""
    added = cut = 0
    for name in ("title", "standfirst"):
        was, now = getattr(earlier, name), getattr(later, name)
        if was != now:
            more, fewer = counted(compared(was, now, work))
            added, cut = added + more, cut + fewer
    if earlier.body != later.body:
        for parts in _compared(earlier.body, later.body, work):
            more, fewer = counted([part for part in parts if not part.kept])
            added, cut = added + more, cut + fewer
    return added, cut


def sides(mine: str, theirs: str, work: Budget) -> tuple[SafeString, SafeString]:
    """Return two texts, in each of which the words that the other lacks are in <ins>."""
    parts = compared(theirs, mine, work)
    return (
        html_of([Part(kept=part.kept, added=part.added) for part in parts]),
        html_of([Part(kept=part.kept, added=part.cut) for part in parts]),
    )


def tags_changed(earlier: Text, later: Text) -> list[SafeString]:
    """Return the tags of both, those that only one has marked."""
    was = {name.casefold() for name in earlier.tags}
    has = {name.casefold() for name in later.tags}
    return [
        *(
            format_html("{}" if name.casefold() in was else "<ins>{}</ins>", name)
            for name in later.tags
        ),
        *(
            format_html("<del>{}</del>", name)
            for name in earlier.tags
            if name.casefold() not in has
        ),
    ]


def _compared(earlier: str, later: str, work: Budget) -> list[list[Part]]:
    """Return the parts of each paragraph."""
    old = [block.text for block in blocks(earlier)[1]]
    new = [block.text for block in blocks(later)[1]]
    found = []
    for before, after in align(old, new):
        if before is None:
            found.append([Part(added=[(" ", new[after])])])
        elif after is None:
            found.append([Part(cut=[(" ", old[before])])])
        elif old[before] == new[after]:
            found.append([Part(kept=[(" ", new[after])])])
        else:
            found.append(compared(old[before], new[after], work))
    return found
