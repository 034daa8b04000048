"""Files come to the desk in parts: in any order, twice, from two browsers, and after a failure."""

import io
import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from inputs import every
from PIL import Image as Pixels
from test_backup_s3 import store  # noqa: F401 - a fixture
from test_images import media_root, picture  # noqa: F401 - a fixture

from blog.lib.env import parse_media_storage
from blog.media import parts
from blog.media.parts import UNIT
from blog.media.pictures.turns import Busy
from blog.posts.models import Image, Upload
from blog.transfer.backup import stored_files

NEW = "/admin/posts/post/upload/"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def photo():
    """A picture of a few parts."""
    out = io.BytesIO()
    Pixels.effect_noise((400, 300), 90).save(out, "PNG")
    assert len(out.getvalue()) > 4 * UNIT
    return out.getvalue()


def begin(staff, content, first=0, name="leaf.png"):
    return sent(staff, f"{NEW}?name={name}&bytes={len(content)}", content[:first])


def sent(staff, address, body=b""):
    return staff.post(address, body, content_type="application/octet-stream")


def part(staff, address, content, at, units=1):
    return sent(staff, f"{address}?at={at}", content[at : at + units * UNIT])


def begun():
    """Return the keys of uploads of which something is there."""
    return [key for key in parts.begun() if key != "half"]


def files():
    return [name for key in begun() for name in default_storage.listdir(f"parts/{key}")[1]]


def test_small_file_takes_one_request(staff, django_capture_on_commit_callbacks):
    content = picture()
    with django_capture_on_commit_callbacks(execute=True):
        answer = begin(staff, content, len(content)).json()
    image = Image.objects.get()
    assert answer == {"markdown": image.markdown, "image": image.pk}
    assert image.uploaded_by.username == "ines"
    assert begun() == []


def test_parts_in_any_order_make_the_picture(staff, photo):
    answer = begin(staff, photo, UNIT).json()
    address = answer["upload"]
    assert (answer["there"], answer["next"]) == ([[0, UNIT]], UNIT)
    places = range(UNIT, len(photo), UNIT)
    for at in reversed(places):
        answer = part(staff, address, photo, at).json()
    assert answer["markdown"] == Image.objects.get().markdown
    # Somebody who lost that answer asks again.
    assert staff.get(address).json() == answer
    assert part(staff, address, photo, 0).json() == answer


def test_part_may_come_twice_and_longer(staff, photo):
    address = begin(staff, photo, UNIT).json()["upload"]
    assert part(staff, address, photo, 0).json()["next"] == UNIT
    # What is there is not sent over: the answer says from where to go on.
    assert part(staff, address, photo, 0, units=3).json()["there"] == [[0, UNIT]]
    assert part(staff, address, photo, 2 * UNIT, units=2).json()["next"] == UNIT
    assert len(files()) == 2


def test_missing_part_is_asked_for_again(staff, photo):
    address = begin(staff, photo, 3 * UNIT).json()["upload"]
    key = Upload.objects.get().key
    default_storage.delete(f"parts/{key}/0-{3 * UNIT}")
    assert part(staff, address, photo, 3 * UNIT, 99).json()["next"] == 0
    assert "markdown" in part(staff, address, photo, 0, 3).json()


@every(
    ("at", "length"),
    [("0", UNIT + 1), ("1", UNIT), (str(UNIT), 123 * UNIT), ("x", UNIT), ("", 0), ("9" * 30, UNIT)],
)
def test_part_that_fits_nowhere_is_refused(staff, at, length):
    address = sent(staff, f"{NEW}?name=a.png&bytes=9000000").json()["upload"]
    answer = sent(staff, f"{address}?at={at}", bytes(length))
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("This part does not fit")
    assert begun() == []


