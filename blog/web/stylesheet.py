"""The readers' stylesheet, which stands in each page itself.

So the first view needs one round trip and not two: on a line of 150 ms that is what it mostly waits
for. It costs the pages that follow 3 KiB each. The Content-Security-Policy names its digest, so
that no other inline style is let through (CSP Level 3, section 8.4).
"""

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe


def stylesheet() -> SafeString:
    """Return the text of css/site.css, to stand in a style element."""
    return read() if settings.DEBUG else kept()


@cache
def kept() -> SafeString:
    return read()


def read() -> SafeString:
    found = finders.find("css/site.css")
    # The project's own file, or the one an owner put in its place.
    return mark_safe(Path(str(found)).read_text())  # noqa: S308


def csp_source() -> str:
    """Return how the Content-Security-Policy names it."""
    digest = hashlib.sha256(stylesheet().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
