"""The words around a match, with the matches marked, cut at the ends of words.

Made here and not by the database, so that both show the same, and only of what a page shows.
"""

import itertools
import re

from django.utils.html import escape
from django.utils.safestring import mark_safe

from blog.lib.folding import LONGEST, fold, fold_word, folded_with_places, is_plain, runs_in
from blog.lib.stems import stem
from blog.markup.direction import turns

# Characters that are shown, and how many of them before the match; of Chinese, Japanese and the
# like, whose signs are wide, half as many.
LENGTH, BEFORE = 190, 60
# Characters of a text in which matches are looked for.
LOOKED_AT = 20_000
# Places of a block that are looked at, where what begins like a match is none.
LOOKS = 20
# Between blocks, such as a heading and its text.
BETWEEN = " · "


class Marks:
    """Finds in a text what a query looked for."""

    def __init__(self, query):
        further = query.typed_further or query
        self.words, self.roots, self.beginnings, self.signs = set(), set(), (), ()
        for term in further.terms:
            for number, (run, is_paired) in enumerate(term.runs, 1):
                if is_paired:
                    self.signs += (run,)
                elif term.is_open and number == len(term.runs):
                    self.beginnings += (run,)
                    self.roots |= {stem(run)} if term.has_forms else set()
                elif term.has_forms:
                    self.roots.add(stem(run))
                else:
                    self.words.add(run)
        # What a folded block has to hold of each so that it is worth a look.
        hints = {*self.words, *self.beginnings, *self.signs}
        hints |= {root[:-1] if len(root) > 3 else root for root in self.roots}
        self.hints = re.compile("|".join(map(re.escape, sorted(hints))) or "(?!)")
        self.hinted = re.compile(rf"(?<![^\W_])(?:{self.hints.pattern})[^\W_]*+")
        self.count = len(hints)

    def first_in(self, block):
        """Return where the first match in a block starts, and how many words may be in it."""
        folded = fold(block)
        hints = self.hints.findall(folded)
        if not hints:
            return None, 0
        count = len({*hints})
        if len(folded) != len(block):
            return next((start for start, _end in self.places_in(block)), None), count
        word = self.hinted.search(folded)
        if word and self.is_meant(word[0]):
            return word.start(), count
        for hint in itertools.islice(self.hints.finditer(folded), LOOKS):
            start = max(0, hint.start() - LONGEST)
            for first, last in self.places_in(block[start : hint.end() + LONGEST]):
                if first <= hint.start() - start < last:
                    return start + first, count
        return None, 0

    def places_in(self, block):
        """Return the starts and ends of what matches in a block."""
        if is_plain(block):
            hinted = self.hinted.finditer(block.lower())
            return [word.span() for word in hinted if self.is_meant(word[0])]
        found = []
        for run in runs_in(block):
            if run[1]:
                found += self.places_of_signs(run[1], run.start())
            elif self.is_meant(fold_word(run[2])):
                found.append(run.span())
        return merged(found)

    def is_meant(self, word):
        return (
            word in self.words
            or word.startswith(self.beginnings)
            or (bool(self.roots) and stem(word) in self.roots)
        )

    def places_of_signs(self, run, start):
        if not self.signs:
            return
        folded, places = folded_with_places(run)
        for signs in self.signs:
            at = folded.find(signs)
            while at >= 0:
                yield start + places[at], start + places[at + len(signs)]
                at = folded.find(signs, at + len(signs))


def merged(found):
    """Return spans in their order, those that meet as one."""
    spans = []
    for start, end in sorted(found):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def snippet(text, marks):
    """Return HTML of what a text says around the first of its best matches; else its start."""
    blocks = [*filter(None, text[:LOOKED_AT].split("\n"))]
    number, first = best_block(blocks, marks)
    shown, left = [], LENGTH
    for block in blocks[number:]:
        start, end = window(block, first, left // 2 if is_wide(block) else left)
        html = marked(block, marks, start, end)
        shown.append(f"<bdi>{html}</bdi>" if turns(block) else html)
        left, first = left - (end - start), 0
        if end < len(block) or left < LENGTH // 4:
            break
    return mark_safe(BETWEEN.join(shown))  # noqa: S308  each part is escaped


def best_block(blocks, marks):
    """Return the number of the first block with the most of what is looked for, and where."""
    best, most = (0, 0), 0
    for number, block in enumerate(blocks):
        first, count = marks.first_in(block)
        if count > most and first is not None:
            best, most = (number, first), count
            if most == marks.count:
                break
    return best


def is_wide(block):
    """Whether most of a block's signs are as wide as two letters."""
    start = block[:80]
    return not start.isascii() and 2 * sum(char >= "\u2e80" for char in start) > len(start)


def window(block, first, length):
    """Return where the part of a block starts and ends that is shown, with the match in it."""
    if len(block) <= length:
        return 0, len(block)
    start = max(0, min(first - BEFORE, len(block) - length))
    if start:
        # At the start of a word, unless words are not set apart.
        space = block.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(block), start + length)
    if end < len(block):
        space = block.rfind(" ", start + length // 2, end + 1)
        end = space if space >= 0 else end
    return start, end


def marked(block, marks, start, end):
    """Return a part of a block as HTML with its matches in `<mark>`, and signs where it is cut."""
    part, html, at = block[start:end], "…" if start else "", 0
    for first, last in marks.places_in(part):
        html += f"{escape(part[at:first])}<mark>{escape(part[first:last])}</mark>"
        at = last
    return html + escape(part[at:]) + ("…" if end < len(block) else "")
