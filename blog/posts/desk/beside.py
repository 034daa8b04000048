"""Sets the sentences of the preview's margin level with what they speak of, by CSS alone.

The text's own HTML stays that of the published page to the byte, so each block that a sentence
stands beside is named by its place in a style sheet of this one page.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

import lxml.html

from .looking import NOTE, Thing
from .source import lines_of_blocks


@dataclass
class Beside:
    """The line of each block of a page, the things beside it in the page's order, and their CSS."""

    lines: list[int] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    style: str = ""


def beside(text, html, things):
    """Return what stands beside an essay's HTML."""
    if not html:
        return Beside(things=things)
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    lines, empty = lines_of_blocks(text, root), empty_notes(root)
    placed = []
    for thing in things:
        block, note = max(1, bisect_right(lines, thing.line)), ""
        if thing.kind == NOTE and empty:
            block, note = empty.pop(0)
        placed.append((block, note, thing))
    placed.sort(key=lambda place: (place[0], not place[1]))
    noted = [number for number, block in enumerate(root, 1) if block.get("class") == "noted"]
    rules = [
        rule
        for number, (block, note, _thing) in enumerate(placed, 1)
        for rule in rules_for(number, block, note, noted)
    ]
    # On narrow pages they stand above the text.
    style = f"@media (width >= 58rem){{{''.join(rules)}}}" if rules else ""
    return Beside(lines, [thing for *_place, thing in placed], style)


def empty_notes(root):
    """Return the notes without words, each as the number of its block and its id."""
    return [
        (number, note.get("id"))
        for number, block in enumerate(root, 1)
        for note in block.iter("aside")
        if note.get("id") and note.text_content().strip().isdecimal()
    ]


def rules_for(number, block, note, noted):
    """Yield the rules that set a sentence beside a note without words, or beside a block.

    `noted` are the numbers of the blocks with notes: the sentence stands below those so far.
    """
    own, above = f"--block-{block}", ""
    if note:
        own = f"--{note}"
        yield f"#{note}{{anchor-name:--note,{own};min-height:4.5em}}"
        yield f".look>:nth-child({number}){{text-indent:1.2em}}"
    else:
        yield f".prose>:nth-child({block}){{anchor-name:{own}}}"
        if before := noted[: bisect_right(noted, block)]:
            last = f"--last-{before[-1]}"
            yield (f".prose>:nth-child({before[-1]})>.note:last-child{{anchor-name:--note,{last}}}")
            above = f";--above:anchor({last} bottom,-9em)"
    yield f".look>:nth-child({number}){{--own:anchor({own} top,0px){above}}}"
