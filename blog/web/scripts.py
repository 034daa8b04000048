"""The scripts on readers' pages, inlined in them: one for readers, and one for those who write.

As a file it would need a request whose headers are larger than the script: Lighthouse's largest
paint came a quarter of a second later. The Content-Security-Policy allows each by its digest (CSP
3, section 6.7.1.1), and that for writers only on pages that have it.
"""

import base64
import hashlib
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe


def short(script: str) -> str:
    """Return a script without the lines that only comment it, and without indentation."""
    lines = (line.strip() for line in script.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def inlined(*names: str) -> tuple[SafeString, str]:
    """Return some of our scripts as one, and the source that allows it."""
    folder = Path(settings.BASE_DIR, "static", "js")
    script = mark_safe("".join(short((folder / name).read_text()) for name in names))  # noqa: S308 - ours
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return script, f"'sha256-{digest}'"


READERS_SCRIPT, READERS_SOURCE = inlined("notes.js", "draft.js")
EDIT_SCRIPT, EDIT_SOURCE = inlined("staff/edit.js")
