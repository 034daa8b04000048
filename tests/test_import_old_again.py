"""Imports from Blogger and Movable Type that only try, come again, are killed, or are large."""

import gzip
import time
import tracemalloc
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from itertools import count

import pytest
from conftest import SHARED
from django.contrib.auth import get_user_model
from imported_words import missing, words_of_html
from old_blogs import comment, entry, feed, mt_comment, mt_entry, taken, takeout
from test_images import (
    media_root,  # noqa: F401 - a fixture
    picture,
)
from trials import in_full

from blog.media import parts
from blog.posts.models import Forward, Image, OldAddress, Post, Tag
from blog.transfer.blogger.importing import import_blogger
from blog.transfer.course import Stretches
from blog.transfer.importers import IMPORTERS, Source
from blog.transfer.movable_type.importing import import_movabletype
from blog.transfer.movable_type.reading import Lines
from blog.transfer.movable_type.reading import parts as read
from blog.transfer.moving.models import Move, Parcel, place
from blog.transfer.moving.work import fetched
from comments.models import Comment, Unplaced

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_old")]

DATA = SHARED / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the shared test data beside us")
PING = "PING:\nTITLE: A reply\nURL: https://wheel.example/{}\nBLOG NAME: Wheel\nSaid there."


def blogger_file(tmp_path):
    path = tmp_path / "blog.xml"
    comments = [comment(20 + n, 1 + n % 3, f"Said {n}", answers=n and 19 + n) for n in range(6)]
    lost = comment(90, 99, "Lost")
    path.write_text(feed(*[entry(n, labels=["Salt"]) for n in (1, 2, 3)], *comments, lost))
    return path, import_blogger


def mt_file(tmp_path):
    path = tmp_path / "export.txt"
    said = [mt_comment(f"Said {n}") for n in range(3)]
    entries = [
        mt_entry("BODY:\nOne", *said, PING.format(n), PING.format(n * 10), BASENAME=f"clay{n}")
        for n in (1, 2)
    ]
    path.write_text("".join(entries))
    return path, import_movabletype


KINDS = pytest.mark.parametrize("kind", [blogger_file, mt_file])


def all_there_is():
    """Return how many rows there are of each kind, with what tells them apart."""
    return (
        sorted(Post.objects.values_list("origin", "path", "body", "feed_id")),
        sorted(Comment.objects.values_list("origin", "body", "status", "parent__origin")),
        sorted(Unplaced.objects.values_list("origin", flat=True)),
        sorted(Tag.objects.values_list("name", flat=True)),
        sorted(OldAddress.objects.values_list("path", "post__path")),
        sorted(Forward.objects.values_list("path", "to")),
    )


@KINDS
def test_dry_run_changes_nothing_and_says_the_same_and_second_run_adds_nothing(kind, tmp_path):
    path, bring = kind(tmp_path)
    before = all_there_is()
    tried = bring(path, dry_run=True)
    assert all_there_is() == before
    first = bring(path)
    assert +tried.added == +first.added
    made = without_feed_ids(all_there_is())
    again = bring(path)
    assert without_feed_ids(all_there_is()) == made
    assert not +again.added
    assert again.already["comment"] == first.added["comment"] > 5


def without_feed_ids(rows):
    posts, *others = rows
    return [[post[:3] for post in posts], *others]


class KilledError(Exception):
    pass


@KINDS
def test_killed_import_goes_on_to_the_same_end(kind, tmp_path):
    path, bring = kind(tmp_path)
    whole = bring(path)
    wanted = without_feed_ids(all_there_is())
    for model in (Comment, Unplaced, Post, Tag, OldAddress, Forward, get_user_model()):
        model.objects.all().delete()
    kept, kills, report = (0, None), 0, None
    while report is None:
        saves = []

        def save(steps, so_far, saves=saves):
            nonlocal kept
            saves.append(steps)
            if len(saves) > 2:
                raise KilledError
            kept = steps, so_far.as_json()

        course = Stretches(save, done=kept[0], said=kept[1], clock=count().__next__)
        try:
            report = bring(path, course=course)
        except KilledError:
            kills += 1
    assert kills > 1
    assert without_feed_ids(all_there_is()) == wanted
    assert +report.added == +whole.added


