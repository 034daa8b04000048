"""Plain values in Python and JavaScript files, read by rule. Neither language is ever run."""

from __future__ import annotations

import ast
import re
from typing import Any

from .yaml_data import DEEPEST, DataError

# Bytes of a configuration that are looked at.
LARGEST = 512 * 1024


def python_values(source: str) -> dict[str, Any]:
    """Return what a Python file assigns to names as plain literals; the rest is passed over.

    A name may be given another name that has such a value.
    """
    found: dict[str, Any] = {}
    try:
        tree = ast.parse(source[:LARGEST])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        try:
            value = ast.literal_eval(node.value)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            if not (isinstance(node.value, ast.Name) and node.value.id in found):
                continue
            value = found[node.value.id]
        found |= dict.fromkeys(names, value)
    return found


_DECLARED = re.compile(r"(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=")
_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_STRING = re.compile(r""""((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\$]|\\.)*)`""")
_NAMED = {"true": True, "false": False, "null": None, "undefined": None}


def javascript_values(source: str) -> dict[str, Any]:
    """Return what `const name = literal;` says, for a text of nothing else. Raises DataError."""
    return _JavaScript(source[:LARGEST]).declarations()


class _JavaScript:
    def __init__(self, source: str) -> None:
        self.source, self.at = source, 0

    def declarations(self) -> dict[str, Any]:
        found = {}
        self.space()
        while self.at < len(self.source):
            if not (declared := _DECLARED.match(self.source, self.at)):
                raise DataError("JavaScript")
            self.at = declared.end()
            found[declared[1]] = self.value(0)
            self.space()
            self.take(";")
            self.space()
        return found

    def space(self) -> None:
        if found := _SPACE.match(self.source, self.at):
            self.at = found.end()

    def take(self, sign: str) -> bool:
        self.space()
        there = self.source.startswith(sign, self.at)
        self.at += len(sign) if there else 0
        return there

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.space()
        found = pattern.match(self.source, self.at)
        self.at = found.end() if found else self.at
        return found

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise DataError("JavaScript")
        if self.take("{"):
            return self.table(depth)
        if self.take("["):
            return self.array(depth)
        if found := self.match(_STRING):
            return _inner(found)
        if found := self.match(_NUMBER):
            return found[0]
        word = self.match(_WORD)
        if word is None or word[0] not in _NAMED:
            raise DataError("JavaScript")
        return _NAMED[word[0]]

    def array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while not self.take("]"):
            found.append(self.value(depth + 1))
            if not self.take(",") and not self.source.startswith("]", self.at):
                raise DataError("JavaScript")
        return found

    def table(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self.take("}"):
            quoted = self.match(_STRING)
            key = quoted or self.match(_WORD)
            if key is None or not self.take(":"):
                raise DataError("JavaScript")
            name = _inner(quoted) if quoted else key[0]
            found[name] = self.value(depth + 1)
            if not self.take(",") and not self.source.startswith("}", self.at):
                raise DataError("JavaScript")
        return found


def _inner(string: re.Match[str]) -> str:
    return _unescaped(next(part for part in string.groups() if part is not None))


def _unescaped(text: str) -> str:
    if re.search(r"\\[0-9ux\n]", text):
        raise DataError("JavaScript")
    signs = {"n": "\n", "t": "\t", "r": "", "b": "", "f": "", "v": ""}
    return re.sub(r"\\(.)", lambda found: signs.get(found[1], found[1]), text)
