"""Bringing a WordPress blog here: what becomes of its posts, comments, people and addresses."""

import re
from datetime import UTC, datetime, timedelta
from html import escape
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from blog.markup import plain_text
from blog.posts.models import OldAddress, Post, Tag
from blog.transfer.wordpress import import_wordpress
from blog.transfer.wxr import WxrError
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "wxr"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the shared test data beside us")
User = get_user_model()

AUTHOR = {
    "author_id": "1",
    "author_login": "maria",
    "author_email": "maria@example.org",
    "author_display_name": "Maria van Dam",
}
POST = {
    "title": "Hello",
    "link": "http://old.example/2011/05/07/hello/",
    "pubDate": "Sat, 07 May 2011 10:00:00 +0000",
    "dc:creator": "maria",
    "guid": "http://old.example/?p=7",
    "content:encoded": "<p>Some words.</p>",
    "excerpt:encoded": "",
    "wp:post_id": "7",
    "wp:post_date": "2011-05-07 12:00:00",
    "wp:post_date_gmt": "2011-05-07 10:00:00",
    "wp:post_modified_gmt": "2012-01-02 03:04:05",
    "wp:comment_status": "open",
    "wp:post_name": "hello",
    "wp:status": "publish",
    "wp:post_type": "post",
    "wp:post_password": "",
}
COMMENT = {
    "comment_id": "31",
    "comment_author": "Ann",
    "comment_author_email": "ann@example.org",
    "comment_author_url": "https://ann.example/",
    "comment_author_IP": "192.0.2.7",
    "comment_date": "2011-05-08 12:00:00",
    "comment_date_gmt": "2011-05-08 10:00:00",
    "comment_content": "Well said.",
    "comment_approved": "1",
    "comment_type": "",
    "comment_parent": "0",
    "comment_user_id": "0",
}


def _tags(fields, prefix=""):
    return "".join(
        f"<{prefix}{name}>{escape(text)}</{prefix}{name}>" for name, text in fields.items()
    )


def _item(*comments, categories="", **changes):
    """One item; `_item(post_type="page")` changes wp:post_type, and so on."""
    names = {name.rpartition(":")[2]: name for name in POST}
    names |= {"content": "content:encoded", "excerpt": "excerpt:encoded"}
    fields = POST | {names[name]: text for name, text in changes.items()}
    said = "".join(
        f"<wp:comment>{_tags(COMMENT | comment, 'wp:')}</wp:comment>" for comment in comments
    )
    return f"<item>{_tags(fields)}{categories}{said}</item>"


def _wxr(*items, site="http://old.example", version="1.2", authors=(AUTHOR,)):
    said = "".join(f"<wp:author>{_tags(author, 'wp:')}</wp:author>" for author in authors)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:wp="http://wordpress.org/export/{version}/"><channel><title>Old</title>'
        f"<wp:wxr_version>{version}</wp:wxr_version><wp:base_site_url>{site}</wp:base_site_url>"
        f"<wp:base_blog_url>{site}</wp:base_blog_url>{said}{''.join(items)}</channel></rss>"
    )


@pytest.fixture
def bring(tmp_path):
    """Import items, or a whole file's text, and return the report as one text."""

    def bring(*items, limit=20, version="1.2", site="http://old.example", authors=(AUTHOR,), **how):
        path = tmp_path / "export.xml"
        path.write_text(_wxr(*items, site=site, version=version, authors=authors), encoding="utf-8")
        report = import_wordpress(path, **how)
        return "\n".join(report.lines(limit))

    return bring


def _comments(*changes):
    return [{"comment_id": str(number), **change} for number, change in enumerate(changes, 31)]


# --- The essay this blog began with ---------------------------------------------------------


@pytest.fixture
def essay():
    import_wordpress(DATA / "seed-essay.xml")
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
        before = _everything()
        report = import_wordpress(DATA / "seed-essay.xml")
        assert _everything() == before
        assert not report.added.total()
        assert "Already here: 2 posts, 23 comments, 2 mentions." in report.lines()


def _folded(text):
    return " ".join(text.translate(str.maketrans("‘’“”–—", "''\"\"--")).replace("…", "...").split())


def _everything():
    models = (Post, Comment, ThreadPage, Tag, OldAddress, User)
    return [list(model.objects.order_by("pk").values()) for model in models]


# --- Other real exports ---------------------------------------------------------------------


@pytest.fixture
def theme():
    return import_wordpress(DATA / "wp-importer-theme-unit-test-data.xml")


