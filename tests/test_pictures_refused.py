"""Files that are no picture, or too large a one, are refused with a sentence."""

import fcntl
import struct
import threading
import time
import zlib

import pytest
from django.core.exceptions import ValidationError
from inputs import every
from pictures import (
    bomb,
    chunk,
    saved,
)
from PIL import Image as Pixels
from PIL import features
from test_pictures import RGB, held, prepared

from blog.media.pictures.turns import alone

PATIENCE = 8
DAMAGED = "This file is damaged or not complete."
NO_PICTURE = "This image cannot be read here."


def resized(jpeg, width, height):
    """Return a JPEG that claims to have this size."""
    at = next(jpeg.index(sof) for sof in (b"\xff\xc0\0", b"\xff\xc2\0") if sof in jpeg)
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def gif_of(frames, width=9, height=9):
    """Return a GIF of so many frames, some twenty bytes each."""
    first = saved(Pixels.new("P", (9, 9)), "GIF")
    start = first.index(b",\0\0\0\0")
    head = first[:6] + struct.pack("<HH", width, height) + first[10:start]
    return head + first[start:-1] * frames + b";"


def hostile():
    zeros = zlib.compress(bytes(20_000_000), 9)
    whole = saved(RGB, "PNG")
    yield "empty", b"", NO_PICTURE
    yield "one byte", b"\xff", NO_PICTURE
    yield "HTML", b"<!doctype html><script>alert(1)</script>", NO_PICTURE
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', NO_PICTURE
    yield "PDF", b"%PDF-1.4\n1 0 obj", NO_PICTURE
    yield "ZIP", b"PK\x03\x04" + bytes(99), NO_PICTURE
    yield "TIFF", saved(RGB, "TIFF"), NO_PICTURE
    yield "BMP", saved(RGB, "BMP"), NO_PICTURE
    yield "ICO", saved(RGB, "ICO"), NO_PICTURE
    yield "MP4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(99), NO_PICTURE
    yield "GIF and script", b"GIF89a/*<script>*/=1;alert(1)//", DAMAGED
    yield "JPEG's start", b"\xff\xd8\xff", DAMAGED
    yield "JPEG of no size", resized(saved(RGB, "JPEG"), 0, 0), DAMAGED
    yield "AVIF's start", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", DAMAGED
    yield "PNG of no size", bomb(0, 9), DAMAGED
    yield "PNG, text bomb", whole[:33] + chunk(b"zTXt", b"x\0\0" + zeros) + whole[33:], DAMAGED
    yield "PNG, profile bomb", whole[:33] + chunk(b"iCCP", b"x\0\0" + zeros) + whole[33:], DAMAGED
    yield "PNG, wrong sum", whole[:30] + b"\1" + whole[31:], DAMAGED
    yield "PNG, much too large", bomb(50_000, 50_000), "63 million are"
    yield "PNG, grey, much too large", bomb(50_000, 50_000, 0), "100 million are"
    yield "PNG, long", bomb(2**31 - 1, 1), "million are the most for a PNG."
    yield (
        "JPEG, too large",
        resized(saved(RGB, "JPEG"), 65_000, 65_000),
        "100 million are",
    )
    yield (
        "progressive, too large",
        resized(saved(RGB, "JPEG", progressive=True), 13_000, 8_000),
        "87 million",
    )
    yield "WebP, too large", webp_of(16_383, 16_383), "17 million are the most for a WebP."
    yield "GIF, too large", gif_of(1, 65_000, 65_000), "100 million are the most for a GIF."
    yield (
        "GIF, too many frames",
        gif_of(20_000, 100, 100),
        "it has 20,000 frames",
    )
    yield (
        "GIF, moves, too large",
        gif_of(2, 9_000, 9_000),
        "million are the most for one",
    )
    if features.check("avif"):
        small = saved(RGB.resize((480, 320)), "AVIF")
        said = struct.pack(">II", 480, 320)
        yield "AVIF, larger than it says", small.replace(said, struct.pack(">II", 8, 8)), DAMAGED
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        noise = saved(Pixels.effect_noise((99, 99), 90).convert("RGB"), kind)
        yield f"{kind}, cut", noise[: len(noise) // 2], DAMAGED


def webp_of(width, height):
    """Return a WebP without loss that claims to have this size."""
    whole = saved(RGB, "WEBP", lossless=True)
    bits = (width - 1) | (height - 1) << 14
    return whole[:21] + struct.pack("<I", bits) + whole[25:]


def test_hostile_file_is_refused_with_a_sentence():
    wrong = []
    for what, content, says in hostile():
        try:
            found = prepared(content).name
        except ValidationError as error:
            found = error.messages[0]
        if says not in found:
            wrong.append(f"{what}: {found}")
    assert not wrong


@every("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_second_file_behind_a_picture_is_gone(kind):
    secret = b"<script>alert(1)</script>"
    noted = saved(RGB, kind, comment=secret, exif=held(1))
    for content in (saved(RGB, kind) + secret + b"PK\x03\x04", noted):
        kept = prepared(content).content
        assert secret not in kept
        assert b"Maker of phones" not in kept


def test_one_picture_is_read_at_a_time_on_a_machine(settings, monkeypatch):
    """Another process, which opens the lock's file for itself, would have to wait meanwhile."""
    found = []

    def read(file, kind):
        with (settings.DATA_DIR / "pictures.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append("taken")
        return "read"

    monkeypatch.setattr("blog.media.pictures.preparing.read", read)
    assert prepared(saved(RGB, "PNG")) == "read"
    assert found == ["taken"]


@pytest.fixture
def held_elsewhere(settings, monkeypatch):
    """Another process has a picture in memory, and nobody waits long for it."""
    monkeypatch.setattr("blog.media.pictures.preparing.REQUEST", 0.05)
    monkeypatch.setattr("blog.media.pictures.renditions.JOB", 0.05)
    with (settings.DATA_DIR / "pictures.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def test_nobody_waits_for_ever(held_elsewhere):
    with pytest.raises(ValidationError, match="Other pictures are being read just now"):
        prepared(saved(RGB, "PNG"))
    held_elsewhere.close()
    assert prepared(saved(RGB, "PNG")).name.endswith(".png")


def test_one_that_waits_comes_before_the_next(settings):
    """A job that takes turn after turn leaves one to a request in between."""
    came = []

    def wait():
        with alone(PATIENCE):
            came.append("request")

    request = threading.Thread(target=wait)
    with alone(1):
        request.start()
        while not taken(settings.DATA_DIR / "pictures.next"):
            time.sleep(0.001)
    with alone(PATIENCE):
        came.append("job")
    request.join(PATIENCE)
    assert came == ["request", "job"]


def taken(path):
    """Return whether somebody holds the lock on this file."""
    with path.open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_kind_that_no_library_reads_is_said(monkeypatch):
    monkeypatch.setattr("blog.media.pictures.headers.heic_library", lambda: None)
    with pytest.raises(ValidationError, match="HEIC cannot be read on this site"):
        prepared(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99))
