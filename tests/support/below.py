"""The site below a path of another site, in the test's own process."""

import pytest
from django.core.cache import caches
from django.urls import get_script_prefix, set_script_prefix

from blog.posts.templatetags.posts import line
from comments.templatetags.comments import plain_form

BASE = "/blog"


@pytest.fixture
def below(settings):
    """Have the test's site live below BASE; its client asks for paths without it."""
    before = get_script_prefix()
    settings.BASE_PATH = settings.FORCE_SCRIPT_NAME = BASE
    settings.STATIC_URL, settings.MEDIA_URL = f"{BASE}/static/", f"{BASE}/media/"
    set_script_prefix(f"{BASE}/")
    forget()
    yield BASE
    set_script_prefix(before)
    forget()


def forget():
    """Forget the parts of pages that a process keeps, for it has one path as long as it runs."""
    caches["process"].clear()
    plain_form.cache_clear()
    line.cache_clear()
