"""Turns unknown tags into text, before the HTML is cleaned.

The cleaners parse HTML as browsers do, so one unknown tag can swallow the rest of a text: `<path>`
starts a drawing, `<textarea>` hides the markup after it, and nh3 drops what it does not expect in a
drawing. So only real tags may reach them. A tag is real if its element is allowed on this site, and
if it is closed where the HTML standard requires that: `cp <source> <dest>` and `if a <b and c> d`
are text. Every other `<` becomes `&lt;`.

The contents of `<script>`, `<style>` and `<template>`, and comments, are left out and counted.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from django.utils.translation import ngettext, pgettext

from blog.lib.counting import counted
from blog.lib.listing import listed

from .gates import MADE_HERE, POST_RULES

EMBEDS = frozenset({"iframe", "video", "audio", "embed", "object", "source"})

# The tag that replaces each element's tag: mostly its own, for some another, for some none. Their
# contents always stay.
_BOXES = (
    "section article main header footer nav address center form fieldset hgroup search dialog"
    " legend noscript"
)
_BARE = (
    "font big blink marquee nobr time data bdo ruby rt rp rb rtc label picture map"
    " track param col colgroup"
)
KNOWN: Mapping[str, str] = {
    **dict.fromkeys(_BOXES.split(), "div"),
    **dict.fromkeys(_BARE.split(), ""),
    **{name: name for name in POST_RULES.tags - MADE_HERE | EMBEDS | {"h1"}},
    "acronym": "abbr",
    "dir": "ul",
    "menu": "ul",
    "strike": "del",
    "s": "del",
    "tt": "code",
}
# These are left out with their contents.
LEFT_OUT = frozenset({"script", "style", "template"})

# HTML standard, "Void elements"; these have no end tag.
_VOID = frozenset({"br", "hr", "wbr", "img", "embed", "source", "track", "param", "col"})
_NEEDS_ADDRESS = frozenset({"img", "embed"})
# Elements that are often left open, or closed twice.
_OFTEN_LEFT_OPEN = frozenset(
    "a b i u s em strong del strike small big font span div center p blockquote ul ol dl pre code"
    " table li tr td th h1 h2 h3 h4 h5 h6 html head body".split()
)
# The same, "Optional tags": of the elements known here.
_ENDS_BY_ITSELF = frozenset(
    "p li dt dd tr td th thead tbody tfoot caption colgroup rt rp rb rtc".split()
)
_TABLE = frozenset({"table"})
_RUBY = frozenset({"ruby"})
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_FILMS = frozenset({"video", "audio", "picture"})
# Outside of these parents they mean nothing, and a parser would drop their tags.
_ONLY_INSIDE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys("tr td th thead tbody tfoot caption col colgroup".split(), _TABLE),
    **dict.fromkeys("rt rp rb rtc".split(), _RUBY),
    "source": _FILMS,
    "track": _FILMS,
    "param": frozenset({"object"}),
}
_UNCLOSED_ONLY_INSIDE: Mapping[str, frozenset[str]] = {
    **_ONLY_INSIDE,
    "li": _LISTS,
    "dt": frozenset({"dl"}),
    "dd": frozenset({"dl"}),
}

# HTML standard, "Tag open state" and following, but without quotes and `<` in odd places: so every
# character is read only a few times, whatever the text.
_SPACE = "\t\n\f\r "
_TAG = re.compile(
    rf"""<(?P<end>/?)(?P<name>[a-zA-Z][^{_SPACE}/>"'<=]*+)"""
    rf"""(?P<rest>(?:[{_SPACE}/]++|[^{_SPACE}/>"'<=]++"""
    rf"""(?:[{_SPACE}]*+=[{_SPACE}]*+(?:"[^"]*+"|'[^']*+'|[^{_SPACE}"'<>]++))?+)*+)>"""
)
_ATTRIBUTE = re.compile(
    rf"""([^{_SPACE}/>"'<=]++)(?:[{_SPACE}]*+=[{_SPACE}]*+("[^"]*+"|'[^']*+'|[^{_SPACE}"'<>]++))?+"""
)
# Comments that WordPress and word processors write for their own use.
_MACHINES_NOTE = re.compile(r"<!--\s*(?:/?wp:|more\b|nextpage\b|noteaser\b|\[if\b)")
_ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class Part(NamedTuple):
    """A tag, or an element or comment that is left out with its contents."""

    start: int
    end: int
    name: str  # in lower case; "!" for a comment
    is_end: bool = False
    attributes: str = ""
    is_left_out: bool = False


Skip = Callable[[int], int]


def _no_skip(at: int) -> int:
    return at


@dataclass
class Reading:
    """HTML that the cleaners can read, and what was left out or made text."""

    html: str = ""
    # The number of words left out, by the name of their element; "!" for comments.
    left_out: Counter[str] = field(default_factory=Counter)
    # Names of tags that became text.
    as_text: set[str] = field(default_factory=set)


def in_words(left_out: Mapping[str, int]) -> str:
    """Return what was left out of a text, in words, for the author or the import report."""
    said = []
    for name, count in sorted(left_out.items()):
        if count:
            what = pgettext("of HTML or Markdown", "comments") if name == "!" else f"<{name}>"
            words = ngettext("%(what)s (%(n)d word)", "%(what)s (%(n)d words)", count)
            said.append(words % {"what": what, "n": count})
    return listed(said)


def read(html: str, known: Mapping[str, str] = KNOWN, *, closed: bool = True) -> Reading:
    """Rewrite HTML so that it has only tags of `known`, in lower case, and no comments.

    With `closed`, a tag that must be closed and is not becomes text. Without it, for text that was
    written as HTML, only if that is not a common mistake.
    """
    reading = Reading()
    reading.html = "".join(_rewritten(html, known, reading, closed=closed))
    return reading


def only_known(html: str, known: Mapping[str, str] = KNOWN, *, closed: bool = True) -> str:
    """Return only the HTML of `read`."""
    return read(html, known, closed=closed).html


def with_text_marked(text: str, mark: str, skip: Skip = _no_skip) -> str:
    """Return the text with `mark` for each `<` that does not start a tag or comment.

    `skip` returns the end of something at a position that is left alone, such as inline code.
    """
    parts = list(_parts(text, skip))
    meant = _meant(parts, KNOWN, closed=True)
    pieces, done = [], 0
    for place, part in enumerate(parts):
        pieces.append(_marked(text, done, part.start, mark, skip))
        own = text[part.start : part.end]
        pieces.append(own if part.is_left_out or place in meant else own.replace("<", mark))
        done = part.end
    return "".join([*pieces, _marked(text, done, len(text), mark, skip)])


def _marked(text: str, start: int, end: int, mark: str, skip: Skip) -> str:
    pieces, at = [], text.find("<", start, end)
    while at >= 0:
        after = skip(at)
        pieces.append(text[start:after] if after > at else text[start:at] + mark)
        start = max(after, at + 1)
        at = text.find("<", start, end)
    return "".join([*pieces, text[start:end]])


def _rewritten(
    html: str, known: Mapping[str, str], reading: Reading, *, closed: bool
) -> Iterator[str]:
    parts = list(_parts(html, _no_skip))
    meant = _meant(parts, known, closed=closed)
    done = 0
    for place, part in enumerate(parts):
        if part.start < done:
            continue  # in a template
        yield html[done : part.start].replace("<", "&lt;")
        done = part.end
        if part.name in LEFT_OUT and place in meant:
            done = parts[meant[place]].end
        if part.is_left_out or (part.name in LEFT_OUT and place in meant):
            reading.left_out[part.name] += _count(html[part.start : done])
        elif place in meant:
            yield _tag(part, known[part.name])
        else:
            reading.as_text.add(part.name)
            yield html[part.start : done].replace("<", "&lt;")
    yield html[done:].replace("<", "&lt;")


def _count(html: str) -> int:
    """Return the number of words in something that is left out, without its own tags."""
    if _MACHINES_NOTE.match(html):
        return 0
    inner = re.sub(r"<!--|--!?>|</?[a-zA-Z][^<>]*>", " ", html)
    return counted(unescape(inner)).words


def _tag(part: Part, name: str) -> str:
    if not name:
        return ""
    if name == "iframe":  # a parser takes its contents for text, so they follow it
        return "" if part.is_end else f"<iframe{_attributes(part)}></iframe>"
    if part.is_end:
        return "<br>" if name == "br" else f"</{name}>"
    return f"<{name}{_attributes(part)}>"


def _attributes(part: Part) -> str:
    found: dict[str, str] = {}
    for given, value in _ATTRIBUTE.findall(part.attributes):
        name = given.lower()
        if _ATTRIBUTE_NAME.fullmatch(name):
            found.setdefault(name, value[1:-1] if value[:1] in ("'", '"') else value)
    return "".join(
        f' {name}="{value.replace("<", "&lt;").replace(">", "&gt;").replace(chr(34), "&quot;")}"'
        for name, value in found.items()
    )


# --- Reading ----------------------------------------------------------------------------------


def _parts(html: str, skip: Skip) -> Iterator[Part]:
    """Yield the tags, closed comments, scripts and style sheets of HTML, in order."""
    # Names for which no end follows, so that it is not searched for again.
    unclosed: set[str] = set()
    at = html.find("<")
    while at >= 0:
        part = None
        after = skip(at)
        if after == at:
            part = _comment(html, at, unclosed) or _element(html, at, unclosed)
        if part:
            yield part
            after = part.end
        at = html.find("<", max(after, at + 1))


def _comment(html: str, at: int, unclosed: set[str]) -> Part | None:
    if "!" in unclosed or not html.startswith("<!--", at):
        return None
    if short := re.match("<!--(-?>)", html[at : at + 6]):
        return Part(at, at + short.end(), "!", is_left_out=True)
    ends = (html.find(end, at + 4) for end in ("-->", "--!>"))
    end = min((end for end in ends if end >= 0), default=-1)
    if end < 0:
        unclosed.add("!")
        return None
    return Part(at, html.index(">", end) + 1, "!", is_left_out=True)


def _element(html: str, at: int, unclosed: set[str]) -> Part | None:
    tag = _TAG.match(html, at)
    if not tag:
        return None
    name = tag["name"].lower() if tag["name"].isascii() else tag["name"]
    if name not in ("script", "style") or tag["end"]:
        return Part(at, tag.end(), name, bool(tag["end"]), tag["rest"])
    end = None
    if name not in unclosed:
        end = re.compile(rf"</{name}(?=[{_SPACE}/>])[^>]*>", re.IGNORECASE).search(html, tag.end())
        if end is None:
            unclosed.add(name)
    return Part(at, end.end() if end else tag.end(), name, is_left_out=end is not None)


def _meant(parts: list[Part], known: Mapping[str, str], *, closed: bool) -> dict[int, int]:
    """Return the positions of real tags, each with the position of its end tag."""
    pairs, unpaired = _paired(parts)
    meant: dict[int, int] = {}
    for place in unpaired:
        part = parts[place]
        if part.name in known and _stands_alone(part, closed=closed):
            meant[place] = place
    meant |= {
        start: end
        for start, end in pairs.items()
        if parts[start].name in known or parts[start].name in LEFT_OUT
    }
    meant = _in_their_places(parts, meant)
    return meant | {end: end for end in meant.values()}


def _paired(parts: list[Part]) -> tuple[dict[int, int], list[int]]:
    """Return the positions of start tags with those of their end tags, and of all other tags."""
    pairs: dict[int, int] = {}
    alone: list[int] = []
    open_at: dict[str, list[int]] = {}
    for place, part in enumerate(parts):
        if part.is_left_out:
            continue
        if part.is_end:
            if starts := open_at.get(part.name):
                pairs[starts.pop()] = place
            else:
                alone.append(place)
        elif part.name in _VOID:
            alone.append(place)
        else:
            open_at.setdefault(part.name, []).append(place)
    for starts in open_at.values():
        alone += starts
    return pairs, alone


def _stands_alone(part: Part, *, closed: bool) -> bool:
    """Return whether a tag without a start or end tag counts as one."""
    is_bare = not part.attributes.strip("/ ")
    if not closed and part.name not in _VOID and (part.name in _OFTEN_LEFT_OPEN or not is_bare):
        return True
    if part.is_end:
        return part.name == "br"
    if part.name in _NEEDS_ADDRESS:
        given = r"(?i)(?:^|[\s/])src\s*=" if closed else r"="
        return re.search(given, part.attributes) is not None
    return part.name in _VOID or part.name in _ENDS_BY_ITSELF


def _in_their_places(parts: list[Part], meant: dict[int, int]) -> dict[int, int]:
    """Return the real tags without parts of tables, lists and videos that are outside of one."""
    kept: dict[int, int] = {}
    depth: Counter[str] = Counter()
    closes = {end: start for start, end in meant.items() if end != start}
    for place, part in enumerate(parts):
        if place in closes:
            depth[part.name] -= closes[place] in kept
        elif place in meant:
            is_closed = meant[place] != place
            homes = (_ONLY_INSIDE if is_closed else _UNCLOSED_ONLY_INSIDE).get(part.name)
            if homes is None or any(depth[home] for home in homes):
                kept[place] = meant[place]
                depth[part.name] += is_closed or not part.is_end
    return kept


# --- Markdown's code ----------------------------------------------------------------------------


def code_spans(text: str) -> Skip:
    """Return a Skip for inline code: from a run of ` to the next one of the same length."""
    starts: list[int] = []
    ends: list[int] = []
    for paragraph in re.finditer(r"(?:[^\n]++\n?+)++", text):
        runs = [run.span() for run in re.finditer("`+", paragraph[0])]
        places: dict[int, list[int]] = {}
        for place, (start, end) in enumerate(runs):
            places.setdefault(end - start, []).append(place)
        place = 0
        while place < len(runs):
            start, end = runs[place]
            same = places[end - start]
            following = bisect_right(same, place)
            if following < len(same):
                place = same[following]
                starts.append(paragraph.start() + start)
                ends.append(paragraph.start() + runs[place][1])
            place += 1

    def skip(at: int) -> int:
        before = bisect_right(starts, at) - 1
        return max(at, ends[before]) if before >= 0 else at

    return skip


def first_of(*patterns: re.Pattern[str], text: str, skip: Skip) -> Skip:
    """Return a Skip for what one of the patterns matches, and for what `skip` skips."""

    def skip_all(at: int) -> int:
        for pattern in patterns:
            if match := pattern.match(text, at):
                return match.end()
        return skip(at)

    return skip_all