# --- Words ----------------------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize("name", ["made-classic.xml", "made-takeout.atom"])
def test_every_word_of_blogger_shows_or_is_named(name):
    report = import_blogger(DATA / "blogger" / name)
    said = "\n".join(report.lines(limit=None))
    atom = "{http://www.w3.org/2005/Atom}"
    found = 0
    for element in ET.parse(DATA / "blogger" / name).getroot().iter(f"{atom}entry"):
        number = element.findtext(f"{atom}id").rpartition("-")[2]
        words = words_of_html(element.findtext(f"{atom}content") or "")
        title = element.findtext(f"{atom}title") or ""
        shown = Counter()
        for post in Post.objects.filter(origin__endswith=f".post-{number}"):
            shown += words_of_html(post.body_html)
        for row in Comment.objects.filter(origin=f"blogger:#{number}"):
            shown += words_of_html(row.body_html)
        if shown:
            assert not missing(words, shown), number
            found += 1
        else:
            named = ("template", "settings", "Left out", "post:999", "removed at Blogger")
            assert title in said or any(each in said for each in named), number
    assert found >= 9


@needs_data
def test_every_word_of_movable_type_shows():
    import_movabletype(DATA / "movable-type" / "made.txt")
    text = (DATA / "movable-type" / "made.txt").read_text()
    shown = "".join(Post.objects.values_list("body_html", flat=True))
    shown += "".join(Comment.objects.values_list("body_html", flat=True))
    for line in text.splitlines():
        if not line.isupper() and ": " not in line[:20] and not line.endswith((":", ": ")):
            assert not missing(words_of_html(line), words_of_html(shown)), line


# --- From the admin -------------------------------------------------------------------------


def sent(content, name, kind, settings, tmp_path):
    """Return what an importer of the page is given of a file that was sent."""
    settings.DATA_DIR = tmp_path / "data"
    move = Move.objects.create(kind=kind, name=name, bytes=len(content))
    parcel = Parcel.objects.create(
        key="k" * 32, by=user(), name=name, bytes=len(content), move=move, role=Parcel.BLOG
    )
    parts.keep(place(parcel.key), 0, content)
    return fetched(move)


def user():
    return get_user_model().objects.create_superuser("mira")


def test_page_takes_a_whole_takeout(tmp_path, settings, media_root):  # noqa: F811
    path = tmp_path / "takeout.zip"
    shown = '<img src="https://1.bp.blogspot.com/-x/s320/pot.png">'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Takeout/Blogger/Blogs/Kiln/feed.atom", takeout(taken(1, shown)))
        archive.writestr("Takeout/Blogger/Blogs/Kiln/theme-layouts.xml", "<theme/>")
        archive.writestr("Takeout/Blogger/Albums/Kiln/pot.png", picture())
    with sent(path.read_bytes(), "takeout.zip", "blogger", settings, tmp_path) as source:
        report = IMPORTERS["blogger"].run(source)
    assert report.added["post"] == 1
    assert Image.objects.count() == 1


def test_page_takes_movable_types_text_packed(tmp_path, settings, media_root):  # noqa: F811
    content = gzip.compress(mt_entry("BODY:\nOne").encode())
    with sent(content, "export.txt.gz", "movable-type", settings, tmp_path) as source:
        assert isinstance(source, Source)
        report = IMPORTERS["movable-type"].run(source)
    assert report.added["post"] == 1


# --- Very many ------------------------------------------------------------------------------

MANY = in_full(100_000, 60)


@pytest.mark.long
def test_very_many_comments_cost_little_each(tmp_path):
    path = tmp_path / "blog.xml"
    html = (
        "A line of a comment, with <b>some</b> words &amp; a <a href='https://x.example/'>link</a>."
    )
    with path.open("w") as file:
        head, tail = feed(entry(1), entry(2)), "</feed>"
        file.write(head.removesuffix(tail))
        for number in range(MANY):
            answers = 100 + number // 2 if number % 3 else ""
            file.write(comment(100 + number, 1 + number % 2, f"{html} {number}", answers=answers))
        file.write(tail)
    start = time.process_time()
    report = import_blogger(path)
    spent = time.process_time() - start
    print(f"{MANY} comments: {1000 * spent / MANY:.2f} ms each")
    assert report.added["comment"] == MANY
    assert spent / MANY < in_full(0.01, 0.04)  # of few the start costs more than they do


@pytest.mark.long
def test_reading_very_many_keeps_memory_flat(tmp_path):
    path = tmp_path / "export.txt"
    said = [mt_comment(f"Said {n}. " + "Words of it. " * 400) for n in range(in_full(20_000, 600))]
    path.write_text(mt_entry("BODY:\nOne", *said))
    size = path.stat().st_size
    del said
    tracemalloc.start()
    with path.open("rb") as file:
        number = sum(1 for _each in read(Lines(file, path)))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number > 600
    assert peak < 1_500_000 < size / 2
