"""What the admin calls things: filters and dates."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db
LOG = "/admin/comments/moderationevent/"


def headings(page):
    return [
        " ".join(found.split()) for found in re.findall(r"<summary>(.*?)</summary>", page, re.S)
    ]


def test_filters_of_the_log_read_as_words(admin_client, admin_user, write, say):
    say(write(), status="pending").approve(by=admin_user)
    assert headings(admin_client.get(LOG).text) == ["By decision", "By whom", "When"]


def test_dates_of_lists_are_in_the_site_s_format(admin_client, write):
    write(published_at=datetime(2026, 3, 14, 9, 5, tzinfo=UTC))
    assert "14 March 2026, 09:05" in admin_client.get("/admin/posts/post/").text


def test_no_template_gives_html_more_digits_of_a_second_than_it_takes():
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    assert [path.name for path in templates if 'date:"c"' in path.read_text()] == []
