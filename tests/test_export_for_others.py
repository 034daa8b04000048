"""Comments and essays leave for other systems: whole, and nothing becomes public there."""

import json
import os
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import whole_site
from conftest import on
from lxml import etree
from PIL import Image as Pixels

from blog.markup import plain_text
from blog.posts.models import OldAddress, Post, Tag
from blog.transfer.discussions.bringing import import_discussion
from blog.transfer.discussions.comments_json import CommentsJson
from blog.transfer.discussions.disqus import Disqus
from blog.transfer.disqus_writer import write_disqus
from blog.transfer.export import all_posts
from blog.transfer.export_rows import write_discussions
from blog.transfer.ghost.importing import import_ghost
from blog.transfer.ghost_writer import write_ghost, write_ghost_redirects
from comments.models import Comment

ISSO = os.environ.get("POSTIL_ISSO", str(Path.home() / ".cache/postil-peers/isso/bin/isso"))
DISQUS = {None: "http://disqus.com"}


@pytest.fixture
def talk(write, say, settings):
    """An essay with one comment in each state, a deleted one that is answered, and a draft."""
    settings.SITE_URL = "https://blog.example.org"
    post = write("Über <Ränder> & mehr")
    gone = say(post, "Removed words, answered.", name="Gone", status="trash", refresh=False)
    say(post, "An answer.", parent=gone, status="approved", refresh=False)
    first = say(post, "Use `<b>` & *care*:\n\n* a\n* b", url="https://ann.example/?a=1&b=2",
                status="approved", refresh=False)  # fmt: skip
    say(post, "Agreed.", parent=first, status="approved", email="lou@example.org", refresh=False)
    for status in ("pending", "spam", "trash"):
        say(post, f"Hidden words, {status}.", status=status, refresh=False)
    draft = write("A draft", published_at=None)
    say(draft, "Hidden words, on a draft.", status="approved", refresh=False)
    Comment(post=post, kind="webmention", source="https://w.example/", status="approved").save()
    return post


def posts_of(path):
    return etree.parse(path).findall("post", DISQUS)


def text(element, name):
    return element.findtext(name.replace("/", "/{http://disqus.com}"), None, DISQUS) or ""


# --- Disqus ---------------------------------------------------------------------------------


def test_all_that_readers_cannot_see_is_marked_as_deleted(talk, tmp_path):
    assert write_disqus(tmp_path / "d.xml") == 8
    rows = posts_of(tmp_path / "d.xml")
    shown = [row for row in rows if text(row, "isDeleted") == "false"]
    assert [text(row, "isSpam") for row in shown] == ["false"] * 3
    assert not any("Hidden" in text(row, "message") for row in shown)
    assert Counter(text(row, "isSpam") for row in rows) == {"false": 7, "true": 1}


def test_deleted_comment_with_replies_has_neither_words_nor_name(talk, tmp_path):
    write_disqus(tmp_path / "d.xml")
    first, answer = posts_of(tmp_path / "d.xml")[:2]
    assert (text(first, "message"), text(first, "author/name")) == ("", "")
    parent = answer.find("parent", DISQUS)
    assert [*parent.attrib.values()] == [*first.attrib.values()]


def test_disqus_form_comes_back_with_the_same_words(talk, tmp_path):
    write_disqus(tmp_path / "d.xml")
    left = shown_here(talk)
    Comment.objects.filter(kind="comment").delete()
    report = import_discussion(Disqus(tmp_path / "d.xml"))
    assert report.added["comment"] == 3, list(report.lines())
    assert shown_here(talk) == left


def shown_here(post):
    said = Comment.objects.filter(post=post, status="approved", kind="comment").order_by("pk")
    return [
        (one.body_html, one.name, one.email, one.url, one.created_at.replace(microsecond=0))
        for one in said
    ]


# --- The documented form --------------------------------------------------------------------


