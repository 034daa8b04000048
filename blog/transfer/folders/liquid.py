"""Liquid as Jekyll's texts have it: tags that mean something here are turned into it, the others
stay as text and are noted. Nothing is looked up but what the blog's own settings say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from blog.transfer.essays.code import outside_code
from blog.transfer.essays.entries import HERE, Entry

from .values import table, words
from .writing import Html, Markdown, anchored

# Characters that one tag may have.
_LONGEST = 2000
_OPENING = re.compile(r"\{[{%]")
_NAMED = re.compile(r"""([\w-]{1,40})\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^\s,]+))""")
# What has an end, and what that is called.
_BLOCKS = {"raw", "comment", "highlight", "figure"}
_STRING = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w.-]{1,200}))\s*""")
# Kramdown's lists of attributes, on a line of their own or behind what they belong to.
_OWN_LINE = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)?\{:[^{}\n]{0,300}\}[ \t]*\n?", re.MULTILINE)
_BEHIND = re.compile(r"\{:(?!:)[^{}\n]{0,300}\}")
_EXTENSION = re.compile(r"\{:(?:/|:)[^{}\n]{0,300}\}")
_CONTENTS = re.compile(
    r"^[-*+1.]{1,2}[ \t]+[^\n]{0,80}\n[ \t]{0,4}\{:[ \t]*toc[^{}\n]{0,80}\}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)


class Liquid:
    """Turns the tags of one entry's text. `links` finds other entries, and takes notes."""

    def __init__(self, entry: Entry, links: Any, settings: dict[str, Any], base: str) -> None:
        self.entry, self.links = entry, links
        self.settings, self.base = settings, base
        self.out = Html() if entry.is_html else Markdown()
        self.unknown: dict[str, None] = {}
        self.endless: set[str] = set()  # blocks that have no end from here on

    def markdown(self, text: str) -> str:
        made = "".join(self.pieces(text))
        if self.unknown:
            self.links.note_tags(self.entry, [*self.unknown])
        return made if self.entry.is_html else outside_code(made, without_attributes)

    def pieces(self, text: str) -> Iterator[str]:
        at = 0
        while found := _OPENING.search(text, at):
            yield text[at : found.start()]
            end_sign = "%}" if found[0] == "{%" else "}}"
            end = text.find(end_sign, found.end(), found.end() + _LONGEST)
            if end < 0:
                yield found[0]
                at = found.end()
                continue
            inner, at = text[found.end() : end], end + 2
            whole = text[found.start() : at]
            if found[0] == "{{":
                yield self.value(whole, inner)
            else:
                made, at = self.tag(whole, inner, text, at)
                yield made
        yield text[at:]

    def value(self, whole: str, inner: str) -> str:
        """Return what `{{ … }}` prints; itself where that is not known here."""
        first, *filters = inner.strip("-").split("|")
        said = self.looked_up(first)
        for each in filters:
            name, _colon, given = each.strip().partition(":")
            said = None if said is None else self.filtered(name.strip(), said, given)
        if said is not None:
            return said
        return self.as_text(whole, "{{ … }}")

    def looked_up(self, name: str) -> str | None:
        found = _STRING.fullmatch(name)
        if found is None:
            return None
        if found[3] is None:
            return found[1] if found[1] is not None else found[2]
        source, _dot, rest = found[3].partition(".")
        data = {"site": self.settings, "page": self.entry.front.data}.get(source)
        if data is None or not rest:
            return None
        if source == "page" and rest == "title":
            return self.entry.title
        value: Any = data
        for part in rest.split("."):
            value = table(value).get(part)
        if rest == "baseurl" and value is None:
            return ""
        return words(value) or None

    def filtered(self, name: str, said: str, given: str) -> str | None:
        if name in ("relative_url", "absolute_url"):
            return said if "://" in said else f"{self.base_path}/{said.lstrip('/')}"
        if name in ("prepend", "append"):
            other = self.looked_up(given)
            if other is None:
                return None
            return other + said if name == "prepend" else said + other
        known = {
            "escape": said,
            "strip": said.strip(),
            "downcase": said.lower(),
            "upcase": said.upper(),
        }
        return quote(said) if name in ("uri_escape", "url_encode") else known.get(name)

    @property
    def base_path(self) -> str:
        return f"/{self.base}" if self.base else ""

    # --- Tags -------------------------------------------------------------------------------

    def tag(self, whole: str, inner: str, text: str, at: int) -> tuple[str, int]:
        """Return what a tag becomes, and where the text goes on."""
        name, _space, given = inner.strip("-").strip().partition(" ")
        given = given.strip()
        if name in _BLOCKS and name not in self.endless:
            ending = re.compile(rf"\{{%-?[ \t]*end{name}[ \t]*-?%\}}")
            if end := ending.search(text, at):
                return self.block(name, given, whole, text[at : end.start()], end[0]), end.end()
            self.endless.add(name)
        elif name in ("post_url", "link"):
            to = self.links.reference(self.entry, f"{name}:{given}")
            return to or HERE + "/" + given.strip("\"' /"), at
        elif name == "youtube" and (
            code := re.search(r"(?:v=|be/|embed/|^[\"']?)([\w-]{11})\b", given)
        ):
            return self.out.link(f"https://www.youtube.com/watch?v={code[1]}"), at
        return self.as_text(whole, f"{{% {name[:60]} %}}"), at

    def block(self, name: str, given: str, whole: str, inner: str, end: str) -> str:
        if name == "raw":
            return inner
        if name == "comment":
            return ""
        if name == "highlight":
            code = re.sub(r"\{%-?\s*(?:end)?raw\s*-?%\}", "", inner)
            return self.out.code(given.split(" ")[0], code)
        named = {part[0]: next(filter(None, part[1:]), "") for part in _NAMED.findall(given)}
        made = _captioned("".join(self.pieces(inner)), named.get("caption", ""), self.out)
        if made is None:
            shown = self.as_text(whole, f"{{% {name} %}}")
            return shown + "".join(self.pieces(inner)) + self.out.as_text(end)
        return made

    def as_text(self, source: str, name: str) -> str:
        self.unknown[name] = None
        return self.out.as_text(source)


_PICTURE = re.compile(r"\s*!\[([^\]\n]{0,2000})\]\(([^\s()]{1,2000})\)\s*")


def _captioned(inner: str, caption: str, out: Any) -> str | None:
    """Return a figure of one picture with its caption; None for anything else."""
    found = _PICTURE.fullmatch(inner)
    return out.picture(found[2], found[1], caption) if found else None


def without_attributes(text: str) -> str:
    """Return a text without kramdown's lists of attributes, which show nowhere."""
    text = anchored(_CONTENTS.sub("", text))
    text = _EXTENSION.sub("", _OWN_LINE.sub("", text))
    return _BEHIND.sub("", text)
