"""A WordPress export becomes essays: what is public, dates, words, addresses, tags, authors."""

from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from django.utils import timezone
from wordpress_exports import COMMENT, User, bring, item_xml

from blog.posts.models import OldAddress, Post, Tag
from comments.models import Comment

__all__ = ["bring"]  # fixtures


pytestmark = pytest.mark.django_db


# --- What is public -------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "auto-draft", "pending", "private", "odd", ""])
def test_posts_not_public_become_drafts_with_a_reason(bring, status):
    report = bring(item_xml(status=status))
    assert Post.objects.get().status == Post.Status.DRAFT
    assert "Kept as a draft (1):\n  “Hello”: " in report


def test_a_post_behind_a_password_becomes_a_draft(bring):
    assert "was protected by a password" in bring(item_xml(post_password="secret"))
    assert not Post.objects.published().exists()


def test_blank_password_is_ignored(bring):
    bring(item_xml(post_password=" \n "))
    assert Post.objects.published().exists()


def test_a_scheduled_post_stays_scheduled(bring):
    later = timezone.now().replace(microsecond=0) + timedelta(days=3)
    bring(item_xml(status="future", post_date_gmt=f"{later:%Y-%m-%d %H:%M:%S}"))
    assert Post.objects.get().published_at == later


def test_overdue_scheduled_post_becomes_a_draft(bring):
    assert "a time that has passed since" in bring(item_xml(status="future"))
    assert Post.objects.get().published_at is None


def test_trashed_posts_are_left_out_and_named(bring):
    assert "Left out for the status “trash” (1):\n  “Hello”" in bring(item_xml(status="trash"))
    assert not Post.objects.exists()


def test_other_types_are_left_out_and_counted_by_type(bring):
    report = bring(
        item_xml(post_type="attachment"), item_xml(post_type="nav_menu_item"), item_xml()
    )
    assert "Read 3 items: 1 post, 2 others." in report
    assert "Left out, being of the type “attachment” (1):" in report
    assert Post.objects.count() == 1


# --- Dates ----------------------------------------------------------------------------------