def test_documented_form_comes_back_as_it_was(talk, tmp_path):
    def here():
        said = Comment.objects.filter(kind="comment").select_related("parent", "post")
        return sorted(
            (*(one.body_html, one.status, one.name, one.email, one.url), one.created_at,
             one.parent.body_html if one.parent else "", one.post.path)
            for one in said
        )  # fmt: skip

    assert write_discussions(tmp_path / "d.json") == 8
    # Under an essay that is not public it waits.
    Comment.objects.filter(body="Hidden words, on a draft.").update(status="pending")
    left = here()
    Comment.objects.filter(parent__isnull=False).delete()
    Comment.objects.filter(kind="comment").delete()
    report = import_discussion(CommentsJson(tmp_path / "d.json"))
    assert (report.added["comment"], report.notes.keys() & {"Comments left out"}) == (8, set())
    assert here() == left
    again = import_discussion(CommentsJson(tmp_path / "d.json"))
    assert (again.added["comment"], again.already["comment"]) == (0, 8)


def test_each_comment_stands_on_a_line_with_known_fields(talk, tmp_path):
    write_discussions(tmp_path / "d.json")
    lines = (tmp_path / "d.json").read_text().splitlines()[1:-1]
    assert len(lines) == 8
    assert CommentsJson(tmp_path / "d.json").unreadable() == {}


# --- Isso -----------------------------------------------------------------------------------


def imported_by_isso(path, folder):
    """Have a real Isso import a file; return its rows of mode, text and author."""
    if not Path(ISSO).is_file():
        pytest.skip("no Isso is installed")
    settings = folder / "isso.cfg"
    settings.write_text(f"[general]\ndbpath = {folder / 'isso.db'}\nhost = http://a.example/\n")
    command = [ISSO, "-c", settings, "import", "-t", "disqus", "--empty-id", path]
    subprocess.run(command, check=True, capture_output=True, timeout=60, cwd=folder)
    with closing(sqlite3.connect(folder / "isso.db")) as rows:
        found = "SELECT mode, text, author, uri FROM comments JOIN threads ON threads.id = tid"
        return rows.execute(found).fetchall()


def test_isso_imports_what_readers_saw_and_shows_no_more(talk, tmp_path):
    write_disqus(tmp_path / "d.xml")
    rows = imported_by_isso(tmp_path / "d.xml", tmp_path)
    shown = [row for row in rows if row[0] == 1]
    assert len(shown) == 3
    assert {row[3] for row in shown} == {quote(talk.get_absolute_url())}
    assert [row[1] or "" for row in rows if row[0] == 4] == [""]
    assert not any("Hidden" in row[1] for row in rows)


@pytest.mark.xdist_group("export")
def test_isso_imports_a_whole_site(tmp_path, django_db_blocker):
    with django_db_blocker.unblock():
        out = whole_site.export()
    public = json.loads((out / "discussions.json").read_text())
    shown = {one["id"] for one in public if one["status"] == "approved"}
    deleted = {text(row, "id") for row in posts_of(out / "disqus.xml")
               if text(row, "isDeleted") == "true"}  # fmt: skip
    rows = imported_by_isso(out / "disqus.xml", tmp_path)
    assert len([row for row in rows if row[0] == 1]) == len(public) - len(deleted)
    assert 0 < len(public) - len(deleted) <= len(shown)


# --- Ghost ----------------------------------------------------------------------------------


@pytest.fixture
def essays(write, author):
    tag = Tag.objects.create(name="Äpfel & Birnen", slug="äpfel")
    first = write("First", slug="first", standfirst="x" * 400)
    first.tags.add(tag)
    link = f"[back]({first.get_absolute_url()}#a) [out](https://x.example/)"
    write("Same slug", slug="first", published_at=on(2020), body=f"{link} ![](/media/a.png)")
    write("Draft", published_at=None)
    write("Later", published_at=on(2199))
    write("Withdrawn", withdrawn_at=on(2026, 3))
    write("About", kind="page")
    write("Binned", published_at=None).throw_away()
    OldAddress.objects.create(path="blog/first.php", post=first)
    return first


def ghost(tmp_path):
    write_ghost(tmp_path / "ghost.json", all_posts())
    (database,) = json.loads((tmp_path / "ghost.json").read_text())["db"]
    return database["data"]


