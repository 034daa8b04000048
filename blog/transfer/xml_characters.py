"""A file of XML without the characters that XML does not have, which some programs write anyway.

WordPress puts a text into CDATA as its database has it, and one control character in it makes the
whole export unreadable. They mean nothing, so they are left out, and counted by their lines.
"""

from __future__ import annotations

import re
from typing import IO

# Lines that are named; further ones are counted.
MOST_LINES = 1000
_CONTROL = rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
# In UTF-8: halves of surrogate pairs, U+FFFE and U+FFFF.
_OTHER = rb"|\xed[\xa0-\xbf][\x80-\xbf]|\xef\xbf[\xbe\xbf]"
_REFERENCE = rb"|&#(?:[0-9]{1,7}|x[0-9A-Fa-f]{1,6});"
_PARTS = re.compile(_CONTROL + _REFERENCE)
_PARTS_UTF_8 = re.compile(_CONTROL + _OTHER + _REFERENCE)
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)
# Bytes read at once, and those at the end of a piece that can be a part of something longer.
_AT_ONCE, _HELD = 1 << 16, 16
_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Readable:
    """A file open for reading, as lxml reads it; `lines` says what was left out of which line."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.lines: dict[int, list[str]] = {}
        self.more = 0
        self._line = 1
        self._held = b""
        self._in_cdata = False
        head = file.read(1024)
        file.seek(0)
        self._as_it_is = head.startswith(_BOMS) or b"\0<" in head[:8] or b"<\0" in head[:8]
        said = _ENCODING.search(head)
        is_utf_8 = not said or said[1].lower() in {b"utf-8", b"utf8"}
        self._parts = _PARTS_UTF_8 if is_utf_8 else _PARTS

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; none only at the end."""
        if self._as_it_is:
            return self.file.read(size)
        while True:
            piece = self.file.read(max(size, _AT_ONCE))
            text = self._held + piece
            at_end = not piece
            cut = len(text) if at_end else self._cut(text)
            self._held = text[cut:]
            clean = self._cleaned(text[:cut])
            if clean or at_end:
                return clean

    def _cut(self, text: bytes) -> int:
        """Return where a piece ends, so that nothing that is looked for is cut apart."""
        at = max(0, len(text) - _HELD)
        starts = [text.find(start, at) for start in (b"&", b"<", b"]", b"\xed", b"\xef")]
        return min([start for start in starts if start >= 0], default=len(text))

    def _cleaned(self, text: bytes) -> bytes:
        done, at, seen = [], 0, 0
        for found in self._parts.finditer(text):
            self._read_marks(text, seen, found.start())
            seen = found.start()
            if name := self._unwanted(found[0]):
                self._line += text.count(b"\n", at, found.start())
                self._note(name)
                done.append(text[at : found.start()])
                at = found.end()
        self._read_marks(text, seen, len(text))
        self._line += text.count(b"\n", at)
        return b"".join([*done, text[at:]]) if done else text

    def _read_marks(self, text: bytes, start: int, end: int) -> None:
        """Follow whether the text is within CDATA, where a reference is none."""
        opens, closes = text.rfind(_CDATA, start, end), text.rfind(_CDATA_END, start, end)
        if opens != closes:
            self._in_cdata = opens > closes

    def _unwanted(self, found: bytes) -> str:
        """Return the name of a character that XML does not have; "" for one it has."""
        if not found.startswith(b"&"):
            code = found[0] if len(found) == 1 else ord(found.decode("utf-8", "surrogatepass"))
            return f"U+{code:04X}"
        if self._in_cdata:
            return ""
        digits = found[2:-1]
        code = int(digits[1:], 16) if digits[:1] == b"x" else int(digits)
        fine = code in {0x9, 0xA, 0xD} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
        return "" if fine or 0x10000 <= code < 0x110000 else f"U+{code:04X}"

    def _note(self, name: str) -> None:
        if self._line in self.lines or len(self.lines) < MOST_LINES:
            names = self.lines.setdefault(self._line, [])
            if len(names) < 8:
                names.append(name)
        else:
            self.more += 1
