"""Sounds and films: known by their content, kept without place and time, and refused in words."""

import contextlib
import io
import re
import struct
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from inputs import every
from test_desk_uploading import begin, part
from test_images import media_root  # noqa: F401 - a fixture

from blog.media.names import NAME
from blog.media.parts import UNIT
from blog.media.recordings import mp4, ogg, webm
from blog.media.recordings.preparing import Refused, kind_of, prepare
from blog.posts.models import FileUse, Image, Recording

HERE = Path(__file__).parent / "support" / "recordings"
SECRETS = [b"SECRET", b"2024", b"+52.5", b"+013", b"10:11"]
ADMIN = "/admin/posts/recording/"

NAMES = ["rain.mp3", "rain.ogg", "opus.ogg", "rain.m4a", "leaf.mp4", "leaf.webm"]


def content(name):
    return (HERE / name).read_bytes()


def cleaned(given):
    """Return the name a file is kept by, and its content."""
    file = io.BytesIO(given)
    prepared = prepare(file)
    assert prepared.bytes == len(file.getvalue())
    return prepared.name, file.getvalue()


def refusal(given):
    with pytest.raises(Refused) as refused:
        prepare(io.BytesIO(given))
    return str(refused.value)


# --- What is kept -----------------------------------------------------------------------------


@every("name", NAMES)
def test_place_and_time_are_removed(name):

    given = content(name)
    kept, left = cleaned(given)
    assert re.fullmatch(NAME, kept)
    assert kept.endswith(f"-64x36{name[4:]}" if name.startswith("leaf") else name[4:])
    assert [secret for secret in SECRETS if secret in left] == []
    assert any(secret in given for secret in SECRETS)
    # Cleaned already, it stays as it is.
    assert cleaned(left) == (kept, left)


def test_mp3_keeps_frames_alone():
    frames = content("rain.mp3")[-3344:]
    frames = frames[frames.index(b"\xff") :]
    tag = b"ID3\x04\0\0\0\0\0\x0a" + b"SECRET2024"
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 10, 1, 0xA0000000) + bytes(8) + b"SECRET2024"
    _name, plain = cleaned(frames)
    after = b"LYRICSBEGINSECRET" + ape + b"TAGSECRET".ljust(128)
    assert cleaned(tag + frames + tag + frames + after)[1].count(plain[:400]) == 2
    assert len(cleaned(tag + frames + ape + frames + after)[1]) == 2 * len(plain)
    # The last frame of a recording that broke off is not whole.
    assert plain.startswith(cleaned(frames[:-9])[1])


def box(kind, *parts):
    inner = b"".join(parts)
    return struct.pack(">I", 8 + len(inner)) + kind + inner


def track(kind, *more):
    handler = box(b"hdlr", bytes(8), kind, bytes(12), b"SECRET 2024\0")
    head = box(b"tkhd", b"\0\0\0\7", bytes(72), struct.pack(">II", 64 << 16, 36 << 16))
    return box(b"trak", head, box(b"mdia", handler, *more))


def test_mp4_track_of_places_goes_with_what_it_says():
    places = b"+52.5+013.4/SECRET"
    head = box(b"ftyp", b"isom", bytes(4))
    at = len(head) + 8
    sizes = box(b"stsz", struct.pack(">IIIII", 0, 0, 2, 9, 9))
    chunks = box(b"stco", struct.pack(">IIII", 0, 2, at, at + 20))
    steps = box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1))
    table = box(b"minf", box(b"stbl", sizes, chunks, steps))
    film = places[:9] + b"--pictures-" + places[9:] + b"--"
    whole = head + box(b"mdat", film)
    whole += box(b"moov", track(b"vide"), track(b"meta", table), box(b"udta", b"SECRET"))
    whole += box(b"uuid", b"SECRET") + box(b"free", b"2024")
    name, left = cleaned(whole)
    assert name.endswith("-64x36.mp4")
    assert bytes(9) + b"--pictures-" + bytes(9) + b"--" in left
    assert [secret for secret in SECRETS if secret in left] == []
    assert len(left) == len(whole)


def test_what_phones_record_is_kept_as_mp4():
    name, left = cleaned(content("leaf.mp4").replace(b"ftypisom", b"ftypqt  "))
    assert name.endswith("-64x36.mp4")
    assert left[4:12] == b"ftypmp42"


def test_ogg_sums_are_right():
    """The sum that is known of the standard: of one byte, and those of every page."""
    assert ogg.sum_of(b"\x01") == ogg.POLYNOMIAL
    _name, left = cleaned(content("rain.ogg"))
    for page in left.split(b"OggS")[1:]:
        whole = bytearray(b"OggS" + page)
        said, whole[22:26] = whole[22:26], bytes(4)
        assert ogg.sum_of(whole).to_bytes(4, "little") == said