def test_only_published_essays_are_published_in_ghost(essays, tmp_path):
    rows = {row["title"]: row for row in ghost(tmp_path)["posts"]}
    assert {title: row["status"] for title, row in rows.items()} == {
        "First": "published",
        "Same slug": "published",
        "Draft": "draft",
        "Later": "scheduled",
        "Withdrawn": "draft",
        "About": "published",
    }
    assert [title for title, row in rows.items() if row["type"] == "page"] == ["About"]
    assert rows["Later"]["published_at"] == "2199-01-01T12:00:00.000Z"
    assert rows["Draft"]["published_at"] is None


def test_texts_stand_in_one_card_with_ghost_s_addresses(essays, tmp_path):
    rows = {row["title"]: row for row in ghost(tmp_path)["posts"]}
    html = rows["Same slug"]["html"]
    assert html.startswith("<!--kg-card-begin: html-->")
    assert 'href="__GHOST_URL__/first/#a"' in html
    assert 'src="__GHOST_URL__/content/images/a.png"' in html
    assert 'href="https://x.example/"' in html
    assert rows["Same slug"]["slug"] != rows["First"]["slug"] == "first"
    assert len(rows["First"]["custom_excerpt"]) == 300


@pytest.mark.parametrize(
    ("slug", "there"), [("über-ränder", "uber-rander"), ("茶の湯", "essay-{pk}"), ("Groß", "gross")]
)
def test_slug_is_one_that_ghost_leaves_alone(write, tmp_path, slug, there):
    post = write("A title", slug=slug)
    (row,) = ghost(tmp_path)["posts"]
    assert row["slug"] == there.format(pk=post.pk)


def test_tags_and_writers_are_tied_to_their_essays(essays, tmp_path):
    data = ghost(tmp_path)
    (tied,) = data["posts_tags"]
    assert tied["post_id"] == data["posts"][0]["id"]
    assert [row["name"] for row in data["tags"] if row["id"] == tied["tag_id"]] == [
        "Äpfel & Birnen"
    ]
    (user,) = data["users"]
    assert {row["author_id"] for row in data["posts_authors"]} == {user["id"]}
    assert len(data["posts_authors"]) == len(data["posts"])
    assert "password" not in user


def test_ghost_form_comes_back_with_the_same_words(essays, tmp_path, settings):
    def here():
        posts = Post.objects.filter(binned_at=None).exclude(title="Withdrawn")
        return {
            (
                *(post.title, post.kind, post.status, plain_text(post.body_html)),
                str(post.published_at)[:19],
                *post.tags.values_list("name", flat=True),
            )
            for post in posts
        }

    settings.MEDIA_ROOT = tmp_path / "media"
    left = here()
    write_ghost(tmp_path / "ghost.json", all_posts())
    Post.objects.all().delete()
    pictures = tmp_path / "content" / "images"
    pictures.mkdir(parents=True)
    Pixels.new("RGB", (90, 60), "red").save(pictures / "a.png")
    report = import_ghost(tmp_path / "ghost.json", media=tmp_path / "content")
    assert (report.added["post"], report.added["page"]) == (5, 1)
    assert Post.objects.get(title="Withdrawn").status == "draft"
    Post.objects.filter(title="Withdrawn").delete()
    assert here() == left


def test_known_addresses_lead_to_ghost_s(essays, tmp_path):
    write_ghost_redirects(tmp_path / "r.json")
    rows = {row["from"]: row["to"] for row in json.loads((tmp_path / "r.json").read_text())}
    assert rows[r"^/blog/first\.php/?$"] == "/first/"
    assert rows[f"^{essays.get_absolute_url().rstrip('/')}/?$"] == "/first/"
    assert not any("draft" in old or "withdrawn" in old for old in rows)


def test_writers_take_few_queries_however_many_comments(
    talk, say, tmp_path, django_assert_num_queries
):
    for number in range(6):
        say(talk, f"Number {number}.", status="approved")
    with django_assert_num_queries(2):
        write_disqus(tmp_path / "d.xml")
    with django_assert_num_queries(1):
        write_discussions(tmp_path / "d.json")
    assert Post.objects.count() == 2
