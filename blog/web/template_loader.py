"""Loads the project's templates and removes their indentation."""

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
_INDENTATION = re.compile(rf"(?P<text>{_TEXT})|^[ \t]+", re.DOTALL | re.MULTILINE)


class Loader(filesystem.Loader):  # type: ignore[misc]
    """Finds templates in DIRS, and removes indentation and continued lines."""

    def get_contents(self, origin: Origin) -> str:
        source = super().get_contents(origin)
        if origin.name.endswith(".html"):
            return without_indentation(source)
        return _CONTINUED.sub("", source)


def without_indentation(source: str) -> str:
    return _INDENTATION.sub(lambda found: found["text"] or "", source)
