"""Two owners have the site's page open: neither undoes what the other saved without knowing."""

import pytest
from site_page import PAGE, sent_by

from blog.pages.invalidation import site_changed
from blog.site.models import SiteVersion

pytestmark = pytest.mark.django_db
SHOWN_AGAIN = {
    **{way: (PAGE, {"move": f"foot:0:{way}"}) for way in ("up", "down", "out", "more", "usual")},
    "an unknown button": (PAGE, {"move": "x"}),
    "an error": (PAGE, {"entries": "0"}),
    "a refused look": (f"{PAGE}try/", {"css": "@import 'x'", "on": "/"}),
    "a look at no page": (f"{PAGE}try/", {"on": "/nowhere/"}),
}


@pytest.fixture
def mine(admin_client):
    """What a page opened before somebody else saved sends."""
    SiteVersion.objects.create(title="First", foot=[["/a/", ""], ["/b/", ""]])
    given = sent_by(admin_client.get(PAGE)) | {"tagline": "Mine"}
    SiteVersion.objects.create(title="Theirs")
    site_changed()
    return given


def test_page_shown_again_still_knows_what_it_began_with(admin_client, mine):
    for way, (place, changes) in SHOWN_AGAIN.items():
        page = admin_client.post(place, mine | changes)
        if way == "an error":  # which says too that somebody saved
            assert "Somebody saved these settings" in page.text
            continue
        again = admin_client.post(PAGE, sent_by(page) | {"css": ""})
        assert "Somebody saved these settings" in again.text, way
        assert SiteVersion.objects.first().title == "Theirs", way


def test_second_save_after_the_message_puts_mine_in_place(admin_client, mine):
    page = admin_client.post(PAGE, mine)
    moved = admin_client.post(PAGE, sent_by(page) | {"move": "foot:0:down"})
    assert admin_client.post(PAGE, sent_by(moved)).status_code == 302
    newest = SiteVersion.objects.first()
    assert (newest.title, newest.tagline) == ("First", "Mine")


def test_third_owners_save_is_announced_as_well(admin_client, mine):
    page = admin_client.post(PAGE, mine)
    SiteVersion.objects.create(title="A third")
    assert "Somebody saved these settings" in admin_client.post(PAGE, sent_by(page)).text


def test_page_that_does_not_say_what_it_began_with_saves_nothing(admin_client, mine):
    del mine["started_from"]
    page = admin_client.post(PAGE, mine | {"move": "foot:0:up"})
    assert "Somebody saved these settings" in admin_client.post(PAGE, sent_by(page)).text
    assert SiteVersion.objects.first().title == "Theirs"
