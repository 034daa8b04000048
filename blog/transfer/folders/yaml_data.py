"""YAML as plain data: texts, lists and tables, made from the parser's events.

No constructor of any tag exists here, so nothing in a file can become an object, and aliases are
few, so that no small file becomes a large one.
"""

from __future__ import annotations

from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.figures import figure

# Aliases and levels in one file; 20 aliases can repeat what they name some 1,500 times at most.
MOST_ALIASES, DEEPEST = 20, 50
_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = {f"{_STANDARD}{name}" for name in "str int float bool null timestamp seq map".split()}
_NULLS = {"", "~", "null", "Null", "NULL"}
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class DataError(ValueError):
    """Data that cannot be read. The message is one translated sentence."""


def read_yaml(text: str) -> Any:
    """Return a YAML document as texts, None, lists and dicts. Raises DataError."""
    try:
        return _Reader(text).document()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(_("The YAML cannot be read: %(why)s.") % {"why": _why(error)}) from error


def _why(error: Exception) -> str:
    """Return what a parser says is wrong, in one line."""
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    said = " ".join(str(said).split())[:200].rstrip(".")
    return _("line %(line)d: %(why)s") % {"line": mark.line + 1, "why": said} if mark else said


class _Reader:
    def __init__(self, text: str) -> None:
        self.events = iter(yaml.parse(text, Loader=_LOADER))
        self.anchors: dict[str, Any] = {}
        self.aliases = 0

    def document(self) -> Any:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                found = self.value(next(self.events), 0)
                for rest in self.events:
                    if isinstance(rest, yaml.DocumentStartEvent):
                        raise DataError(_("The YAML holds more than one document."))
                return found
        return None

    def value(self, event: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise DataError(_("The YAML is nested too deeply."))
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event.anchor)
        if event.tag not in (None, "!") and event.tag not in _PLAIN_TAGS:
            said = _("The YAML asks for an object (%(tag)s), which is not made here.")
            raise DataError(said % {"tag": event.tag[:80]})
        if isinstance(event, yaml.ScalarEvent):
            is_null = not event.style and event.value in _NULLS and event.tag is None
            found = None if is_null else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self.sequence(depth)
        else:
            found = self.mapping(depth)
        if event.anchor:
            self.anchors[event.anchor] = found
        return found

    def alias(self, name: str) -> Any:
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            said = ngettext(
                "The YAML has more than %(count)s alias.",
                "The YAML has more than %(count)s aliases.",
                MOST_ALIASES,
            )
            raise DataError(said % {"count": figure(MOST_ALIASES)})
        if name not in self.anchors:
            raise DataError(
                _("The YAML names an anchor that is not there: %(name)s.") % {"name": name}
            )
        return self.anchors[name]

    def sequence(self, depth: int) -> list[Any]:
        found = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self.value(event, depth + 1))
        return found

    def mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.value(event, depth + 1)
            value = self.value(next(self.events), depth + 1)
            if key == "<<":
                merged += value if isinstance(value, list) else [value]
            elif isinstance(key, str) or key is None:
                found[key or ""] = value
            else:
                raise DataError(_("The YAML has a key that is not text."))
        for table in merged:
            if isinstance(table, dict):
                found = table | found
        return found
