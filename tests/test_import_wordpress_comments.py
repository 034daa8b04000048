"""The comments and mentions of a WordPress export: states, threads, authors."""

from datetime import UTC, datetime

import pytest
from wordpress_exports import COMMENT, bring, item_xml, numbered

from comments.models import Comment, ThreadPage

__all__ = ["bring"]  # fixtures


pytestmark = pytest.mark.django_db


# --- Comments -------------------------------------------------------------------------------


def test_comment_keeps_its_metadata(bring):
    bring(item_xml(COMMENT | {"comment_author_IP": "::ffff:192.0.2.7"}))
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
    bring(item_xml(COMMENT | {"comment_approved": approved}))
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
def test_only_a_valid_website_is_kept(bring, url, kept):
    report = bring(item_xml(COMMENT | {"comment_author_url": url}))
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
    bring(item_xml(COMMENT | odd))
    comment = Comment.objects.get()
    assert comment.name == "N&" * 100
    assert (comment.email, comment.address) == ("", None)
    assert comment.created_at == comment.post.published_at


def test_reply_finds_a_later_parent(bring):
    bring(item_xml(*numbered({"comment_parent": "32"}, {"comment_parent": "33"}, {})))
    by_number = {comment.origin[-2:]: comment for comment in Comment.objects.all()}
    assert by_number["31"].parent == by_number["32"]
    assert by_number["31"].root == by_number["32"].root == by_number["33"]


def test_reply_to_a_missing_comment_starts_a_thread(bring):
    report = bring(item_xml(COMMENT | {"comment_parent": "99"}))
    assert Comment.objects.get().parent is None
    assert "No longer in reply to another, because that one is not here (1):" in report


def test_a_circle_of_replies_is_broken(bring):
    report = bring(item_xml(*numbered({"comment_parent": "32"}, {"comment_parent": "31"})))
    assert Comment.objects.filter(parent=None).count() == 1
    assert "No longer in reply to another, because that one is not here (1):" in report


def test_a_reply_to_itself_starts_a_thread(bring):
    bring(item_xml(COMMENT | {"comment_parent": "31"}))
    assert Comment.objects.get().parent is None


def test_reply_to_a_pingback_starts_a_thread(bring):
    bring(
        item_xml(
            *numbered(
                {"comment_type": "pingback"},
                {"comment_content": " <p></p> "},
                {"comment_parent": "31"},
                {"comment_parent": "32"},
            )
        )
    )
    assert Comment.objects.written().filter(parent=None).count() == 2


def test_a_comment_without_words_is_left_out_and_named(bring):
    report = bring(item_xml(COMMENT | {"comment_content": "<br /> "}))
    assert "Comments left out (1):\n  “Ann” on “Hello”: without words" in report


def test_the_author_s_own_replies_are_marked(bring):
    bring(item_xml(*numbered({"comment_user_id": "1"}, {"comment_user_id": "2"})))
    assert [comment.by_author for comment in Comment.objects.all()] == [True, False]


def test_a_trackback_becomes_a_mention_with_plain_words(bring):
    ping = {
        "comment_type": "trackback",
        "comment_author": "Ping &laquo; Blog",
        "comment_content": "<strong>Ping</strong> [...] said [...]",
        "comment_parent": "5",
    }
    bring(item_xml(COMMENT | ping))
    mention = Comment.objects.get()
    assert (mention.kind, mention.source) == ("pingback", "https://ann.example/")
    assert (mention.title, mention.name) == ("Ping « Blog", "")
    assert mention.body == "Ping [...] said [...]"
    assert mention.parent is None


def test_repeated_and_addressless_mentions_are_left_out(bring):
    ping = {"comment_type": "pingback"}
    report = bring(item_xml(*numbered(ping, ping, ping | {"comment_author_url": "http://"})))
    assert Comment.objects.count() == 1
    assert "Comments left out (2):" in report


def test_two_comments_that_say_the_same_both_stay(bring):
    bring(item_xml(*numbered({}, {})))
    assert Comment.objects.count() == 2


def test_a_comment_of_an_unknown_type_is_left_out(bring):
    assert "of the type “order_note”" in bring(item_xml(COMMENT | {"comment_type": "order_note"}))
    assert not Comment.objects.exists()
