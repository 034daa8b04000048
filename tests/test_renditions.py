"""Pictures in several widths: their names, and what is served until they are made."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from test_images import media_root  # noqa: F401 - a fixture

from blog.media.names import (
    instead_of,
    made_of,
    name_in,
    original_of,
    renditions_of,
    size_in,
    still_of,
)

HASH = "0f" * 16
PHOTO = f"{HASH}-2560x1707.jpg"
MOVING = f"{HASH}-400x300.moving.webp"


# --- Names ------------------------------------------------------------------------------------


def test_renditions_follow_from_the_name():
    found = renditions_of(PHOTO)
    assert found[1] == (720, 480, f"{PHOTO}.720.webp")
    assert [made.width for made in found] == [360, 720, 1040, 1280, 1920]
    for name in (f"{HASH}-360x9000.png", MOVING, f"{HASH}.mp3", f"{HASH}-900x600.mp4", "x.jpg"):
        assert renditions_of(name) == []
    assert made_of(MOVING) == [still_of(MOVING)]
    assert original_of(found[1].name) == PHOTO
    assert original_of(still_of(MOVING)) == MOVING
    assert original_of(PHOTO) is None


def test_address_says_its_size():
    sizes = {
        PHOTO: ("2560", "1707"),
        f"{PHOTO}.720.webp": ("720", "480"),
        still_of(MOVING): ("400", "300"),
        f"{HASH}-900x600.webm": ("900", "600"),
        f"{HASH}.mp3": None,
        f"{PHOTO}.exe": None,
    }
    assert {name: size_in(f"/media/{name}") for name in sizes} == sizes
    assert name_in(f"/media/{PHOTO}?x") is None
    assert name_in(f"https://example.org/media/{PHOTO}") is None


def test_nearest_width_stands_in():
    found = instead_of(f"{PHOTO}.1040.webp")
    widths = ["1280", "720", "360", "1920"]
    assert found == [*(f"{PHOTO}.{width}.webp" for width in widths), PHOTO]
    assert instead_of(still_of(MOVING)) == [MOVING]
    assert instead_of(PHOTO) == []


# --- How they are served ----------------------------------------------------------------------


def put(name, content):
    default_storage.save(name, ContentFile(content))


def test_nearest_that_is_there_is_served_for_now(client):
    put(PHOTO, b"original")
    address = f"/media/{PHOTO}.720.webp"
    answers = [client.get(address)]
    put(f"{PHOTO}.1920.webp", b"wide")
    answers.append(client.get(address))
    put(f"{PHOTO}.720.webp", b"right")
    answers.append(client.get(address))
    assert [answer.content for answer in answers] == [b"original", b"wide", b"right"]
    kinds = [answer["Content-Type"] for answer in answers]
    assert kinds == ["image/jpeg", "image/webp", "image/webp"]
    short, kept = "public, max-age=20", "public, max-age=31536000, immutable"
    assert [answer["Cache-Control"] for answer in answers] == [short, short, kept]
    assert len({answer["ETag"] for answer in answers}) == 3
    policies = {answer["Content-Security-Policy"] for answer in answers}
    assert policies == {"default-src 'none'; sandbox"}


@pytest.mark.django_db
def test_rendition_of_nothing_is_not_there(client):
    for name in (f"{PHOTO}.720.webp", still_of(MOVING), f"{HASH}.mp3"):
        assert client.get(f"/media/{name}").status_code == 404
