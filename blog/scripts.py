"""The one script that readers get, known by its content: no other runs on their pages."""

import base64
import hashlib
from pathlib import Path

from django.conf import settings

DRAFT = Path(settings.BASE_DIR, "static", "js", "draft.js")
# As `integrity` in the page and as a source in the policy (CSP 3, section 6.7.1.1).
DRAFT_INTEGRITY = "sha256-" + base64.b64encode(hashlib.sha256(DRAFT.read_bytes()).digest()).decode()