def test_dates_come_from_the_gmt_columns(bring):
    bring(item_xml())
    post = Post.objects.get()
    assert post.published_at == post.created_at == datetime(2011, 5, 7, 10, tzinfo=UTC)
    assert post.updated_at == datetime(2012, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_local_date_is_used_without_gmt(bring, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    bring(item_xml(post_date_gmt="0000-00-00 00:00:00"))
    assert Post.objects.get().published_at == datetime(2011, 5, 7, 10, tzinfo=UTC)


def test_without_both_the_date_of_the_feed_counts(bring):
    bring(item_xml(post_date_gmt="0000-00-00 00:00:00", post_date="0000-00-00 00:00:00"))
    assert Post.objects.get().published_at == datetime(2011, 5, 7, 10, tzinfo=UTC)


def test_without_any_date_it_is_a_draft(bring):
    nothing = {"post_date_gmt": "", "post_date": "0000-00-00 00:00:00"}
    assert "has no date" in bring(item_xml(**nothing, pubDate="Mon, 30 Nov -0001 00:00:00 +0000"))


# --- Words ----------------------------------------------------------------------------------


def test_a_title_is_plain_text(bring):
    bring(item_xml(title="Fish &amp; <em>Chips</em> &#8211; <3"))
    assert Post.objects.get().title == "Fish & Chips – <3"


def test_post_without_title_uses_its_first_words(bring):
    assert "Had no title, and was given one (1):" in bring(item_xml(title=""))
    assert Post.objects.get().title == "Some words."


def test_a_post_without_title_and_text_is_untitled(bring):
    bring(item_xml(title="", content=""))
    assert Post.objects.get().title == "Untitled"


def test_an_excerpt_becomes_the_standfirst(bring):
    bring(item_xml(excerpt="<p>In &quot;short&quot;</p>\n<p>so.</p>"))
    assert Post.objects.get().standfirst == 'In "short" so.'


def test_refused_text_is_left_out_of_the_import(bring):
    report = bring(
        item_xml(content="long " * 100_001, title="Long"),
        item_xml(guid="http://old.example/?p=8", post_id="8", post_name="short"),
    )
    assert "Left out, because its text is refused (1):\n  “Long”: This is" in report
    assert [post.slug for post in Post.objects.all()] == ["short"]


def test_closed_comments_stay_closed(bring):
    bring(item_xml(comment_status="closed"))
    assert not Post.objects.get().comments_open


# --- Slugs and addresses --------------------------------------------------------------------


def test_a_slug_in_another_script_is_decoded(bring, client):
    encoded = "%e3%81%93%e3%82%93"
    bring(item_xml(post_name=encoded, link=f"http://old.example/{encoded}/"))
    assert Post.objects.get().path == "2011/05/こん"
    assert client.get(f"/{encoded}/").url == "/2011/05/%E3%81%93%E3%82%93/"


def test_missing_slug_comes_from_title_or_number(bring):
    bring(
        item_xml(post_name="", title="Ça va?"),
        item_xml(post_name="", title="💪", post_id="8", guid="http://old.example/?p=8"),
        item_xml(post_name="", title="\u0301", post_id="9", guid="http://old.example/?p=9"),
    )
    assert set(Post.objects.values_list("slug", flat=True)) == {"ça-va", "flexed-biceps", "post-9"}


def test_pages_of_one_slug_get_numbers_and_are_reported(bring):
    page = {"post_type": "page", "post_name": "team"}
    report = bring(
        item_xml(**page, link="http://old.example/us/team/"),
        item_xml(**page, link="http://old.example/them/team/", post_id="8", guid="g8"),
    )
    assert set(Post.objects.values_list("path", flat=True)) == {"team", "team-2"}
    assert "Has another address, because its own was taken (1):\n  “Hello”: /team-2/" in report
    assert OldAddress.objects.get(path="them/team").post.path == "team-2"


@pytest.mark.parametrize("slug", ["search", "2011"])
def test_a_page_cannot_take_an_address_of_the_site(bring, slug):
    bring(item_xml(post_type="page", post_name=slug))
    assert Post.objects.get().path == f"{slug}-2"


def test_long_slug_is_cut_to_fit_the_database(bring):
    bring(
        item_xml(post_name="a" * 300),
        item_xml(post_name="a" * 300, post_id="8", guid="http://old.example/?p=8"),
    )
    assert sorted(len(slug) for slug in Post.objects.values_list("slug", flat=True)) == [200, 200]


def test_every_old_address_leads_to_the_post(bring):
    bring(
        item_xml(link="http://old.example/index.php/hello/", guid="http://www.old.example/a/hello/")
    )
    paths = OldAddress.objects.values_list("path", flat=True)
    assert set(paths) == {"index.php/hello", "a/hello", "?p=7"}


def test_page_is_found_by_both_short_addresses(bring, client):
    bring(item_xml(post_type="page", guid="http://old.example/?page_id=7"))
    assert {"?p=7", "?page_id=7"} <= set(OldAddress.objects.values_list("path", flat=True))
    assert client.get("/?page_id=7").url == "/hello/"


def test_current_address_is_not_an_old_address(bring):
    bring(item_xml(link="http://old.example/2011/05/hello/"))
    assert [old.path for old in OldAddress.objects.all()] == ["?p=7"]


def test_front_page_is_never_an_old_address(bring):
    bring(item_xml(link="http://old.example/blog/?p=7"))
    assert [old.path for old in OldAddress.objects.all()] == ["?p=7"]


def test_guid_on_another_host_is_not_an_address(bring):
    bring(item_xml(guid="http://elsewhere.example/a/b/"))
    assert not OldAddress.objects.filter(path="a/b").exists()


def test_old_address_of_another_post_stays_there(bring):
    bring(item_xml())
    report = bring(item_xml(guid="http://new.example/?p=7", title="Other", post_name="other"))
    assert "Old address left out, because another has it (2):" in report
    assert "“Other”: /?p=7 → /2011/05/hello/" in report
    assert OldAddress.objects.get(path="?p=7").post.title == "Hello"


def test_too_long_old_address_is_left_out(bring):
    report = bring(item_xml(link=f"http://old.example/{'a/' * 300}"))
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
    report = bring(item_xml(categories="".join(said)))
    tags = Post.objects.get().tags.values_list("name", "slug")
    assert set(tags) == {("News & Notes", "news-notes"), ("Zürich", "zürich")}
    assert "Tags left out (1):\n  Uncategorized" in report


def test_a_tag_that_is_here_already_is_used(bring):
    tag = Tag.objects.create(name="News", slug="latest")
    bring(item_xml(categories=_category("news", "news")))
    assert list(Post.objects.get().tags.all()) == [tag]


def test_author_is_added_with_name_and_cannot_sign_in(bring):
    bring(item_xml())
    user = Post.objects.get().author
    assert (user.username, user.email) == ("maria", "maria@example.org")
    assert user.get_full_name() == "Maria van Dam"
    assert not user.is_active
    assert not user.has_usable_password()


@pytest.mark.parametrize("known", [{"username": "Maria"}, {"email": "MARIA@example.org"}])
def test_an_author_who_is_here_already_is_found(bring, known):
    user = User.objects.create(**{"username": "someone"} | known)
    bring(item_xml())
    assert Post.objects.get().author == user


def test_unknown_authors_post_goes_to_the_given_user(bring):
    given = User.objects.create_user("given")
    User.objects.create_superuser("root")
    bring(item_xml(creator="ghost"), author=given)
    assert Post.objects.get().author == given


def test_unknown_authors_post_goes_to_the_first_superuser(bring):
    root = User.objects.create_superuser("root")
    bring(item_xml(creator="ghost"))
    assert Post.objects.get().author == root


def test_unknown_authors_post_goes_to_a_new_user(bring):
    bring(item_xml(creator="John Ghost"), authors=())
    assert Post.objects.get().author.username == "John-Ghost"


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_all_versions_of_the_format_are_read(bring, version):
    bring(item_xml(COMMENT, excerpt="Short"), version=version)
    assert Post.objects.get().standfirst == "Short"
    assert Comment.objects.count() == 1
