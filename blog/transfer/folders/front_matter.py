"""The data at the top of a file, in YAML, TOML, JSON or keywords, and the text below."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from blog.lib.lines import with_plain_breaks

from .literals import javascript_values
from .yaml_data import DEEPEST, DataError, read_yaml

# Characters that front matter may have.
LONGEST = 128 * 1024


class Front(NamedTuple):
    """What stands at the top of a file, the text below, and in which form: "" for none."""

    data: dict[str, Any]
    body: str
    form: str = ""


_FENCE = re.compile(r"(---|\+\+\+|;;;)[ \t]*([a-z]{0,10})[ \t]*\n")
_KEYWORD = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,40}):(?:[ \t]+(.*))?")
_COMMENTED = re.compile(r"\s{0,200}<!--[ \t]{0,40}\n?(?=[ \t]{0,40}\.\. )")
_NIKOLA = re.compile(r"[ \t]*\.\.[ \t]+([A-Za-z_-]{1,40}):[ \t]*(.*)")


def in_lines(content: bytes) -> str:
    """Return a file's text without its byte order mark, with one form of line ends.

    Raises DataError where it is not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(_("It is not in UTF-8. Save it so, and run this again.")) from error
    return with_plain_breaks(text)


def split(text: str, *, keywords: bool = False) -> Front:
    """Return what a file says at its top; `keywords` as Pelican has them, without fences.

    Raises DataError where it cannot be read.
    """
    if found := _FENCE.match(text):
        return _fenced(text, found)
    if text.startswith("{") and (front := _bare_json(text)):
        return front
    if found := _COMMENTED.match(text):
        end = text.find("-->", found.end())
        if end >= 0:
            data = nikola_fields(text[found.end() : end])
            return Front(data, text[end + 3 :].lstrip("\n"), "nikola")
    return _keywords(text) if keywords else Front({}, text)


def _fenced(text: str, fence: re.Match[str]) -> Front:
    start = fence.end()
    closing = re.compile(rf"^{re.escape(fence[1])}[ \t]*$\n?", re.MULTILINE)
    end = closing.search(text, start, start + LONGEST)
    if end is None and fence[1] == "---":  # as YAML itself ends a document
        end = re.compile(r"^\.\.\.[ \t]*$\n?", re.MULTILINE).search(text, start, start + LONGEST)
    if end is None:
        if len(text) - start > LONGEST:
            raise DataError(_("Its front matter is too long."))
        return Front({}, text)  # a rule, or a text that begins with signs
    # With a line for the fence, so that what is said of a line is true of the file.
    source, body = "\n" + text[start : end.start()], text[end.end() :]
    form = fence[2] or {"---": "yaml", "+++": "toml", ";;;": "json"}[fence[1]]
    return Front(_table(source, form), body, form)


def _table(source: str, form: str) -> dict[str, Any]:
    data = read_data(source, form)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise DataError(_("Its front matter is not a list of names and values."))
    return data


def read_data(source: str, form: str) -> Any:
    """Return what a text in YAML, TOML, JSON or plain JavaScript says. Raises DataError."""
    if form in ("yaml", "yml"):
        return read_yaml(source)
    if form in ("js", "javascript"):
        try:
            return javascript_values(source)
        except DataError as error:
            said = _("Its front matter is JavaScript, which is not run here.")
            raise DataError(said) from error
    try:
        found = tomllib.loads(source) if form == "toml" else json.loads(source)
    except (ValueError, RecursionError) as error:
        why = " ".join(str(error).split())[:200].rstrip(".")
        said = _("The %(form)s cannot be read: %(why)s.") % {"form": form.upper(), "why": why}
        raise DataError(said) from error
    _check_depth(found, 0)
    return found


def _check_depth(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise DataError(_("The data is nested too deeply."))
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        _check_depth(each, depth + 1)


def _bare_json(text: str) -> Front | None:
    """Hugo's: an object at the very top; None for a text that only begins with a brace."""
    try:
        data, end = json.JSONDecoder().raw_decode(text[:LONGEST])
    except (ValueError, RecursionError) as error:
        if re.match(r'\{[ \t]{0,40}\n[ \t]{0,40}"\w{1,60}"[ \t]{0,40}:', text):
            why = " ".join(str(error).split())[:200].rstrip(".")
            said = _("The %(form)s cannot be read: %(why)s.") % {"form": "JSON", "why": why}
            raise DataError(said) from error
        return None
    _check_depth(data, 0)
    return Front(data, text[end:].lstrip("\n"), "json")


def _keywords(text: str) -> Front:
    """Read `Key: value` lines up to the first empty one; lines that are indented go on."""
    said: dict[str, list[str]] = {}
    last: list[str] | None = None
    at = 0
    while at < min(len(text), LONGEST):
        end = text.find("\n", at)
        line = text[at : end if end >= 0 else len(text)]
        if not line.strip():
            break
        if last is not None and line[0] in " \t":
            last.append(line.strip())
        elif found := _KEYWORD.fullmatch(line):
            last = said[found[1].lower()] = [(found[2] or "").strip()]
        else:
            return Front({}, text)
        at = end + 1 if end >= 0 else len(text)
    if not said:
        return Front({}, text)
    data = {key: " ".join(filter(None, parts)) for key, parts in said.items()}
    return Front(data, text[at:].lstrip("\n"), "keywords")


def nikola_fields(source: str) -> dict[str, Any]:
    """Return what lines such as `.. title: One` say."""
    found = map(_NIKOLA.fullmatch, source[:LONGEST].split("\n"))
    return {line[1].lower(): line[2].strip() for line in found if line}
