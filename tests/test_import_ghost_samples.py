"""Real exports of Ghost: each figure and statement of the data's own README, and every word."""

import json
import re

import pytest
from imported_words import missing, words_of_html
from test_images import media_root  # noqa: F401 - a fixture
from test_import_folders import counted, leads

from blog.posts.models import Post, Tag
from blog.transfer.ghost.importing import import_ghost
from comments.models import Comment

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_ghost")]

# Words of Ghost's own buttons, drawings and players, and of e-mails.
_MACHINES = re.compile(
    r"<svg.*?</svg>|<!--.*?-->|<(button|input)[^>]*>(?:[^<]*</button>)?"
    r"|<span class=\"kg-audio-(?:current-time|duration)\">[^<]*</span>|audio-thumbnail"
    r"|<a href=\"#fnref[^>]*>[^<]*</a>|<sup class=\"footnote-ref\">.*?</sup>",
    re.DOTALL,
)


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path, media_root):  # noqa: F811
    settings.DATA_DIR = tmp_path


@pytest.fixture
def folder(shared):
    return shared / "data" / "ghost"


def said_by(report):
    return "\n".join(
        f"{heading}: {line}" for heading, lines in report.notes.items() for line in lines
    )


def rows_of(path):
    read = json.loads(path.read_text())
    return (read["db"][0] if "db" in read else read)["data"]["posts"]


def lost_words(path):
    """Return the words of each post's HTML that do not show here."""
    found = {}
    for row in rows_of(path):
        here = Post.objects.get(feed_id=row["id"])
        source = words_of_html(_MACHINES.sub(" ", row["html"] or "").replace("><", "> <"))
        if words := missing(source, words_of_html(here.body_html)):
            found[row["slug"]] = words
    return found


def test_export_of_ghost_6_with_comments(folder):
    path = folder / "ghost-6.65-export-with-comments.json"
    report = import_ghost(path)
    assert counted() == (6, 2, 4, 1, 3)
    assert {tag.name for tag in Tag.objects.all()} == {"News", "Cards", "茶 tea"}
    assert {post.author.get_full_name() for post in Post.objects.all()} == {"Ada Whitlock"}
    assert all(leads(row["slug"]) for row in rows_of(path) if Post.objects.published()
               .filter(feed_id=row["id"]).exists())  # fmt: skip
    assert lost_words(path) == {}
    said = said_by(report)
    for each in (
        *("/for-members/", "/for-payers/", "/untitled/", "talk.mp3", "paper.pdf", "code injection"),
        *("https://canonical.example.net/x", "what only e-mails show", "Members", "Passwords"),
    ):
        assert each in said
    _has_its_comments()


def _has_its_comments():
    def row(words):
        return Comment.objects.get(body=words)

    approved = Comment.objects.filter(status="approved")
    assert [each.post.slug for each in approved.order_by("created_at")] == [
        *["every-card"] * 3,
        "html-source",
    ]
    first = row("A comment by a member & more")
    assert (first.name, first.email) == ("Bram", "bram@example.org")
    assert row("A reply").parent == row("A second reply").parent == first
    assert row("Reply to the deleted").parent is None
    assert str(row("Will be hidden").status) == "trash"
    assert not Comment.objects.filter(body="Will be deleted").exists()


def test_every_card_has_no_script_and_no_words_for_mail(folder):
    import_ghost(folder / "ghost-6.65-export.json")
    post = Post.objects.get(slug="every-card")
    assert "alert" not in post.body
    assert "Only in the e-mail" not in post.body_html
    assert "<summary>Open me</summary>" in post.body_html
    assert post.standfirst == "The excerpt."


def test_form_of_ghost_5(folder):
    path = folder / "made-v5-export.json"
    report = import_ghost(path)
    assert counted() == (7, 1, 2, 1, 0)
    assert lost_words(path) == {}
    only = Post.objects.get(slug="only-mobiledoc").body
    for words in ("Old *Markdown*", "**Bold**", "a < b", "Very old *card*"):
        assert words in only
    said = said_by(report)
    for each in ("/nothing/", "/only-mail/", "gone", "Bram", "content/images/2020/05/red.png"):
        assert each in said
    assert Post.objects.get(slug="two-writers").author.first_name == "Ada"
    assert Post.objects.get(slug="nobody").author is not None
    assert Post.objects.get(slug="host").body.startswith(
        "[abs](/2020/05/mobiledoc/) [rel](/2020/05/mobiledoc/#x)"
    )
