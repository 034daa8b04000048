"""Lists, words in quotation marks, and what follows a label, as each language writes them.

Values keep their markup: where one of them is safe HTML, the others are escaped and all of it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.translation import ngettext, pgettext


def comma() -> str:
    """Return what stands between two of a list: a comma and a space in English."""
    return _between() % {"before": "", "next": ""}


def listed(parts: Iterable[object]) -> str:
    """Return all parts of a list: a, b, c."""
    return _joined(comma(), parts)


def clauses(parts: Iterable[object]) -> str:
    """Return the same for parts that may have commas of their own: a; b; c."""
    between = pgettext("two of a list with semicolons", "%(before)s; %(next)s")
    return _joined(between % {"before": "", "next": ""}, parts)


def sentences(parts: Iterable[object]) -> str:
    """Return whole sentences as a paragraph; Japanese and Chinese put no space between them."""
    between = pgettext("two whole sentences", "%(before)s %(next)s")
    return _joined(between % {"before": "", "next": ""}, parts)


def and_more(parts: Iterable[object], more: int) -> str:
    """Return a list of which so many are not named: a, b and 3 more."""
    names = listed(parts)
    if not more:
        return names
    said = ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", more)
    return _put(said, names=names, count=more)


def quoted(words: object) -> str:
    """Return words in quotation marks."""
    return _put(pgettext("words of somebody, or a title", "“%(words)s”"), words=words)


def labelled(label: object, value: object) -> str:
    """Return a label and what it is the label of: “Tags: a, b”."""
    return _put(pgettext("a label and its value", "%(label)s: %(value)s"), label=label, value=value)


def _between() -> str:
    return str(pgettext("two of a list", "%(before)s, %(next)s"))


def _joined(between: str, parts: Iterable[object]) -> str:
    found = list(parts)
    if not any(hasattr(each, "__html__") for each in found):
        return between.join(map(str, found))
    return str(format_html_join(between, "{}", ([each] for each in found)))  # still marked safe


def _put(said: str, **values: object) -> str:
    if not any(hasattr(each, "__html__") for each in values.values()):
        return said % values
    # Each is put in between the parts of the sentence, which are escaped as well.
    pieces = re.split(r"%\((\w+)\)[ds]", said)
    found = ([values[each] if place % 2 else each] for place, each in enumerate(pieces))
    return str(format_html_join("", "{}", found))  # still marked safe