@needs_data
class TestTheThemeUnitTestData:
    def test_all_posts_and_pages_come_and_only_the_public_ones_show(self, theme):
        assert Post.objects.essays().count() == 58
        assert Post.objects.pages().count() == 21
        hidden = Post.objects.exclude(pk__in=Post.objects.published())
        assert sorted(hidden.values_list("title", "published_at__year")) == [
            ("Draft", None),
            ("Scheduled", 2030),
            ('Template: Password Protected (the password is "enter")', None),
        ]

    def test_comments_keep_their_state_and_depth(self, theme):
        assert Comment.objects.written().count() == 29
        assert Comment.objects.mentions().count() == 4
        assert Comment.objects.pending().count() == 3
        depths = [_depth(comment) for comment in Comment.objects.select_related("parent")]
        assert max(depths) == 10

    def test_nothing_is_kept_as_bare_words_and_a_second_run_adds_nothing(self, theme):
        assert "Holds text that lost its markup" not in theme.notes
        again = import_wordpress(DATA / "wp-importer-theme-unit-test-data.xml")
        assert not again.added.total()


def _depth(comment):
    return 1 + (_depth(comment.parent) if comment.parent else 0)


@needs_data
@pytest.mark.parametrize("path", sorted(DATA.glob("*.xml")), ids=lambda path: path.stem)
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


# --- What is public -------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "auto-draft", "pending", "private", "odd", ""])
def test_posts_not_public_become_drafts_with_a_reason(bring, status):
    report = bring(_item(status=status))
    assert Post.objects.get().status == Post.Status.DRAFT
    assert "Kept as a draft (1):\n  “Hello”: " in report


def test_a_post_behind_a_password_becomes_a_draft(bring):
    assert "was protected by a password" in bring(_item(post_password="secret"))
    assert not Post.objects.published().exists()


def test_blank_password_is_ignored(bring):
    bring(_item(post_password=" \n "))
    assert Post.objects.published().exists()


def test_a_scheduled_post_stays_scheduled(bring):
    later = timezone.now().replace(microsecond=0) + timedelta(days=3)
    bring(_item(status="future", post_date_gmt=f"{later:%Y-%m-%d %H:%M:%S}"))
    assert Post.objects.get().published_at == later


def test_a_scheduled_post_whose_time_has_passed_becomes_a_draft(bring):
    assert "a time that has passed since" in bring(_item(status="future"))
    assert Post.objects.get().published_at is None


def test_trashed_posts_are_left_out_and_named(bring):
    assert "Left out for the status “trash” (1):\n  “Hello”" in bring(_item(status="trash"))
    assert not Post.objects.exists()


def test_other_types_are_left_out_and_counted_by_type(bring):
    report = bring(_item(post_type="attachment"), _item(post_type="nav_menu_item"), _item())
    assert "Read 3 items: 1 post, 2 others." in report
    assert "Left out, being of the type “attachment” (1):" in report
    assert Post.objects.count() == 1


# --- Dates ----------------------------------------------------------------------------------


