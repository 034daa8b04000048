"""The only script on readers' pages, which is inlined in them.

As a file it would need a request whose headers are larger than the script: Lighthouse's largest
paint came a quarter of a second later. The Content-Security-Policy allows it by its digest (CSP 3,
section 6.7.1.1).
"""

import base64
import hashlib
from pathlib import Path

from django.conf import settings
from django.utils.safestring import mark_safe

DRAFT_SCRIPT = mark_safe(Path(settings.BASE_DIR, "static", "js", "draft.js").read_text())  # noqa: S308 - ours
DRAFT_SOURCE = (
    f"'sha256-{base64.b64encode(hashlib.sha256(DRAFT_SCRIPT.encode()).digest()).decode()}'"
)
