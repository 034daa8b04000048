"""Hugo's short codes, and Nikola's, which look alike: those that mean something here are turned
into it, the others stay as text and are noted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from blog.transfer.essays.code import parts
from blog.transfer.essays.entries import HERE, Entry

from .writing import Html, Markdown

_OPENING = re.compile(r"\{\{([<%])")
# Characters that one tag may have.
_LONGEST = 4000
_NAME = re.compile(r"[ \t\n]{0,40}(/?)[ \t\n]{0,40}([\w./-]{1,80})")
# White space has become single spaces before.
_ARGUMENT = re.compile(
    r"""(?:([\w-]{1,60}) ?= ?)?(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|'([^']*)'|([^\s"`]+))"""
)


@dataclass
class Tag:
    source: str
    name: str
    is_closing: bool = False
    closes_itself: bool = False
    listed: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, place: int = -1) -> str:
        """Return an argument by its name, else by its place."""
        if name in self.named:
            return self.named[name]
        return self.listed[place] if 0 <= place < len(self.listed) else ""


class HugoTags:
    """Turns the short codes of one entry's text. `links` finds other entries, and takes notes."""

    def __init__(self, entry: Entry, links: Any) -> None:
        self.entry, self.links = entry, links
        self.out = Html() if entry.is_html else Markdown()
        self.unknown: dict[str, None] = {}

    def markdown(self, text: str) -> str:
        made = self.joined(list(self.tokens(text)))
        if self.unknown:
            self.links.note_tags(self.entry, [f"{{{{< {name} >}}}}" for name in self.unknown])
        return made

    # --- Reading ----------------------------------------------------------------------------

    def tokens(self, text: str) -> Iterator[Tag | str]:
        if self.entry.is_html:
            yield from self._tokens(text, is_code=False)
            return
        # The text between the tags of a listing is code, so fences in it mean nothing.
        at = 0
        for start, end in _listings(text):
            yield from self._of_markdown(text[at:start])
            yield from self._tokens(text[start:end], is_code=False)
            at = end
        yield from self._of_markdown(text[at:])

    def _of_markdown(self, text: str) -> Iterator[Tag | str]:
        for is_code, part in parts(text):
            yield from self._tokens(part, is_code=is_code)

    def _tokens(self, text: str, *, is_code: bool) -> Iterator[Tag | str]:
        at = 0
        for found in _OPENING.finditer(text):
            if found.start() < at:
                continue
            sign = ">" if found[1] == "<" else "%"
            end = text.find(f"{sign}}}}}", found.end(), found.end() + _LONGEST)
            if end < 0:
                continue
            inner, whole = text[found.end() : end], text[found.start() : end + 3]
            made = _shown(whole, inner, found[1], sign)
            if made is None and is_code:
                continue
            tag = made or _tag(whole, inner)
            if tag is not None:
                yield text[at : found.start()]
                yield tag
                at = end + 3
        yield text[at:]

    # --- Writing ----------------------------------------------------------------------------

    def joined(self, tokens: list[Tag | str]) -> str:
        """Return the text, each tag with what stands between it and its end."""
        pairs = _pairs(tokens)
        frames: list[tuple[Tag | None, list[str]]] = [(None, [])]
        for at, token in enumerate(tokens):
            if isinstance(token, str):
                frames[-1][1].append(token)
            elif at in pairs and not token.is_closing:
                frames.append((token, []))
            elif at in pairs:
                opener, inner = frames.pop()
                assert opener is not None  # noqa: S101 (for mypy: they are paired)
                frames[-1][1].append(self.written(opener, "".join(inner), token))
            else:
                frames[-1][1].append(self.written(token, None, None))
        return "".join(frames[0][1])

    def written(self, tag: Tag, inner: str | None, end: Tag | None) -> str:
        if not tag.is_closing and (make := getattr(self, f"tag_{tag.name.lower()}", None)):
            made = make(tag, inner)
            if made is not None:
                return str(made)
        self.unknown[tag.name] = None
        shown = self.out.as_text(tag.source)
        return shown + (inner or "") + (self.out.as_text(end.source) if end else "")

    def tag_figure(self, tag: Tag, inner: str | None) -> str | None:
        address = tag.get("src", 0)
        if not address:
            return None
        title, caption = tag.get("title"), tag.get("caption")
        said = " ".join(filter(None, [title, caption, tag.get("attr")]))
        return self.out.picture(address, tag.get("alt"), said, tag.get("link"))

    def tag_youtube(self, tag: Tag, inner: str | None) -> str | None:
        code = tag.get("id", 0)
        if not re.fullmatch(r"[\w-]{5,40}", code):
            return None
        return self.out.link(f"https://www.youtube.com/watch?v={code}", tag.get("title"))

    def tag_vimeo(self, tag: Tag, inner: str | None) -> str | None:
        code = tag.get("id", 0)
        return (
            self.out.link(f"https://vimeo.com/{code}", tag.get("title"))
            if code.isdecimal()
            else None
        )

    def tag_media(self, tag: Tag, inner: str | None) -> str | None:
        address = tag.get("url", 0)
        return self.out.link(address) if address.startswith(("https://", "http://")) else None

    def tag_highlight(self, tag: Tag, inner: str | None) -> str | None:
        return (
            None
            if inner is None
            else self.out.code(tag.get("lang", 0) or tag.get("language"), inner)
        )

    def tag_code(self, tag: Tag, inner: str | None) -> str | None:
        return self.tag_highlight(tag, inner)

    def tag_comment(self, tag: Tag, inner: str | None) -> str | None:
        return None if inner is None else ""

    def tag_raw(self, tag: Tag, inner: str | None) -> str | None:
        return inner

    def tag_ref(self, tag: Tag, inner: str | None) -> str | None:
        said = tag.get("path", 0)
        path, mark, anchor = said.partition("#")
        found = self.links.reference(self.entry, path) if path else ""
        return f"{f'{HERE}/{path}' if found is None else found}{mark}{anchor}"

    tag_relref = tag_ref


