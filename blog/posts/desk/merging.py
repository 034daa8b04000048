"""Puts two texts together that were written from the same one, and drops nothing.

Paragraph by paragraph: what one of them changed is taken; where both changed the same paragraph,
both stay, unless a person chooses. Pure functions; the page that asks is in collision.py.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2s

from blog.posts.models import Text

from .blocks import Block, align, blocks

MINE, THEIRS, BOTH = "mine", "theirs", "both"
LINES = ("title", "standfirst", "slug", "lang")


class Kind(StrEnum):
    """Who changed a paragraph or a line of the details."""

    SAME = "same"
    AGREED = "agreed"  # both, and in the same way
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True)
class Row:
    """One paragraph as it was, and as it is in each text; None where it is not in it."""

    kind: Kind
    base: Block | None
    mine: Block | None
    theirs: Block | None

    @property
    def default(self):
        """The choice that loses nothing: one changed, that change; both changed, both."""
        return {Kind.THEIRS: THEIRS, Kind.BOTH: BOTH}.get(self.kind, MINE)

    def chosen(self, choice):
        """Return the blocks of a choice: none, one, or two."""
        if choice not in (MINE, THEIRS, BOTH):
            choice = self.default
        wanted = []
        if choice in (MINE, BOTH) and self.mine:
            wanted.append(self._spaced(self.mine))
        alone = not wanted or self.kind == Kind.BOTH
        if choice in (THEIRS, BOTH) and self.theirs and alone:
            wanted.append(self._spaced(self.theirs))
        return wanted

    def _spaced(self, block):
        """Return a block with the blank lines after it that one of them changed, if one did."""
        if self.mine is None or self.theirs is None:
            return block
        was = self.base.gap if self.base else None
        return block._replace(gap=one_of(was, self.mine.gap, self.theirs.gap))


def one_of(was, mine, theirs):
    """Return the changed one of two values; mine where both are."""
    return theirs if mine == was else mine


def kind_of(was, mine, theirs, *, known=True):
    """Return who changed a value. Not `known`: what it was before, so both may have."""
    if mine == theirs:
        return Kind.SAME if not known or mine == was else Kind.AGREED
    if known and mine == was:
        return Kind.THEIRS
    if known and theirs == was:
        return Kind.MINE
    return Kind.BOTH


# --- The text -------------------------------------------------------------------------------


def rows(base, mine, theirs):
    """Return the paragraphs of two texts in one order; `base` is None where it is not known."""
    _, of_mine = blocks(mine)
    _, of_theirs = blocks(theirs)
    if base is None:
        return [*_beside(of_mine, of_theirs)]
    _, of_base = blocks(base)
    changed, added = _from(of_base, of_mine)
    changed_too, added_too = _from(of_base, of_theirs)
    found = []
    for at in range(len(of_base) + 1):
        found += _beside(added[at], added_too[at])
        if at < len(of_base):
            found.append(_row(of_base[at], changed[at], changed_too[at]))
    return found


def together(base, mine, theirs, found, choices=()):
    """Return the text that the rows make. `choices` are by the row's number; others go by default.

    Where nobody chooses and one of them changed nothing, it is the other's text as it stands.
    """
    leads = [None if text is None else blocks(text)[0] for text in (base, mine, theirs)]
    chosen = dict(choices)
    taken = [block for at, row in enumerate(found) for block in row.chosen(chosen.get(at))]
    written = [one_of(*leads)]
    for at, block in enumerate(taken):
        is_last = at == len(taken) - 1
        apart = is_last or block.gap.count("\n") > 1
        written += [block.text, block.gap if apart else "\n\n"]
    return "".join(written)


def _row(base, mine, theirs):
    kind = kind_of(*(block and block.text for block in (base, mine, theirs)))
    return Row(kind, base, mine, theirs)


def _from(base, later):
    """Return for each block of the base what became of it, and what was added before each."""
    changed, added = [None] * len(base), [[] for _ in range(len(base) + 1)]
    passed = 0
    for old, new in align([block.text for block in base], [block.text for block in later]):
        if old is None:
            added[passed].append(later[new])
            continue
        passed = old + 1
        changed[old] = None if new is None else later[new]
    return changed, added


def _beside(mine, theirs):
    """Return rows for blocks of which no earlier state is known, or that both added here."""
    for one, other in align([block.text for block in mine], [block.text for block in theirs]):
        if one is None:
            yield Row(Kind.THEIRS, None, None, theirs[other])
        elif other is None:
            yield Row(Kind.MINE, None, mine[one], None)
        else:
            same = mine[one].text == theirs[other].text
            yield Row(Kind.SAME if same else Kind.BOTH, None, mine[one], theirs[other])


# --- All that an author writes --------------------------------------------------------------


def tags(base, mine, theirs):
    """Return the tags of both, without those that one of them took away."""
    was = {name.casefold() for name in base or ()}
    has = [{name.casefold() for name in names} for names in (mine, theirs)]
    kept = {}
    for name in (*mine, *theirs):
        key = name.casefold()
        if key not in was or all(key in names for names in has):
            kept.setdefault(key, name)
    return tuple(kept.values())


@dataclass
class Merge:
    """Two Texts that are to become one. `base` is the Text both came from, or None."""

    base: Text | None
    mine: Text
    theirs: Text
    rows: list[Row] = field(init=False)
    lines: dict[str, Kind] = field(init=False)

    def __post_init__(self):
        base = self.base
        self.rows = rows(base and base.body, self.mine.body, self.theirs.body)
        self.lines = {name: self._kind(name) for name in LINES}

    @property
    def keys(self):
        """Return a name for each row that follows from what is in it, and not from its place."""
        found, seen = [], Counter()
        for row in self.rows:
            parts = [block.text if block else "\0" for block in (row.base, row.mine, row.theirs)]
            name = blake2s("\0\0".join(parts).encode(), digest_size=8).hexdigest()
            seen[name] += 1
            found.append(f"{name}{seen[name]}")
        return found

    @property
    def tags(self):
        return tags(self.base and self.base.tags, self.mine.tags, self.theirs.tags)

    def text(self, choices=()):
        """Return the Text of these choices, by the name of a line or the number of a row."""
        chosen = dict(choices)
        line = {name: self._line(name, chosen.get(name)) for name in LINES}
        was = self.base and self.base.body
        body = together(was, self.mine.body, self.theirs.body, self.rows, chosen)
        return Text.cleaned(body=body, tags=self.tags, **line)

    def _kind(self, name):
        was = self.base and getattr(self.base, name)
        return kind_of(
            was, getattr(self.mine, name), getattr(self.theirs, name), known=self.base is not None
        )

    def _line(self, name, choice):
        """Return a line of the details: the changed one, or mine where both changed it."""
        if choice not in (MINE, THEIRS):
            choice = THEIRS if self.lines[name] == Kind.THEIRS else MINE
        return getattr(self.mine if choice == MINE else self.theirs, name)
