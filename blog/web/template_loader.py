"""Loads the project's templates without the white space that is there for people."""

import re

from django.template import Origin
from django.template.loaders import filesystem

# Where white space counts: text that people typed, and sentences that are translated with it.
_TEXT = (
    r"<(?P<tag>pre|textarea)\b.*?</(?P=tag)>"
    r"|\{% blocktranslate\b(?:(?!trimmed|%\}).)*%\}.*?\{% endblocktranslate %\}"
)
# In plain text each line end counts; a backslash removes one, with the indentation after it.
_CONTINUED = re.compile(r"\\\n[ \t]*")
# Lines that hold nothing but tags which choose and repeat: each would leave an empty line.
_CHOOSING = (
    r"(?P<tags>(?:\{% (?:if|elif|else|endif|for|empty|endfor|with|endwith|block|endblock|load)\b"
    r"(?:(?!%\}).)*%\})+)[ \t]*\n"
)
_INDENTATION = re.compile(
    rf"(?P<text>{_TEXT})|^[ \t]*{_CHOOSING}|^[ \t]+", re.DOTALL | re.MULTILINE
)


class Loader(filesystem.Loader):  # type: ignore[misc]
    """Finds templates in DIRS, and removes indentation, lines of choices and continued lines."""

    def get_contents(self, origin: Origin) -> str:
        return sent(super().get_contents(origin), origin.name)


def sent(source: str, name: str) -> str:
    """Return a template of this name as it is sent."""
    if name.endswith(".html"):
        return without_indentation(source)
    return _CONTINUED.sub("", source)


def without_indentation(source: str) -> str:
    return _INDENTATION.sub(lambda found: found["text"] or found["tags"] or "", source)


def line_before(source: str, name: str, line: int) -> int:
    """Return which line of a template's source became this one of what is sent."""
    pattern = _INDENTATION if name.endswith(".html") else _CONTINUED
    left_out = 0
    for found in pattern.finditer(source):
        lines = source.count("\n", 0, found.start()) + 1
        if lines - left_out >= line:
            break
        if pattern is _CONTINUED or found["tags"]:
            left_out += 1
    return line + left_out