def _listings(text: str) -> list[tuple[int, int]]:
    """Return where the insides of `highlight` stand."""
    found: list[tuple[int, int]] = []
    start = 0
    for tag in re.finditer(r"\{\{[<%]\s*(/?)\s*(?:highlight|code)\b[^{}\n]{0,300}[>%]\}\}", text):
        if tag[1] and start:
            found.append((start, tag.start()))
            start = 0
        elif not tag[1] and not start:
            start = tag.end()
    return found


def _shown(whole: str, inner: str, sign: str, end: str) -> str | None:
    """Return a tag that was written to be shown, as readers saw it; None for one that acts."""
    words = inner.strip()
    if not (words.startswith("/*") and words.endswith("*/")) or len(words) < 4:
        return None
    return "{{" + sign + words[2:-2] + end + "}}"


def _tag(whole: str, inner: str) -> Tag | None:
    name = _NAME.match(inner)
    if name is None:
        return None
    tag = Tag(whole, name[2], is_closing=bool(name[1]))
    rest = re.sub(r"\s{2,}", " ", inner[name.end() :]).rstrip()
    if rest.endswith("/"):
        tag.closes_itself, rest = True, rest[:-1]
    for found in _ARGUMENT.finditer(rest):
        value = next((part for part in found.groups()[1:] if part is not None), "")
        value = value.replace('\\"', '"') if found[2] is not None else value
        if found[1]:
            tag.named[found[1].lower()] = value
        else:
            tag.listed.append(value)
    return tag


def _pairs(tokens: list[Tag | str]) -> set[int]:
    """Return the places of tags that have an end, and of their ends, each within another's."""
    pairs: set[int] = set()
    stack: list[tuple[str, int]] = []
    waiting: dict[str, int] = {}
    for at, tag in enumerate(tokens):
        if isinstance(tag, str) or tag.closes_itself:
            continue
        if not tag.is_closing:
            stack.append((tag.name, at))
            waiting[tag.name] = waiting.get(tag.name, 0) + 1
        elif waiting.get(tag.name):
            while stack:
                name, opened = stack.pop()
                waiting[name] -= 1
                if name == tag.name:
                    pairs |= {opened, at}
                    break
    return pairs
