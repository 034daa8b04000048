"""Sounds and films in pieces (RFC 9110, sections 13.1.5 and 14), from the disk and a bucket."""

import json

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from lxml.etree import fromstring
from test_backup_s3 import store  # noqa: F401 - a fixture
from test_images import media_root  # noqa: F401 - a fixture

from blog.media import ranges
from blog.posts.models import Recording

NAME = f"{'0' * 32}.mp3"
ADDRESS = f"/media/{NAME}"
CONTENT = bytes(range(256)) * 10
TAG = f'"{NAME}"'

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["disk", "bucket"])
def sound(request, settings, monkeypatch):
    """A sound of 2,560 bytes, sent in pieces of 1,000."""
    if request.param == "bucket":
        env = pytest.importorskip("blog.lib.env")
        request.getfixturevalue("store")
        kept_in = env.parse_media_storage("s3://margin/media")
        settings.STORAGES = settings.STORAGES | {"default": kept_in}
    monkeypatch.setattr(ranges, "PIECE", 1000)
    default_storage.save(NAME, ContentFile(CONTENT))
    yield CONTENT
    if request.param == "bucket":
        default_storage.connection.meta.client.close()


def get(client, asked=None, **headers):
    return client.get(ADDRESS, headers={"Range": asked} if asked else None, **headers)


RANGES = {
    "bytes=0-9": (0, 10),
    "bytes=100-100": (100, 101),
    "bytes=0-": (0, 1000),  # its first piece
    "bytes=2000-": (2000, 2560),
    "bytes=2500-9999": (2500, 2560),
    "bytes=-10": (2550, 2560),
    "bytes=-9999": (0, 1000),
}


def test_ranges_are_answered_in_pieces(sound, client):
    for asked, (start, end) in RANGES.items():
        answer = get(client, asked)
        assert (answer.status_code, answer.content) == (206, sound[start:end]), asked
        assert answer["Content-Range"] == f"bytes {start}-{end - 1}/2560"
        assert answer["Content-Type"] == "audio/mpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    for asked in ("bytes=2560-", "bytes=9999-10000", "bytes=-0", "bytes=5-4"):
        answer = get(client, asked)
        assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */2560"), asked


def test_whole_file_is_sent_piece_by_piece(sound, client):
    for asked in (None, "bytes=0-1,5-6", "lines=0-1", "bytes=x-", "bytes=-"):
        answer = get(client, asked)
        assert answer.status_code == 200, asked
        pieces = [*answer.streaming_content]
        assert [len(piece) for piece in pieces] == [1000, 1000, 560]
        assert b"".join(pieces) == sound
        assert (answer["Content-Length"], answer["Accept-Ranges"]) == ("2560", "bytes")
    head = client.head(ADDRESS, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head["Content-Length"], head["Accept-Ranges"]) == (
        200,
        "2560",
        "bytes",
    )


@pytest.mark.usefixtures("sound")
def test_range_of_another_file_gets_the_whole(client):
    for tag, status in [(TAG, 206), ('"other"', 200), (f"W/{TAG}", 200), ("Sun, 29 Nov 2026", 200)]:
        answer = client.get(ADDRESS, headers={"Range": "bytes=0-9", "If-Range": tag})
        assert answer.status_code == status, tag
    known = client.get(ADDRESS, headers={"If-None-Match": TAG, "Range": "bytes=0-9"})
    assert known.status_code == 304


def test_missing_sound_is_404(client):
    assert client.get(f"/media/{'1' * 32}.mp3").status_code == 404


# --- In feeds -----------------------------------------------------------------------------------


@pytest.fixture
def podcast(write):
    Recording.objects.create(file=NAME, title="An hour of rain", bytes=2560)
    return write(body=f"Listen:\n\n![An hour of rain]({ADDRESS})\n\n![](/media/{'1' * 32}.ogg)")


@pytest.mark.usefixtures("podcast")
def test_first_sound_is_an_enclosure(client, settings):
    url = f"{settings.SITE_URL}{ADDRESS}"
    rss = fromstring(client.get("/feed.xml").content)
    assert rss.find(".//enclosure").attrib == {"url": url, "length": "2560", "type": "audio/mpeg"}
    atom = client.get("/atom.xml").text
    entry = atom[atom.index("<entry>") :]
    assert f'href="{url}"' in entry
    assert 'rel="enclosure"' in entry
    assert f'&lt;a href="{url}"&gt;An hour of rain&lt;/a&gt;' in entry
    item = json.loads(client.get("/feed.json").content)["items"][0]
    attachment = {"url": url, "mime_type": "audio/mpeg", "size_in_bytes": 2560}
    assert item["attachments"] == [attachment]


def test_enclosures_cost_one_query(write, client, django_assert_max_num_queries, podcast):
    with django_assert_max_num_queries(50) as one:
        client.get("/feed.xml")
    write("Another", slug="another", body=podcast.body)
    with django_assert_max_num_queries(50) as two:
        client.get("/feed.xml")
    assert len(one) == len(two)
    assert sum("posts_recording" in query["sql"] for query in two.captured_queries) == 1
    Recording.objects.all().delete()
    assert "<enclosure" not in client.get("/feed.xml").text


def test_what_is_not_kept_here_is_no_enclosure(write, client):
    write(body='<audio src="https://other.example/x.mp3"></audio><audio src="/x.mp3"></audio>')
    assert "<enclosure" not in client.get("/feed.xml").text
