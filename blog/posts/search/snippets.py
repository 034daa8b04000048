"""The words around a match, with the matches marked, cut at the ends of words.

Made here and not by the database, so that both show the same, and only of what a page shows.
"""

from django.utils.html import escape
from django.utils.safestring import mark_safe

from blog.lib.folding import RUNS, fold, fold_word, folded_with_places
from blog.lib.stems import stem
from blog.markup.direction import turns

# Characters that are shown, and how many of them before the match; of Chinese, Japanese and the
# like, whose signs are wide, half as many.
LENGTH, BEFORE = 190, 60
# Characters of a text in which matches are looked for.
LOOKED_AT = 20_000
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
        # What a block has to hold of each so that it is worth a look.
        self.hints = {*self.words, *self.beginnings, *self.signs}
        self.hints |= {root[:-1] if len(root) > 3 else root for root in self.roots}

    def hints_in(self, block):
        """Return how many of the words may be in a block."""
        folded = fold(block)
        return sum(hint in folded for hint in self.hints)

    def places_in(self, block):
        """Return the starts and ends of what matches in a block."""
        found = []
        for run in RUNS.finditer(block):
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
    number = best_block(blocks, marks)
    shown, left = [], LENGTH
    for block in blocks[number:]:
        spans = marks.places_in(block[: LENGTH * 20])
        length = left // 2 if is_wide(block) else left
        start, end = window(block, spans, length, is_first=not shown)
        html = marked(block, spans, start, end)
        shown.append(f"<bdi>{html}</bdi>" if turns(block) else html)
        left -= end - start
        if end < len(block) or left < LENGTH // 4:
            break
    return mark_safe(BETWEEN.join(shown))  # noqa: S308  each part is escaped


def best_block(blocks, marks):
    """Return the number of the first block with the most of what was looked for."""
    best, most = 0, 0
    for number, block in enumerate(blocks):
        if (count := marks.hints_in(block)) > most and marks.places_in(block):
            best, most = number, count
            if most == len(marks.hints):
                break
    return best


def is_wide(block):
    """Whether most of a block's signs are as wide as two letters."""
    start = block[:80]
    return not start.isascii() and 2 * sum(char >= "\u2e80" for char in start) > len(start)


def window(block, spans, length, *, is_first):
    """Return where the part of a block starts and ends that is shown."""
    if len(block) <= length:
        return 0, len(block)
    first = spans[0][0] if spans and is_first else 0
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


def marked(block, spans, start, end):
    """Return a part of a block as HTML with its matches in `<mark>`, and signs where it is cut."""
    html, at = "…" if start else "", start
    for first, last in spans:
        if first >= start and last <= end:
            html += f"{escape(block[at:first])}<mark>{escape(block[first:last])}</mark>"
            at = last
    return html + escape(block[at:end]) + ("…" if end < len(block) else "")
