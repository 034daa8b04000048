"""The answer of a fetch: its headers, its bytes, and its text as a browser would decode it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

import webencodings

# Browsers look for a meta element in the first 1,024 bytes; if the parser finds one later, they
# read the page again with its encoding (WHATWG HTML, "changing the encoding while parsing"). Meta
# elements in comments and in these elements do not count. Each part of a pattern is bounded,
# because otherwise a page of only `<meta ` would take minutes.
_NO_MARKUP = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|title|textarea|xmp|noscript)\b.*?(?:</\1\b|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_META = re.compile(rb"<meta[\s/]([^>]{0,1000})", re.IGNORECASE)
_CHARSET_OF_META = re.compile(
    rb"""charset\s{0,9}=\s{0,9}["']?\s{0,9}([^\s"'/>;]+)""", re.IGNORECASE
)
_XML = re.compile(
    rb"""\s{0,99}<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([^"'>]+)""", re.IGNORECASE
)
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)


class Headers:
    """The header fields of a response, by name in any case; a name can occur several times."""

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

    `url` is its address after redirects, to which relative addresses in it refer; `body` the
    decompressed bytes up to the limit, and `truncated` says whether there were more.
    """

    url: str
    status: int
    headers: Headers
    body: bytes
    truncated: bool

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" if there is none."""
        return self.headers.get("content-type").partition(";")[0].strip().lower()

    def text(self) -> str:
        """Return the body as text, by the WHATWG Encoding and HTML standards.

        The encoding is that of a byte order mark, else of the header, else of a meta element or
        XML declaration, else UTF-8 if the bytes are valid UTF-8, else windows-1252. Invalid bytes
        become U+FFFD.
        """
        text, _ = webencodings.decode(self.body, self._encoding(), errors="replace")
        return text

    def _encoding(self) -> webencodings.Encoding | str:
        named = _CHARSET.search(self.headers.get("content-type"))
        encoding = webencodings.lookup(named[1]) if named else None
        encoding = encoding or self._declared()
        return encoding or ("utf-8" if self._is_utf_8() else "windows-1252")

    def _declared(self) -> webencodings.Encoding | None:
        """Return the encoding that an HTML page names in its text."""
        if self.content_type and "html" not in self.content_type:
            return None
        if found := _XML.match(self.body):
            return _named(found[1])
        for meta in _META.finditer(_NO_MARKUP.sub(b"", self.body)):
            if (found := _CHARSET_OF_META.search(meta[1])) and (encoding := _named(found[1])):
                return encoding
        return None

    def _is_utf_8(self) -> bool:
        try:
            # A truncated body may end in the middle of a character.
            codecs.utf_8_decode(self.body, "strict", not self.truncated)
        except UnicodeDecodeError:
            return False
        return True


def _named(label: bytes) -> webencodings.Encoding | None:
    """Return the encoding of a name that was found in the page's own bytes."""
    encoding = webencodings.lookup(label.decode("latin-1"))
    # The name was read as ASCII, so the page cannot be UTF-16; the standard then says UTF-8.
    return webencodings.UTF8 if encoding and encoding.name.startswith("utf-16") else encoding
