"""The Markdown an author typed: what of it is code, and which line each shown block comes from."""

import re
from bisect import bisect_right
from typing import NamedTuple

from blog.markup.tags import code_spans

FENCE = re.compile(r" *(?P<fence>`{3,}|~{3,})(?P<rest>[^`]*)$")
# What keeps the lines that are indented under it from being code.
HOLDER = re.compile(r" *(?:[-*+]|\d+\.|:)(?: |$)|\[\^[^\]]+\]:")
# Lines that readers do not see where they stand: notes, abbreviations and addresses of links.
APART = re.compile(r" {0,3}(?:\[\^[^\]]+\]:|\*\[[^\]]+\]:|\[[^\]]+\]: *\S)")
HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
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
    lines, fence, held, after_blank = [], "", False, True
    for line in text.split("\n"):
        found = FENCE.match(line)
        if fence:
            if found and not found["rest"].strip() and found["fence"].startswith(fence):
                fence = ""
            line = " " * len(line)
        elif found:
            fence, line = found["fence"], " " * len(line)
        elif line.strip():
            if HOLDER.match(line) or not line.startswith(" "):
                held = HOLDER.match(line) is not None
            elif line.startswith("    ") and after_blank and not held:
                lines.append(" " * len(line))
                continue
        after_blank = not line.strip()
        lines.append(line)
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
    """Lines of the source that stand together: the number of the first, and the first letters."""

    line: int
    letters: str


def chunks(text):
    """Return what the text is made of, between blank lines and headings, notes left out."""
    found, lines, first, fence, apart = [], [], 0, "", False

    def end():
        if lines:
            found.append(Chunk(first, letters_of(LINK_TARGET.sub(" ", "\n".join(lines)[:READ]))))
            lines.clear()

    for number, line in enumerate(text.split("\n"), 1):
        mark = FENCE.match(line)
        if fence:
            if mark and not mark["rest"].strip() and mark["fence"].startswith(fence):
                fence = ""
                end()
            else:
                lines.append(line)
            continue
        if mark:
            end()
            fence, first = mark["fence"], number
            lines.append("")
            continue
        if not line.strip():
            end()
        elif APART.match(line) or (apart and line.startswith("    ")):
            end()
            apart = True
            continue
        else:
            apart = False
            if HEADING.match(line):
                end()
            first = first if lines else number
            lines.append(line)
            if HEADING.match(line):
                end()
    end()
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
