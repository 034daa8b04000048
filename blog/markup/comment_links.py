"""Addresses in comments: which make a link, and where one in running text begins and ends."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from blog.lib.counting import HAN, KANA, UNSPACED

from .gates import COMMENT_REL, keeps_address

# Brackets are no host's, entities are decoded by then, and what is encoded later is none either.
_ADDRESS = re.compile(
    r"""https?://[^\s/?#\\\[\]&<>^`{|}"%]+(?:[/?#]\S*)?|mailto:[^\s/\[\]]+""", re.IGNORECASE
)
# Hosts of this form are kept for certain, so that most addresses need no parsing.
_USUAL = re.compile(
    r"https?://(?!(?:[^/?#]*\.)?xn--)(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{1,4})?(?:[/?#]|$)"
)
# Without a scheme: `www.…`, a host of a usual kind, or one with a path. The first look tells in one
# go that no name begins here, as in `--a--a`.
_NAME = r"(?=[a-z0-9][a-z0-9-]{0,62}+\.)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}"
_DOMAINS = (
    "com|org|edu|gov|net|info|io|dev|app|eu|de|fr|uk|nl|jp|ru|cn|ch|at|au|be|br|ca|cz|dk|es|fi|gr|hu"
    "|ie|it|kr|nz|pl|pt|se|tr|tw|ua|us|ar|bg|blog|cl|club|co|ee|fm|gg|hr|il|ir|link|lt|lu|lv|ly|me|mx"
    "|news|online|pe|ph|pub|ro|sg|shop|si|site|sk|social|store|tech|th|tv|vn|wiki|xyz|za"
)
# Names in other letters begin a word. Letters of scripts with spaces and without do not mix in one,
# or the sentence before `example.org` would belong to it.
_UNSPACED = HAN + KANA + UNSPACED
_LETTER = (
    "0-9a-zA-Z\u00c0-\u00d6\u00d8-\u02af\u0300-\u036f\u0370-\u0377\u037f-\u0386\u0388-\u0556\u0561-\u0587\u0591-\u05bd"
    "\u05d0-\u05ea\u0610-\u061a\u0620-\u0669\u066e-\u06d3\u06d5-\u06ff\u0900-\u0963\u0966-\u0df3"
    "\u10a0-\u10ff\u1c80-\u1cba\u1cbd-\u1cbf\u1e00-\u1fff\u2126\u212a\u212b\u2d00-\u2d2d\uac00-\ud7a3"
)
# `-i`: these are large and hold both cases. To look up the other of each takes 0.1 s at the start.
_LABEL = f"(?-i:[{_LETTER}][{_LETTER}-]{{0,62}}+|[{_UNSPACED}0-9-]{{1,63}}+)"
_OTHER_NAME = (
    rf"(?<!(?-i:[\w{_LETTER}{_UNSPACED}-]))(?=[a-z0-9.-]{{0,100}}+[^\x00-\x7f])"
    rf"(?:{_LABEL}\.){{1,8}}"
)
# Domains in scripts of their own, of iana.org/domains/root/db.
_OTHER_DOMAINS = (
    "рф|укр|бел|бг|срб|мкд|мон|қаз|рус|сайт|онлайн|орг|москва|дети|ею|ελ|ευ|հայ|გე|ישראל"
    "|السعودية|امارات|مصر|المغرب|الجزائر|تونس|قطر|عمان|الاردن|فلسطين|سورية|ایران|پاکستان|بھارت"
    "|भारत|ভারত|বাংলা|ਭਾਰਤ|ભારત|இந்தியா|இலங்கை|భారత్|ලංකා|ไทย|ລາວ"
    "|中国|中國|台湾|台灣|香港|澳門|新加坡|公司|网络|网址|在线|みんな|コム|한국|닷컴|닷넷"
)
_BARE = (
    rf"www\.(?=[^\W_])|{_NAME}(?:com|org|edu|gov)(?![a-z0-9_@-]|\.[^\W_])"
    rf"|{_NAME}(?:{_DOMAINS})(?::\d{{1,5}})?/"
    rf"|{_OTHER_NAME}(?:(?:com|org|edu|gov|{_OTHER_DOMAINS})(?!(?-i:[{_LETTER}\w@-])|\.[^\W_])"
    rf"|(?:{_DOMAINS}|{_OTHER_DOMAINS})(?::\d{{1,5}})?/)"
)
# After a letter of a script without spaces an address may begin, after a Latin one it may not.
_START = r"(?<![a-zA-Z0-9\u00c0-\u024f@])(?<![a-zA-Z0-9]_)"
_NEVER = (
    r"""\s<>"“”«»„‘‚、。，；：！？「」『』【】《》〈〉｢｣｡､〔〕＜＞～،؛؟→•|"""
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
)
# Not within another address or a path.
_NO_PART = r"(?<![.\\])(?<!//)(?<!\w-)(?:(?=www)|(?<![\w.]/))"
# Longer ones are text: many in a row would each be read to their end.
_LONGEST = 2000
_NEXT = r"(?!,https?://)"
BARE = (
    rf"{_START}(?:https?://(?=[^\s/])|{_NO_PART}(?={_BARE}))(?:{_NEXT}[^{_NEVER}]){{1,{_LONGEST}}}+"
)
BARE_ADDRESS = re.compile(BARE, re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(_BARE, re.IGNORECASE)
MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]++@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_HAS_SCHEME = re.compile("https?://|mailto:", re.IGNORECASE)
# A host in Latin letters, with letters of another script right behind it.
_END_OF_HOST = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{1,5})?(?=[^\x00-\x7f.])", re.IGNORECASE
)
_END_OF_OTHER_HOST = re.compile(
    rf"(?:https?://)?(?:{_LABEL}\.)+(?:com|org|edu|gov|{_OTHER_DOMAINS})(?!(?-i:[{_LETTER}\w@/?#:-])|\.[^\W_])",
    re.IGNORECASE,
)
# A host that ends at a sign that none has.
_HOST = re.compile(
    r"(?:https?://)?[^/?#|^`{}\\&*=+$;'!,()\[\]~（）［］｛｝]*+(?![/?#])", re.IGNORECASE
)
_ENDS = _END_OF_HOST, _END_OF_OTHER_HOST, _HOST
_OPENING = "([{（［｛"
_PAIRS = dict(zip(")]}）］｝", _OPENING, strict=True))
_SIGNS_AFTER = ".,;:!?'\"*_~^|`\\"
# Signs of other scripts, which end a sentence or a quotation, but end no address.
_KINDS_AFTER = frozenset({"Po", "Pf", "Pi", "Pd", "Ps"})