def test_dates_come_from_the_gmt_columns(bring):
    bring(_item())
    post = Post.objects.get()
    assert post.published_at == post.created_at == datetime(2011, 5, 7, 10, tzinfo=UTC)
    assert post.updated_at == datetime(2012, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_local_date_is_used_without_gmt(bring, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    bring(_item(post_date_gmt="0000-00-00 00:00:00"))
    assert Post.objects.get().published_at == datetime(2011, 5, 7, 10, tzinfo=UTC)


def test_without_both_the_date_of_the_feed_counts(bring):
    bring(_item(post_date_gmt="0000-00-00 00:00:00", post_date="0000-00-00 00:00:00"))
    assert Post.objects.get().published_at == datetime(2011, 5, 7, 10, tzinfo=UTC)


def test_without_any_date_it_is_a_draft(bring):
    nothing = {"post_date_gmt": "", "post_date": "0000-00-00 00:00:00"}
    assert "has no date" in bring(_item(**nothing, pubDate="Mon, 30 Nov -0001 00:00:00 +0000"))


# --- Words ----------------------------------------------------------------------------------


def test_a_title_is_plain_text(bring):
    bring(_item(title="Fish &amp; <em>Chips</em> &#8211; <3"))
    assert Post.objects.get().title == "Fish & Chips – <3"


def test_a_post_without_title_is_called_by_its_first_words(bring):
    assert "Had no title, and was given one (1):" in bring(_item(title=""))
    assert Post.objects.get().title == "Some words."


def test_a_post_without_title_and_text_is_untitled(bring):
    bring(_item(title="", content=""))
    assert Post.objects.get().title == "Untitled"


def test_an_excerpt_becomes_the_standfirst(bring):
    bring(_item(excerpt="<p>In &quot;short&quot;</p>\n<p>so.</p>"))
    assert Post.objects.get().standfirst == 'In "short" so.'


def test_refused_text_is_left_out_of_the_import(bring):
    report = bring(
        _item(content="long " * 100_001, title="Long"),
        _item(guid="http://old.example/?p=8", post_id="8", post_name="short"),
    )
    assert "Left out, because its text is refused (1):\n  “Long”: This is" in report
    assert [post.slug for post in Post.objects.all()] == ["short"]


def test_closed_comments_stay_closed(bring):
    bring(_item(comment_status="closed"))
    assert not Post.objects.get().comments_open


# --- Slugs and addresses --------------------------------------------------------------------


def test_a_slug_in_another_script_is_decoded(bring, client):
    encoded = "%e3%81%93%e3%82%93"
    bring(_item(post_name=encoded, link=f"http://old.example/{encoded}/"))
    assert Post.objects.get().path == "2011/05/こん"
    assert client.get(f"/{encoded}/").url == "/2011/05/%E3%81%93%E3%82%93/"


def test_missing_slug_comes_from_title_or_number(bring):
    bring(
        _item(post_name="", title="Ça va?"),
        _item(post_name="", title="💪", post_id="9", guid="http://old.example/?p=9"),
    )
    assert set(Post.objects.values_list("slug", flat=True)) == {"ça-va", "post-9"}


def test_pages_of_one_slug_get_numbers_and_are_reported(bring):
    page = {"post_type": "page", "post_name": "team"}
    report = bring(
        _item(**page, link="http://old.example/us/team/"),
        _item(**page, link="http://old.example/them/team/", post_id="8", guid="g8"),
    )
    assert set(Post.objects.values_list("path", flat=True)) == {"team", "team-2"}
    assert "Has another address, because its own was taken (1):\n  “Hello”: /team-2/" in report
    assert OldAddress.objects.get(path="them/team").post.path == "team-2"


@pytest.mark.parametrize("slug", ["search", "2011"])
def test_a_page_cannot_take_an_address_of_the_site(bring, slug):
    bring(_item(post_type="page", post_name=slug))
    assert Post.objects.get().path == f"{slug}-2"


def test_a_long_slug_is_cut_to_what_the_database_holds(bring):
    bring(
        _item(post_name="a" * 300),
        _item(post_name="a" * 300, post_id="8", guid="http://old.example/?p=8"),
    )
    assert sorted(len(slug) for slug in Post.objects.values_list("slug", flat=True)) == [200, 200]


def test_every_old_address_leads_to_the_post(bring):
    bring(_item(link="http://old.example/index.php/hello/", guid="http://www.old.example/a/hello/"))
    paths = OldAddress.objects.values_list("path", flat=True)
    assert set(paths) == {"index.php/hello", "a/hello", "?p=7"}


def test_a_page_is_found_by_both_of_wordpress_s_short_addresses(bring, client):
    bring(_item(post_type="page", guid="http://old.example/?page_id=7"))
    assert {"?p=7", "?page_id=7"} <= set(OldAddress.objects.values_list("path", flat=True))
    assert client.get("/?page_id=7").url == "/hello/"


def test_current_address_is_not_an_old_address(bring):
    bring(_item(link="http://old.example/2011/05/hello/"))
    assert [old.path for old in OldAddress.objects.all()] == ["?p=7"]


def test_front_page_is_not_an_old_address_of_a_draft(bring):
    bring(_item(link="http://old.example/blog/?p=7"))
    assert [old.path for old in OldAddress.objects.all()] == ["?p=7"]


def test_guid_on_another_host_is_not_an_address(bring):
    bring(_item(guid="http://elsewhere.example/a/b/"))
    assert not OldAddress.objects.filter(path="a/b").exists()


def test_old_address_of_another_post_stays_there(bring):
    bring(_item())
    report = bring(_item(guid="http://new.example/?p=7", title="Other", post_name="other"))
    assert "Old address left out, because another has it (2):" in report
    assert "“Other”: /?p=7 → /2011/05/hello/" in report
    assert OldAddress.objects.get(path="?p=7").post.title == "Hello"


def test_an_old_address_that_is_too_long_is_left_out(bring):
    report = bring(_item(link=f"http://old.example/{'a/' * 300}"))
    assert "Old address left out, because it is too long (1):" in report


# --- Tags and authors -----------------------------------------------------------------------


def _category(name, nicename, domain="category"):
    return f'<category domain="{domain}" nicename="{nicename}">{escape(name)}</category>'


def test_categories_become_tags_except_uncategorized(bring):
    said = [
        _category("News &amp; Notes", "news-notes"),
        _category("Zürich", "z%c3%bcrich", "post_tag"),
        _category("Uncategorized", "uncategorized"),
        _category("Dark", "dark", "wp_theme"),
    ]
    report = bring(_item(categories="".join(said)))
    tags = Post.objects.get().tags.values_list("name", "slug")
    assert set(tags) == {("News & Notes", "news-notes"), ("Zürich", "zürich")}
    assert "Tags left out (1):\n  Uncategorized" in report


def test_a_tag_that_is_here_already_is_used(bring):
    tag = Tag.objects.create(name="News", slug="latest")
    bring(_item(categories=_category("news", "news")))
    assert list(Post.objects.get().tags.all()) == [tag]


def test_author_is_added_with_name_and_cannot_sign_in(bring):
    bring(_item())
    user = Post.objects.get().author
    assert (user.username, user.email) == ("maria", "maria@example.org")
    assert user.get_full_name() == "Maria van Dam"
    assert not user.is_active
    assert not user.has_usable_password()


@pytest.mark.parametrize("known", [{"username": "Maria"}, {"email": "MARIA@example.org"}])
def test_an_author_who_is_here_already_is_found(bring, known):
    user = User.objects.create(**{"username": "someone"} | known)
    bring(_item())
    assert Post.objects.get().author == user


def test_unknown_authors_post_goes_to_the_given_user(bring):
    given = User.objects.create_user("given")
    User.objects.create_superuser("root")
    bring(_item(creator="ghost"), author=given)
    assert Post.objects.get().author == given


def test_unknown_authors_post_goes_to_the_first_superuser(bring):
    root = User.objects.create_superuser("root")
    bring(_item(creator="ghost"))
    assert Post.objects.get().author == root


def test_unknown_authors_post_goes_to_a_new_user(bring):
    bring(_item(creator="John Ghost"), authors=())
    assert Post.objects.get().author.username == "John-Ghost"


# --- Comments -------------------------------------------------------------------------------


def test_comment_keeps_its_metadata(bring):
    bring(_item(COMMENT | {"comment_author_IP": "::ffff:192.0.2.7"}))
    comment = Comment.objects.get()
    assert (comment.name, comment.email) == ("Ann", "ann@example.org")
    assert (comment.url, comment.address) == ("https://ann.example/", "192.0.2.7")
    assert comment.created_at == datetime(2011, 5, 8, 10, tzinfo=UTC)
    assert comment.body == "Well said."
    assert ThreadPage.objects.get().html.count("Well said.") == 1


@pytest.mark.parametrize(
    ("approved", "status"),
    [
        ("1", "approved"),
        ("0", "pending"),
        ("hold", "pending"),
        ("odd", "pending"),
        ("spam", "spam"),
        ("trash", "trash"),
        ("post-trashed", "trash"),
    ],
)
def test_a_comment_keeps_its_state(bring, approved, status):
    bring(_item(COMMENT | {"comment_approved": approved}))
    assert Comment.objects.get().status == status


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (" https://a.example/x?y=1&amp;z=2 ", "https://a.example/x?y=1&z=2"),
        ("example.org", "http://example.org"),
        ("http://", ""),
        ("javascript:alert(1)", ""),
        ("mailto:a@example.org", ""),
        ("ftp://a.example/", ""),
        (f"http://a.example/{'x' * 2000}", ""),
    ],
)
def test_a_website_is_kept_if_it_is_a_web_address(bring, url, kept):
    report = bring(_item(COMMENT | {"comment_author_url": url}))
    assert Comment.objects.get().url == kept
    assert ("Website left out" in report) == (not kept and url != "http://")


