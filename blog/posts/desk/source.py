"""The Markdown an author typed: what of it is code, and which line each shown block comes from."""

import re
from bisect import bisect_right
from typing import NamedTuple

from blog.markup.blocks import outline
from blog.markup.tags import code_spans

NOTE_CLASSES = {"note", "anchor", "ref"}
# Letters that are compared of a block and of what was typed for it.
COMPARED = 40
# Characters of the source among which they are found.
READ = 2000
# How far on a block is looked for, past the items of a list before it; and for all blocks together.
FURTHEST, MOST_EFFORT = 400, 200_000
# A picture's title stays, because it is shown.
LINK_TARGET = re.compile(
    r"\]\([^)\s\"]*|\]\[[^][\n]*\]|</?[a-zA-Z][^<>\n]*>|\[\^[^][\n]*\]|\{:? ?\.wide ?\}"
)
WORD = re.compile(r"\w+")


def masked(text):
    """Return the text with a space for each character of code, so that marks in it are none."""
    lines = text.split("\n")
    for block in outline(text):
        if block.type in ("fence", "code_block"):
            for number in range(*block.map):
                lines[number] = " " * len(lines[number])
    return without_spans("\n".join(lines))


def without_spans(text):
    skip, parts, at = code_spans(text), [], 0
    for tick in re.finditer("`", text):
        start = tick.start()
        if start >= at and (end := skip(start)) > start:
            parts += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
            at = end
    return "".join([*parts, text[at:]])


class Lines:
    """Finds the line of a place in a text; both count from 1 and 0, as editors and Python do."""

    def __init__(self, text):
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def number(self, at):
        return bisect_right(self.starts, at)


class Chunk(NamedTuple):
    """A block of the source: the number of its first line, and its first letters."""

    line: int
    letters: str


def chunks(text):
    """Return the outermost blocks of a text, in order, notes left out."""
    lines, found = text.split("\n"), []
    for block in outline(text):
        if not block.level and block.map and block.type != "footnote_reference_open":
            first, end = block.map
            typed = block.content if block.type == "fence" else "\n".join(lines[first:end])
            found.append(Chunk(first + 1, letters_of(LINK_TARGET.sub(" ", typed[:READ]))))
    return found


def paragraphs(text):
    """Yield what stands between blank lines: its number, the number of its first line, its text."""
    parts = re.finditer(r"(?:^.*\S.*(?:\n|$))+", text, re.MULTILINE)
    lines = Lines(text)
    for number, part in enumerate(parts, 1):
        yield number, lines.number(part.start()), part[0]


def letters_of(text):
    letters = ""
    for word in WORD.finditer(text):
        letters += word[0].casefold().replace("_", "")
        if len(letters) >= COMPARED:
            break
    return letters[:COMPARED]


def lines_of_blocks(text, root):
    """Return for each block of an essay's HTML, parsed, the number of the line it was typed on.

    They are found by their first letters, in order. One that is not found has the line that follows
    the block before.
    """
    typed, place, found, effort = chunks(text), 0, [], MOST_EFFORT
    for block in root:
        letters = letters_of(words_in(block))
        end = min(len(typed), place + FURTHEST, place + effort)
        at = next((at for at in range(place, end) if alike(letters, typed[at].letters)), None)
        effort -= (end if at is None else at) - place
        place = place if at is None else at + 1
        found.append(typed[min(place if at is None else at, len(typed) - 1)].line if typed else 1)
    return found


def alike(shown, typed):
    """Whether these are the same first letters, or nearly: Markdown may have taken some away."""
    least = min(len(shown), len(typed))
    return shown == typed if least < 12 else shown[:least] == typed[:least]


def words_in(block):
    """Return the words of a block of our own HTML, without notes and the marks of notes."""
    texts = []

    def read(element):
        if NOTE_CLASSES & {*element.get("class", "").split()}:
            return
        if element.tag == "img":
            texts.append(element.get("alt", ""))
        texts.append(element.text or "")
        for child in element:
            read(child)
            texts.append(child.tail or "")

    read(block)
    return " ".join(texts)
