"""The site below a path of another site, in the test's own process."""

import pytest
from django.urls import get_script_prefix, set_script_prefix

BASE = "/blog"


@pytest.fixture
def below(settings):
    """Have the test's site live below BASE; its client asks for paths without it."""
    before = get_script_prefix()
    settings.BASE_PATH = settings.FORCE_SCRIPT_NAME = BASE
    settings.STATIC_URL, settings.MEDIA_URL = f"{BASE}/static/", f"{BASE}/media/"
    set_script_prefix(f"{BASE}/")
    yield BASE
    set_script_prefix(before)