def test_odd_comment_fields_are_dropped_and_long_ones_cut(bring):
    odd = {
        "comment_author": "N&amp;" * 200,
        "comment_author_email": "no address",
        "comment_author_IP": "unknown",
        "comment_date_gmt": "0000-00-00 00:00:00",
        "comment_date": "",
    }
    bring(_item(COMMENT | odd))
    comment = Comment.objects.get()
    assert comment.name == "N&" * 100
    assert (comment.email, comment.address) == ("", None)
    assert comment.created_at == comment.post.published_at


def test_reply_finds_a_later_parent(bring):
    bring(_item(*_comments({"comment_parent": "32"}, {"comment_parent": "33"}, {})))
    by_number = {comment.origin[-2:]: comment for comment in Comment.objects.all()}
    assert by_number["31"].parent == by_number["32"]
    assert by_number["31"].root == by_number["32"].root == by_number["33"]


def test_reply_to_a_missing_comment_starts_a_thread(bring):
    report = bring(_item(COMMENT | {"comment_parent": "99"}))
    assert Comment.objects.get().parent is None
    assert "No longer in reply to another, because that one is not here (1):" in report


def test_a_circle_of_replies_is_broken(bring):
    report = bring(_item(*_comments({"comment_parent": "32"}, {"comment_parent": "31"})))
    assert Comment.objects.filter(parent=None).count() == 1
    assert "No longer in reply to another, because that one is not here (1):" in report


