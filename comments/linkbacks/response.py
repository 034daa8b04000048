"""What a fetch brings home: headers, bytes, and the text that a browser would read in them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

import webencodings

# WHATWG HTML, "prescan a byte stream to determine its encoding": so far is looked for a meta.
_PRESCAN = 1024
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_DECLARED = re.compile(
    rb"""<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)"""
    rb"""|\A\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]+)""",
    re.IGNORECASE,
)
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)


class Headers:
    """The header fields of a response, by name in any case; one name can come several times."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields = [(name.lower(), value) for name, value in fields]

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of that name."""
        return next(iter(self.all(name)), default)

    def all(self, name: str) -> list[str]:
        """Return every value of that name, in the order received."""
        return [value for field, value in self._fields if field == name.lower()]


@dataclass(frozen=True)
class Response:
    """The last answer of a fetch.

    `url` is where it came from after redirects, the base for relative addresses in it; `body` the
    decompressed bytes, at most as many as asked for, and `truncated` tells whether there were more.
    """

    url: str
    status: int
    headers: Headers
    body: bytes
    truncated: bool

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" where none is given."""
        return self.headers.get("content-type").partition(";")[0].strip().lower()

    def text(self) -> str:
        """Return the body as text, as the WHATWG Encoding and HTML standards have it.

        The encoding is that of a byte order mark, else of the header, else of a meta element or
        XML declaration, else UTF-8 if that is what the bytes are, else windows-1252. Bytes that
        mean nothing in it become U+FFFD.
        """
        text, _ = webencodings.decode(self.body, self._encoding(), errors="replace")
        return text

    def _encoding(self) -> webencodings.Encoding | str:
        named = _CHARSET.search(self.headers.get("content-type"))
        encoding = webencodings.lookup(named[1]) if named else None
        encoding = encoding or self._declared()
        return encoding or ("utf-8" if self._is_utf_8() else "windows-1252")

    def _declared(self) -> webencodings.Encoding | None:
        """Return the encoding that an HTML page names at its beginning."""
        if self.content_type and "html" not in self.content_type:
            return None
        found = _DECLARED.search(_COMMENT.sub(b"", self.body[:_PRESCAN]))
        label = (found[1] or found[2]).decode("latin-1") if found else ""
        encoding = webencodings.lookup(label)
        # What could be read so far is not UTF-16, whatever it says; the standard has UTF-8 then.
        return webencodings.UTF8 if encoding and encoding.name.startswith("utf-16") else encoding

    def _is_utf_8(self) -> bool:
        try:
            # What was cut off may end in the middle of a character.
            codecs.utf_8_decode(self.body, "strict", not self.truncated)
        except UnicodeDecodeError:
            return False
        return True
