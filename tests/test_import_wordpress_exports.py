"""Real exports of WordPress: the essay this blog began with, and the theme test data."""

import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from trials import FULL, some_of
from wordpress_exports import all_rows, part_of

from blog.markup import plain_text
from blog.posts.models import OldAddress, Post, Tag
from blog.transfer.wordpress import import_wordpress
from blog.transfer.wxr import WxrError
from comments.models import Comment

# In one process, which makes what they share once.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_wordpress_exports")]

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "wxr"
THEME = DATA / "wp-importer-theme-unit-test-data.xml"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the shared test data beside us")


# --- The essay this blog began with ---------------------------------------------------------


@pytest.fixture(scope="class")
def brought(django_db_setup, django_db_blocker):
    """Keep it in a transaction, in which each test of the class has one of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield import_wordpress(DATA / "seed-essay.xml")
        transaction.set_rollback(True)


@pytest.fixture
def essay(brought, db):
    return Post.objects.get(slug="the-fallacy-of-social-media-reciprocation")


@needs_data
class TestTheSeedEssay:
    def test_it_has_its_twelve_paragraphs_word_for_word(self, essay):
        source = (DATA / "seed-essay.xml").read_text(encoding="utf-8")
        item = source[source.index("<title><![CDATA[The Fallacy") :]
        paragraphs = re.findall(r"<p>(.*?)</p>", item[: item.index("</content:encoded>")])
        assert len(paragraphs) == 12
        wanted = [" ".join(re.sub("</?em>", "", text).split()) for text in paragraphs]
        assert [plain_text(part) for part in essay.body_html.split("\n") if part] == wanted

    def test_it_is_markdown_without_html(self, essay):
        assert "<" not in essay.body
        assert "*clearly*" in essay.body

    def test_it_keeps_its_day_and_is_public(self, essay):
        assert essay.get_absolute_url() == "/2010/11/the-fallacy-of-social-media-reciprocation/"
        assert essay.published_at == datetime(2010, 11, 15, 9, tzinfo=UTC)
        assert essay.is_public

    def test_its_22_comments_stand_in_order_with_names_and_websites(self, essay):
        source = (DATA / "seed-essay.xml").read_text(encoding="utf-8")
        rows = re.findall(
            r"<wp:comment_id>(\d+)</.*?_author><!\[CDATA\[(.*?)\]\].*?_url>(.*?)</.*?"
            r"_type><!\[CDATA\[(\w+)",
            source,
            re.DOTALL,
        )
        wanted = [row[1:3] for row in rows if row[3] == "comment" and row[0] != "1"]
        found = Comment.objects.approved().written().filter(post=essay)
        assert [(comment.name, comment.url) for comment in found] == wanted
        assert len(wanted) == essay.comment_count == 22

    def test_its_two_pingbacks_are_mentions(self, essay):
        mentions = Comment.objects.approved().mentions().filter(post=essay)
        assert [(mention.kind, mention.name) for mention in mentions] == [("pingback", "")] * 2
        assert mentions[0].source == "http://source20.example.org/"
        assert mentions[0].title == "SMO Tools: How To Use SMO Techniques"

    def test_a_comment_that_was_cut_off_stays_cut_off(self, essay):
        comment = Comment.objects.get(post=essay, name="Joe Slaughter")
        assert plain_text(comment.body_html).endswith("not engage. Ot")

    def test_every_comment_shows_the_words_of_the_source(self, essay):
        source = (DATA / "seed-essay.xml").read_text(encoding="utf-8")
        for comment in Comment.objects.written().filter(post=essay):
            number = comment.origin.rpartition("-")[2]
            text = source[source.index(f"<wp:comment_id>{number}<") :]
            text = re.search(r"_content><!\[CDATA\[(.*?)\]\]>", text, re.DOTALL)[1]
            assert _folded(plain_text(comment.body_html)) == _folded(text)

    def test_its_old_address_leads_to_it(self, essay, client):
        response = client.get("/the-fallacy-of-social-media-reciprocation/")
        assert response.status_code == 301
        assert response.url == essay.get_absolute_url()
        assert client.get("/", {"p": "6"}).url == essay.get_absolute_url()

    def test_a_second_run_adds_and_changes_nothing(self, essay):
        before = all_rows()
        report = import_wordpress(DATA / "seed-essay.xml")
        assert all_rows() == before
        assert not report.added.total()
        assert "Already here: 2 posts, 23 comments, 2 mentions." in report.lines()


def _folded(text):
    return " ".join(text.translate(str.maketrans("‘’“”–—", "''\"\"--")).replace("…", "...").split())


# --- Other real exports ---------------------------------------------------------------------


ITEM = re.compile("<item>.*?</item>", re.DOTALL)


def is_plain(item):
    """Whether it is a text neither said under, nor scheduled, a draft, or behind a password."""
    bare = item.replace("<![CDATA[", "").replace("]]>", "")
    kind = re.search("<wp:post_type>(post|page)<", bare)
    secret = re.search("<wp:post_password>[^<]", bare)
    return bool(
        kind and "<wp:status>publish<" in bare and "<wp:comment>" not in bare and not secret
    )


@needs_data
@pytest.mark.long
def test_theme_unit_test_data_comes_in_its_state_and_depth(tmp_path):
    text = THEME.read_text(encoding="utf-8")
    plain = {*filter(is_plain, ITEM.findall(text))}
    assert len(plain) == 70
    left_out = plain - {*some_of(sorted(plain), of=5)}
    path = tmp_path / "export.xml"
    path.write_text(part_of(text, lambda item: item not in left_out), encoding="utf-8")
    result = import_wordpress(path)
    assert Post.objects.count() == 58 + 21 - len(left_out)
    assert not FULL or Post.objects.essays().count() == 58
    hidden = Post.objects.exclude(pk__in=Post.objects.published())
    assert sorted(hidden.values_list("title", "published_at__year")) == [
        ("Draft", None),
        ("Scheduled", 2030),
        ('Template: Password Protected (the password is "enter")', None),
    ]
    assert Comment.objects.written().count() == 29
    assert Comment.objects.mentions().count() == 4
    assert Comment.objects.pending().count() == 3
    depths = [_depth(comment) for comment in Comment.objects.select_related("parent")]
    assert max(depths) == 10
    # Nothing is kept as bare words, and a second run adds nothing.
    assert "Holds text that lost its markup" not in result.notes
    again = import_wordpress(path)
    assert not again.added.total()
    assert again.already["post"] + again.already["page"] == Post.objects.count()


def _depth(comment):
    return 1 + (_depth(comment.parent) if comment.parent else 0)


# The one above takes seconds, and came whole.
OTHERS = sorted({*DATA.glob("*.xml")} - {THEME})


@needs_data
@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_real_exports_are_imported_or_refused_in_one_sentence(path):
    refused = None
    try:
        import_wordpress(path)
    except WxrError as error:
        refused = str(error)
    assert refused is None or re.fullmatch(r"[^\n]+\.", refused)
    assert Post.objects.exists() == (refused is None)


@needs_data
def test_file_without_version_publishes_only_public_posts():
    import_wordpress(DATA / "isso-wordpress.xml")
    assert [post.title for post in Post.objects.published()] == ["Hello, World…"]
    assert Comment.objects.count() == 8  # number 11 stands on two posts
    assert OldAddress.objects.filter(path="?p=4").exists()
    first = Comment.objects.get(name="Ohai")
    assert (first.email, first.address) == ("test@example.org", "82.119.20.0")


@needs_data
def test_backslashes_show_as_they_are():
    import_wordpress(DATA / "wp-importer-slashes.xml")
    assert plain_text(Comment.objects.get().body_html) == r"\o/ ¯\_(ツ)_/¯"
    assert Tag.objects.get().name == r"a \"great\" category"


@needs_data
def test_the_seed_essay_without_its_duplicates_has_19_comments():
    call_command(
        "import_wordpress", DATA / "seed-essay.xml", skip_duplicates=True, stdout=StringIO()
    )
    essay = Post.objects.get(slug="the-fallacy-of-social-media-reciprocation")
    assert essay.comment_count == 19