def test_a_reply_to_itself_starts_a_thread(bring):
    bring(_item(COMMENT | {"comment_parent": "31"}))
    assert Comment.objects.get().parent is None


def test_reply_to_a_pingback_starts_a_thread(bring):
    bring(
        _item(
            *_comments(
                {"comment_type": "pingback"},
                {"comment_content": " <p></p> "},
                {"comment_parent": "31"},
                {"comment_parent": "32"},
            )
        )
    )
    assert Comment.objects.written().filter(parent=None).count() == 2


def test_a_comment_without_words_is_left_out_and_named(bring):
    report = bring(_item(COMMENT | {"comment_content": "<br /> "}))
    assert "Comments left out (1):\n  “Ann” on “Hello”: without words" in report


def test_the_author_s_own_replies_are_marked(bring):
    bring(_item(*_comments({"comment_user_id": "1"}, {"comment_user_id": "2"})))
    assert [comment.by_author for comment in Comment.objects.all()] == [True, False]


def test_a_trackback_becomes_a_mention_with_plain_words(bring):
    ping = {
        "comment_type": "trackback",
        "comment_author": "Ping &laquo; Blog",
        "comment_content": "<strong>Ping</strong> [...] said [...]",
        "comment_parent": "5",
    }
    bring(_item(COMMENT | ping))
    mention = Comment.objects.get()
    assert (mention.kind, mention.source) == ("pingback", "https://ann.example/")
    assert (mention.title, mention.name) == ("Ping « Blog", "")
    assert mention.body == "Ping [...] said [...]"
    assert mention.parent is None


def test_repeated_and_addressless_mentions_are_left_out(bring):
    ping = {"comment_type": "pingback"}
    report = bring(_item(*_comments(ping, ping, ping | {"comment_author_url": "http://"})))
    assert Comment.objects.count() == 1
    assert "Comments left out (2):" in report


def test_two_comments_that_say_the_same_both_stay(bring):
    bring(_item(*_comments({}, {})))
    assert Comment.objects.count() == 2


def test_a_comment_of_an_unknown_type_is_left_out(bring):
    assert "of the type “order_note”" in bring(_item(COMMENT | {"comment_type": "order_note"}))
    assert not Comment.objects.exists()


# --- Running it again -----------------------------------------------------------------------


def test_later_export_adds_comments_and_keeps_local_changes(bring):
    bring(_item(*_comments({})))
    post = Post.objects.get()
    post.title = "Edited here"
    post.save()
    report = bring(_item(*_comments({}, {"comment_parent": "31"}), title="Edited there"))
    post = Post.objects.get()
    assert (post.title, post.comment_count) == ("Edited here", 2)
    assert Comment.objects.get(origin__endswith="32").parent.origin.endswith("31")
    assert "Added: 1 comment." in report
    assert "Already here: 1 post, 1 comment." in report


def test_later_reply_finds_its_parent_in_the_database(bring):
    bring(_item(*_comments({})))
    bring(_item(COMMENT | {"comment_id": "32", "comment_parent": "31"}))
    assert Comment.objects.get(origin__endswith="32").parent.origin.endswith("31")


def test_two_blogs_with_the_same_numbers_are_kept_apart(bring):
    bring(_item(COMMENT))
    bring(
        _item(COMMENT, guid="http://b.example/?p=7", link="http://b.example/hello/"),
        site="http://b.example",
    )
    assert Post.objects.count() == Comment.objects.count() == 2


