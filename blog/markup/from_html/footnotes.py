"""Footnotes of WordPress as notes in the margin: `[^1]` in the text, and what it says below.

A reference is a word of no meaning while the text becomes Markdown, and a note after that.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_REFERENCE = re.compile(
    r"""<sup\b[^<>]*?\bdata-fn\s?=\s?["']([^"'<>]{1,100})["'][^<>]*>""", re.IGNORECASE
)
_END = re.compile(r"</sup\s*>", re.IGNORECASE)
# Of plugins: the note stands where it is referred to.
_SHORTCODES = ("efn_note", "footnote", "mfn", "fn", "ref")
_OPENING = re.compile(rf"\[({'|'.join(_SHORTCODES)})\]", re.IGNORECASE)
_BLOCK = re.compile(r"<!-- wp:footnotes\b[^<>]*?/?-->")


class Notes:
    """The notes of one text: `source` has signs in their places."""

    def __init__(self, source: str, known: dict[str, str], *, shortcodes: bool = True) -> None:
        self.sign = "xnotex"
        while self.sign in source:
            self.sign = f"x{self.sign}x"
        self.contents: list[str] = []
        self.numbers: dict[str, int] = {}
        source = self._with_ids(source, known) if known else source
        self.source = self._with_shortcodes(source) if shortcodes else source
        self.unused = [known[id] for id in known if id not in self.numbers]

    def _with_ids(self, source: str, known: dict[str, str]) -> str:
        done: list[str] = []
        at = 0
        while found := _REFERENCE.search(source, at):
            end = _END.search(source, found.end())
            if end is None:
                break
            id = found[1]
            if id in known:
                if id not in self.numbers:
                    self.contents.append(known[id])
                    self.numbers[id] = len(self.contents)
                done += [source[at : found.start()], self._word(self.numbers[id])]
            else:
                done.append(source[at : end.end()])
            at = end.end()
        return _BLOCK.sub("", "".join([*done, source[at:]]))

    def _with_shortcodes(self, source: str) -> str:
        done: list[str] = []
        at = 0
        while found := _OPENING.search(source, at):
            closing = f"[/{found[1]}]"
            end = source.find(closing, found.end())
            words = source[found.end() : end]
            if end < 0:
                break
            if not words.strip() or _OPENING.search(words):
                done.append(source[at : found.end()])
                at = found.end()
                continue
            self.contents.append(words)
            done += [source[at : found.start()].rstrip(" "), self._word(len(self.contents))]
            at = end + len(closing)
        return "".join([*done, source[at:]])

    def _word(self, number: int) -> str:
        return f"{self.sign}{number}x"

    def written(
        self, markdown: str, to_markdown: Callable[[str], str], shows: Callable[[str], str]
    ) -> str:
        """Return the text with its notes; those that cannot stand in the margin follow it."""
        notes = [to_markdown(content) for content in self.contents]
        markdown = "\n\n".join([markdown, *map(to_markdown, self.unused)])
        text = self._with_notes(markdown, notes, set())
        if not notes:
            return text
        shown = shows(text)
        plain = {number for number in range(1, len(notes) + 1) if f"[^{number}]" in shown}
        return self._with_notes(markdown, notes, plain) if plain else text

    def _with_notes(self, markdown: str, notes: list[str], plain: set[int]) -> str:
        def reference(found: re.Match[str]) -> str:
            number = int(found[1])
            return f"<sup>{number}</sup>" if number in plain else f"[^{number}]"

        text = re.sub(rf"{self.sign}(\d{{1,6}})x", reference, markdown)
        parts = [text]
        for number, note in enumerate(notes, 1):
            if number in plain:
                parts.append(f"<sup>{number}</sup> {note}")
            else:
                parts.append(f"[^{number}]: " + note.strip().replace("\n", "\n    "))
        return "\n\n".join(parts)