def test_refused_file_says_why_and_leaves_nothing(staff, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = begin(staff, b"x" * 99, 99, "leaf.heic")
    said = "leaf.heic was not added: choose a JPEG, PNG, WebP or GIF."
    assert answer.json() == {"error": said}
    assert not Upload.objects.exists()
    assert begun() == []
    assert "is empty" in begin(staff, b"").json()["error"]
    large = sent(staff, f"{NEW}?name=x.mp4&bytes=600000000")
    assert large.json()["error"] == "x.mp4 was not added: it has 600 MB; 500 are the most."


def test_whole_file_is_kept_until_it_can_be_read(staff, photo, monkeypatch):
    def held(seconds):
        raise Busy

    monkeypatch.setattr("blog.media.pictures.preparing.alone", held)
    answer = begin(staff, photo, len(photo)).json()
    assert answer["next"] == len(photo)
    monkeypatch.undo()
    assert "markdown" in sent(staff, f"{answer['upload']}?at={len(photo)}").json()


def test_whole_file_is_kept_until_it_can_be_stored(staff, photo, monkeypatch):
    def full(name, content):
        raise OSError(28, "No space left on device")

    address = begin(staff, photo, UNIT).json()["upload"]
    monkeypatch.setattr("blog.media.storing.put", full)
    assert part(staff, address, photo, UNIT, units=99).status_code == 503
    monkeypatch.undo()
    assert "markdown" in sent(staff, f"{address}?at={len(photo)}").json()


def test_nobody_elses_upload_is_reached(staff, photo, client):
    address = begin(staff, photo, UNIT).json()["upload"]
    other = Client()
    other.force_login(get_user_model().objects.create_superuser("other"))
    assert [other.get(address).status_code, part(other, address, photo, 0).status_code] == [
        403,
        403,
    ]
    assert other.delete(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert Client().get(f"/media/parts/{Upload.objects.get().key}/0-{UNIT}").status_code == 404


def test_stopped_upload_is_forgotten_at_once(
    staff,
    photo,
    django_capture_on_commit_callbacks,
):
    address = begin(staff, photo, UNIT).json()["upload"]
    with django_capture_on_commit_callbacks(execute=True):
        assert staff.delete(address).status_code == 200
    assert staff.get(address).status_code == 404
    assert begun() == []


def test_uploads_are_bounded(staff, photo, settings):
    settings.RECORDING_MB = 1
    for _number in range(4):
        begin(staff, bytes(1_000_000))
    answer = begin(staff, photo)
    assert (answer.status_code, Upload.objects.count()) == (429, 4)
    assert answer.json()["error"] == "Too much is on its way already. Try again later."
    Upload.objects.update(bytes=1)
    Upload.objects.bulk_create(
        Upload(key=str(number), by=Upload.objects.first().by, bytes=1) for number in range(26)
    )
    assert begin(staff, photo).status_code == 429


def test_old_uploads_are_cleared_with_their_parts(
    staff,
    photo,
    django_capture_on_commit_callbacks,
):
    begin(staff, photo, UNIT)
    Upload.objects.update(began_at=timezone.now() - timedelta(days=2))
    new = begin(staff, photo, UNIT).json()["upload"]
    parts.keep("f" * 32, 0, b"of nobody")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("forget_uploads")
    assert [f"{NEW}{key}/" for key in begun()] == [new]
    assert [*stored_files()] == []  # nor does a backup take what is on its way


def test_parts_lie_in_a_bucket_for_every_machine(settings, store, staff, photo):  # noqa: F811
    pytest.importorskip("blog.media.bucket")
    kept_in = {"default": parse_media_storage("s3://margin/media")}
    settings.STORAGES = settings.STORAGES | kept_in
    second = Client()
    second.cookies = staff.cookies
    answer = begin(staff, photo, UNIT).json()
    for at in range(UNIT, len(photo), 2 * UNIT):
        answer = part(second, answer["upload"], photo, at, 2).json()
    assert answer["markdown"] == Image.objects.get().markdown
    assert [*stored_files()] == [Image.objects.get().file.name]
    default_storage.connection.meta.client.close()


@pytest.mark.django_db(transaction=True)
def test_two_browsers_send_one_picture(staff, photo):
    address = begin(staff, photo, UNIT).json()["upload"]
    together, found = threading.Barrier(2), []

    def send(units):
        browser = Client()
        browser.cookies = staff.cookies
        together.wait()
        answer = {"next": UNIT}
        while "next" in answer:
            answer = part(browser, address, photo, answer["next"], units).json()
        found.append(answer)
        connection.close()
        if connection.connection is not None:  # which Django leaves open where it is in memory
            connection.connection.close()

    browsers = [threading.Thread(target=send, args=[units]) for units in (1, 2)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    assert (
        found == [{"markdown": Image.objects.get().markdown, "image": Image.objects.get().pk}] * 2
    )