def test_copies_that_share_a_guid_are_both_imported(bring):
    bring(_item(), _item(post_id="8"))
    assert Post.objects.count() == 2


def test_repeated_item_is_imported_once(bring):
    assert "Left out, because it stands twice in the file (1):" in bring(_item(), _item())
    assert Post.objects.count() == 1


def test_a_dry_run_reports_everything_and_changes_nothing(bring):
    before = _everything()
    report = bring(_item(COMMENT), dry_run=True)
    assert report.startswith("Nothing was changed: this was a dry run.\nRead 1 item: 1 post.")
    assert "Added: 1 post, 1 comment, 1 author, 2 old addresses." in report
    assert _everything() == before


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_all_versions_of_the_format_are_read(bring, version):
    bring(_item(COMMENT, excerpt="Short"), version=version)
    assert Post.objects.get().standfirst == "Short"
    assert Comment.objects.count() == 1


# --- The command ----------------------------------------------------------------------------


def _command(*arguments, **options):
    out = StringIO()
    call_command("import_wordpress", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_the_report(tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(_wxr(_item()), encoding="utf-8")
    assert _command(path, "--dry-run").startswith("Nothing was changed")
    assert "Added: 1 post, 1 author, 2 old addresses." in _command(path)


def test_long_report_is_cut_unless_verbose(tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(_wxr(*[_item(post_type="attachment")] * 25), encoding="utf-8")
    assert "  and 5 more\n" in _command(path)
    assert "more" not in _command(path, verbosity=2)


def test_the_command_refuses_an_unknown_author(tmp_path):
    with pytest.raises(CommandError, match="No user is called nobody"):
        _command(tmp_path / "export.xml", "--author", "nobody")


# --- The same said again --------------------------------------------------------------------


def _said_twice():
    return _comments(
        {"comment_content": "Well said."},
        {"comment_content": "well  said!"},
        {"comment_content": "An answer.", "comment_author": "Ben", "comment_parent": "32"},
        {"comment_content": "Well said.", "comment_author": "Cid", "comment_author_email": ""},
    )


def test_duplicates_are_imported_and_reported(bring):
    report = bring(_item(*_said_twice()))
    assert Comment.objects.count() == 4
    assert "Said twice in the same words, and kept (1):\n  “Ann” on “Hello”" in report


def test_left_out_duplicates_replies_go_to_the_first(bring):
    report = bring(_item(*_said_twice()), skip_duplicates=True)
    assert [comment.name for comment in Comment.objects.all()] == ["Ann", "Ben", "Cid"]
    assert Comment.objects.get(name="Ben").parent.name == "Ann"
    assert "“Ann” on “Hello”: said before in the same words" in report


def test_second_run_without_duplicates_adds_nothing(bring):
    bring(_item(*_said_twice()), skip_duplicates=True)
    assert "Added: nothing." in bring(_item(*_said_twice()), skip_duplicates=True)


def test_a_second_run_after_an_upgrade_adds_nothing(bring):
    bring(_item(*_said_twice()))
    Comment.objects.update(words="", campaign="", fingerprint=None)  # as none was computed yet
    assert "Added: nothing." in bring(_item(*_said_twice()))


def test_name_alone_identifies_duplicates_in_an_import(bring):
    anna = {"comment_author": "Anna", "comment_author_email": "", "comment_content": "Hello."}
    report = bring(_item(*_comments(anna, anna, anna | {"comment_author": "Ben"})))
    assert "Said twice in the same words, and kept (1):\n  “Anna” on “Hello”" in report


def test_same_reply_to_two_comments_is_not_a_duplicate(bring):
    thanks = [
        {"comment_content": "Thank you!", "comment_parent": parent} for parent in ("31", "32")
    ]
    item = _item(*_comments({"comment_content": "One."}, {"comment_content": "Two."}, *thanks))
    assert "Said twice" not in bring(item, skip_duplicates=True)
    assert Comment.objects.filter(body="Thank you!").count() == 2


@needs_data
def test_the_seed_essay_without_its_duplicates_has_19_comments():
    call_command(
        "import_wordpress", DATA / "seed-essay.xml", skip_duplicates=True, stdout=StringIO()
    )
    essay = Post.objects.get(slug="the-fallacy-of-social-media-reciprocation")
    assert essay.comment_count == 19