# --- What is refused --------------------------------------------------------------------------


@every(
    ("given", "said"),
    [
        (content("leaf.mp4").replace(b"url \0\0\0\1", b"url \0\0\0\0"), "in another file"),
        (content("leaf.webm").replace(b"\x42\x82\x84webm", b"\x42\x82\x84mkv\0"), "Matroska"),
        (content("rain.ogg").replace(b"\x01vorbis", b"\x80theora"), "Vorbis or Opus"),
        (content("rain.m4a").replace(b"soun", b"meta"), "holds no film"),
        (content("leaf.webm").replace(b"\x83\x81\x01", b"\x83\x81\x02"), "holds no film"),
        (content("leaf.webm").replace(b"\x83\x81\x01", b"\x83\x81\x21"), "something else"),
        (b"ID3" + bytes(99), "damaged"),
        (b"\xff\xfb\x90\x64" + bytes(2_000_000), "damaged"),
    ],
)
def test_what_cannot_be_cleaned_is_refused(given, said):
    assert said in refusal(given)


@every("name", NAMES[1:])
def test_file_that_breaks_off_is_refused_or_clean(name):
    given = content(name)
    for length in range(16, len(given), len(given) // 15):
        try:
            _name, left = cleaned(given[:length])
        except Refused:
            continue
        assert [secret for secret in SECRETS if secret in left] == []


@every("name", NAMES)
def test_random_damage_ends_in_a_sentence_or_a_file(name):
    given = content(name)
    for number in range(25):
        damaged = bytearray(given)
        for step in range(3):
            damaged[(number * 7919 + step * 104729) % len(given)] = (number * 37 + step) % 256
        with contextlib.suppress(Refused):  # anything else would be an error of ours
            prepare(io.BytesIO(damaged))


def test_boxes_without_end_are_bounded():
    deep = box(b"ftyp", b"isom") + box(b"moov", *[box(b"trak")] * 5)
    assert "damaged" in refusal(deep)
    many = box(b"ftyp", b"isom") + box(b"moov") + box(b"free") * (mp4.MOST_BOXES + 1)
    assert "damaged" in refusal(many)
    assert webm.MOST_ELEMENTS < 10_000_000
    assert kind_of(b"\0\0\0\x18ftypheic") == kind_of(b"\xff\xd8\xff\xe0") == kind_of(b"") == ""


# --- At the desk and in the admin -------------------------------------------------------------


@pytest.mark.django_db
def test_film_comes_in_parts_and_is_kept_once(staff):
    given = content("leaf.webm")
    answer = begin(staff, given, UNIT, "A_leaf.webm").json()
    answer = part(staff, answer["upload"], given, UNIT).json()
    recording = Recording.objects.get()
    assert answer == {"markdown": recording.markdown, "recording": recording.pk}
    assert recording.markdown.startswith("![A leaf](/media/")
    assert not Image.objects.exists()
    with default_storage.open(recording.file.name) as file:
        assert file.read() == cleaned(given)[1]
    assert begin(staff, content("rain.mp3"), 8619, "rain.mp3").json()["markdown"]
    assert begin(staff, content("rain.mp3"), 8619, "other.mp3").json()["markdown"]
    assert Recording.objects.count() == 2


@pytest.mark.django_db
def test_refused_film_is_named(staff):
    answer = begin(staff, content("leaf.webm")[:4000], 4000, "leaf.webm").json()
    said = "leaf.webm was not added: This file is damaged, or breaks off. Export it again."
    assert answer == {"error": said}


@pytest.mark.django_db
def test_recording_in_an_essay_is_not_deleted(
    staff,
    write,
    django_capture_on_commit_callbacks,
):
    begin(staff, content("rain.mp3"), 8619, "rain.mp3")
    recording = Recording.objects.get()
    post = write(body=recording.markdown)
    assert (
        "“rain” is played in “On margins”"
        in staff.post(f"{ADMIN}{recording.pk}/delete/", {"post": "yes"}).text
    )
    page = staff.get(ADMIN)
    assert f'<a href="/admin/posts/post/{post.pk}/change/">On margins</a>' in page.text
    assert staff.get(f"{ADMIN}{recording.pk}/change/").status_code == 200
    assert list(Recording.objects.unused()) == []
    FileUse.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(f"{ADMIN}{recording.pk}/delete/", {"post": "yes"})
    assert not default_storage.exists(recording.file.name)
