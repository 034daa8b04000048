"""Linkbacks of the version before keep one key for one page, and linked pages know their host."""

import hashlib
from importlib import import_module

import pytest
from django.apps import apps

from comments.linkbacks.receive import row_key
from comments.models import Linkback, LinkedPage

migration = import_module("comments.migrations.0017_linkback_keys_without_scheme")


def old_key(place):
    return hashlib.sha256(place.encode()).hexdigest()


@pytest.fixture
def received(write):
    """Make a linkback as the version before kept it."""
    post = write()

    def received(source):
        key = old_key(source.rstrip("/"))
        return Linkback.objects.create(
            post=post, source=source, target="x", key=key, protocol="pingback"
        )

    return received


def test_keys_lose_their_scheme_and_get_it_back(received):
    row = received("http://a.example/x/")
    before = row.key
    migration.without_scheme(apps, None)
    row.refresh_from_db()
    assert row.key == row_key("https://a.example/x")
    migration.as_before(apps, None)
    row.refresh_from_db()
    assert row.key == before


def test_two_rows_of_one_page_are_both_kept(received):
    first, second = received("http://a.example/x?y"), received("https://a.example/x?y")
    migration.without_scheme(apps, None)
    first.refresh_from_db()
    assert first.key == row_key(second.source)
    assert Linkback.objects.count() == 2


def test_linked_pages_get_their_host(write):
    page = LinkedPage(post=write(), key="https://a.example:8080/x", target="x", source="y")
    page.state = "sent"
    page.save()
    LinkedPage.objects.update(host="")
    migration.name_hosts(apps, None)
    page.refresh_from_db()
    assert page.host == "a.example:8080"