def may_link(address: str) -> bool:
    """Return whether a link of a comment with this address still has it in the end."""
    if not _ADDRESS.fullmatch(address):
        return False
    return _USUAL.match(address) is not None or keeps_address(address)


def whole_address(typed: str) -> str:
    """Return an address with its scheme, as it may stand in a link; "" if it may not."""
    typed = typed.strip()
    if scheme := _HAS_SCHEME.match(typed):
        typed = scheme[0].lower() + typed[scheme.end() :]
    elif _WITHOUT_SCHEME.match(typed):
        typed = f"https://{typed}"
    return typed if may_link(typed) else ""


def settled(address: str) -> str:
    """Escape characters in an address that browsers accept but the URL standard does not allow."""
    address = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", address)
    return re.sub(r"[\s\"<>\\^`{|}]", lambda c: quote(c[0]), address)


def opening_tag(address: str) -> str:
    return f'<a href="{escape(settled(address), quote=True)}" rel="{COMMENT_REL}">'


class Found(NamedTuple):
    """A part of the text that is an address, and what it leads to."""

    typed: str
    href: str


def bare_address(text: str, before: str = "") -> Found | None:
    """Return the address that a text begins with, without the punctuation after it.

    `before` is the character in front of it: what that opens is closed after the address.
    """
    if len(text) >= _LONGEST:
        return None
    if host := next(filter(None, (end.match(text) for end in _ENDS)), None):
        text = host[0]
    end, open_ones = len(text), Counter[str]()
    trailing = len(text.rstrip(_SIGNS_AFTER + ")]}"))
    for place, char in enumerate(text):
        if char in _OPENING:
            open_ones[char] += 1
        elif char in _PAIRS:
            if open_ones[_PAIRS[char]]:
                open_ones[_PAIRS[char]] -= 1
            elif place >= trailing or not char.isascii() or before == _PAIRS[char]:
                end = place
                break
    while end and (text[end - 1] in _SIGNS_AFTER or _ends_sentence(text[end - 1])):
        end -= 1
    href = whole_address(text[:end])
    return Found(text[:end], href) if href else None


def _ends_sentence(char: str) -> bool:
    if char.isascii():
        return char in "([{"
    return unicodedata.category(char) in _KINDS_AFTER
