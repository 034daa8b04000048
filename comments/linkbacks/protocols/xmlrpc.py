"""Reads the small subset of XML that XML-RPC needs, into a small tree.

It uses expat's events, so reading stops at a document type before any entity is defined. lxml
would read the whole declaration first, and its depth limit cannot be set below 256.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

import webencodings

MAX_BYTES = 64 * 1024  # room for two addresses of 2,000 characters, even all as &#x1F600;
MAX_DEPTH = 20  # a call needs 5, a fault 8

# XML-RPC ("Header requirements") asks for text/xml, so a browser's form cannot send a call;
# application/xml means the same (RFC 7303 9.2).
TYPES = frozenset({"text/xml", "application/xml"})

_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16le", b"\xfe\xff": "utf-16be"}
# XML 1.0 appendix F: how a declaration begins in UTF-16 without a byte order mark.
_STARTS = {b"<\x00": "utf-16le", b"\x00<": "utf-16be"}
_DECLARED = re.compile(
    rb"""\A\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']"""
)
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NotXML(Exception):
    """The bytes are not an XML document that is accepted here."""


@dataclass
class Element:
    """One element; `text` is all the text directly in it."""

    tag: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def find(self, *path: str) -> Element | None:
        """Return the first element along the path of tags, or None."""
        found = self
        for tag in path:
            child = next((child for child in found.children if child.tag == tag), None)
            if child is None:
                return None
            found = child
        return found


def media_type(content_type: str) -> str:
    """Return the bare type that a Content-Type header gives, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def parse(body: bytes, content_type: str) -> Element:
    """Return the root element of a document.

    Raises NotXML for what is not well-formed, declares a document type, is longer than MAX_BYTES
    or deeper than MAX_DEPTH, or is not in a known encoding.
    """
    if len(body) > MAX_BYTES:
        raise NotXML("too long")
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top = Element("")
    open_elements = [top]

    def start(tag: str, _attributes: dict[str, str]) -> None:
        if len(open_elements) > MAX_DEPTH:
            raise NotXML("too deep")
        element = Element(tag)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def end(_tag: str) -> None:
        open_elements.pop()

    def data(text: str) -> None:
        open_elements[-1].text += text

    def doctype(*_declaration: object) -> None:
        raise NotXML("a document type")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(_decode(body, content_type), True)
    except (expat.ExpatError, UnicodeError) as error:
        raise NotXML(str(error)) from error
    return top.children[0]


def text(words: str) -> str:
    """Return words escaped as the text of an element, without characters that XML forbids."""
    return _NOT_XML.sub("", words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _decode(body: bytes, content_type: str) -> str:
    """Return the document as text. RFC 7303 3: byte order mark, then header, then declaration."""
    charset, declared = _CHARSET.search(content_type), _DECLARED.match(body)
    by_mark = next((name for mark, name in _BOMS.items() if body.startswith(mark)), None)
    by_start = next((name for start, name in _STARTS.items() if body.startswith(start)), None)
    label = by_mark or (charset and charset[1]) or by_start
    label = label or (declared and declared[1].decode("ascii")) or "utf-8"
    # Only encodings that browsers know: some of Python's own decompress or unescape.
    encoding = webencodings.lookup(label)
    if encoding is None:
        raise NotXML("an unknown encoding")
    words: str = encoding.codec_info.decode(body, "strict")[0]
    return words.removeprefix("\ufeff")
