"""An icon or a picture that was chosen stays chosen until it is saved or taken out."""

from io import BytesIO

import pytest
from lxml import html
from PIL import Image
from site_page import PAGE, sent_by

from blog.pages.invalidation import site_changed
from blog.site import icons
from blog.site.chosen import ICON, PICTURE
from blog.site.models import SiteVersion

pytestmark = pytest.mark.django_db
NOT_SAVED = "Chosen, and not saved yet."


@pytest.fixture(autouse=True)
def _media(settings, tmp_path, monkeypatch):
    """Pictures are made, but small: their sizes are looked at in test_site_look.py."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(icons, "SIDES", (8, 24, 32, 64))
    monkeypatch.setattr(icons, "SHARED", (120, 63))


@pytest.fixture
def send(admin_client):
    """Send the form as it stands on a page, with changes; return what comes."""

    def post(page=None, to=PAGE, **changes):
        given = sent_by(page or admin_client.get(PAGE))
        answer = admin_client.post(to, given | changes)
        site_changed()  # what a commit does, of which a test has none
        return answer

    return post


def nothing_set():
    SiteVersion.objects.all().delete()
    site_changed()


def file(colour="#a8231c"):
    made = BytesIO()
    Image.new("RGB", (600, 600), colour).save(made, "PNG")
    made.seek(0)
    made.name = "picture"
    return made


def names():
    stored = SiteVersion.objects.first()
    return bool(stored and stored.icons), bool(stored and stored.picture)


AGAIN = {
    "a link's button": {"move": "foot:0:down"},
    "the usual links": {"move": "foot:0:usual"},
    "an error elsewhere": {"entries": "0"},
    "a refused look": {"to": f"{PAGE}try/", "on": "/", "entries": "0"},
    "what somebody saved": {"started_from": "12345"},
}


def test_files_stay_chosen_when_the_page_is_shown_again(send, admin_client):
    first = admin_client.get(PAGE)
    for way, given in AGAIN.items():
        page = send(first, **given, icon_file=file(), picture_file=file())
        assert page.text.count(NOT_SAVED) == 2, way
        assert "The icon now" not in page.text, way
        assert "The picture now" not in page.text, way
        page = send(page, move="masthead:0:down", entries="")
        assert page.text.count(NOT_SAVED) == 2, way
        assert send(page, entries="").status_code == 302, way
        assert names() == (True, True), way
        nothing_set()


def test_icon_in_force_is_called_the_one_now(send):
    send(icon_file=file())
    stored = SiteVersion.objects.first().icons[1]
    page = send(entries="0", icon_file=file("#204060")).text
    now = html.fromstring(page).xpath("//img[@alt='The icon now']/@src")
    assert [each.rpartition("/")[2] for each in now] == [stored]
    assert page.count(NOT_SAVED) == 1


def test_newer_file_takes_the_place_of_an_earlier_one(send):
    page = send(move="foot:0:down", icon_file=file())
    page = send(page, move="foot:0:down", icon_file=file("#204060"))
    send(page)
    newer = SiteVersion.objects.get().icons
    send(icon_file=file())
    send(icon_file=file("#204060"))
    assert [version.icons == newer for version in SiteVersion.objects.all()] == [True, False, True]


def test_refused_file_leaves_the_earlier_one_and_says_why(send):
    page = send(move="foot:0:down", icon_file=file())
    page = send(page, move="foot:0:down", icon_file=BytesIO(b"<svg/>"), entries="0")
    assert page.text.count("This image cannot be read here.") >= 1
    assert page.text.count(NOT_SAVED) == 1
    assert "greater than or equal" not in page.text
    send(page, entries="")
    assert names() == (True, False)


def test_ticked_box_takes_out_what_was_chosen(send):
    page = send(move="foot:0:down", icon_file=file(), picture_file=file())
    page = send(page, move="foot:0:down", icon_out="on")
    assert page.text.count(NOT_SAVED) == 1
    send(page)
    assert names() == (False, True)


def test_file_and_ticked_box_together_lose_nothing(send):
    send(icon_file=file())
    page = send(icon_file=file("#204060"), icon_out="on")
    assert "Choose a file or tick the box below it, not both." in page.text
    assert NOT_SAVED in page.text
    before = SiteVersion.objects.get().icons
    send(page, icon_out="")
    assert SiteVersion.objects.first().icons not in (before, [])


FORGED = {
    "nothing": lambda: "",
    "no seal": lambda: "x",
    "three parts": lambda: "a:b:c",
    "plain names": lambda: '["../../etc/passwd"]',
    "another seal": lambda: ICON.sealed(["a"]) + "x",
    "a null": lambda: "\0",
    "very long": lambda: "é" * 5000,
    "another field's": lambda: PICTURE.sealed("of-another-field.jpg"),
}


def test_forged_names_are_not_taken(send, admin_client):
    first = admin_client.get(PAGE)
    for what, forge in FORGED.items():
        page = send(first, move="foot:0:down", icons_chosen=forge())
        assert NOT_SAVED not in page.text, what
        send(first, icons_chosen=forge(), title="Named")
        assert SiteVersion.objects.get().icons == [], what
        nothing_set()
