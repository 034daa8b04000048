"""What the database refuses of comments, threads, search entries and essays."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from blog.posts.models import Post, SearchEntry
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db


# --- What the database refuses ----------------------------------------------------------------

WRONG = {
    "comment_kind_known": {"kind": "letter", "source": "https://a.org/"},
    "comment_status_known": {"status": "liked"},
    "comment_source_iff_linkback": {"kind": "pingback"},
    "comment_has_words": {"body": ""},
    "comment_reply_has_root": {"parent": True},
    "comment_answers_another": {"pk": 7777, "parent_id": 7777, "root_id": 7777},
    "comment_reaction_known": {"reaction": "wow"},
    "comment_passage_state_known": {"passage": "Room", "passage_state": "lost"},
    "comment_place_needs_passage": {"passage_start": 3},
}


def test_every_rule_for_comments_has_its_case_here():
    names = {constraint.name for constraint in Comment._meta.constraints}
    once = {"comment_source_once_per_post", "comment_said_once_per_post"}
    # PostgreSQL's columns refuse by themselves what is too long.
    assert names == {*WRONG, *once, "comment_passage_is_short"}


@pytest.mark.parametrize("name", WRONG)
def test_database_refuses_invalid_comments(write, say, name):
    post = write()
    given = {"body": "Words.", "name": "Lou"} | WRONG[name]
    if given.get("parent"):
        given["parent"] = say(post)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Comment.objects.bulk_create([Comment(post=post, **given)])


@pytest.mark.parametrize(
    "wrong", [{"source": "https://a.org/"}, {"title": "A title"}, {"kind": "pingback", "body": ""}]
)
def test_linkbacks_alone_have_a_source(write, wrong):
    given = {"body": "Words."} | wrong
    with pytest.raises(IntegrityError, match="comment_source_iff_linkback"), transaction.atomic():
        Comment.objects.bulk_create([Comment(post=write(), **given)])


def test_one_page_mentions_one_essay_once(write, say):
    post, other = write(), write("Another")
    say(post, "", kind="pingback", source="https://a.org/")
    say(other, "", kind="pingback", source="https://a.org/")
    with pytest.raises(IntegrityError), transaction.atomic():
        say(post, "", kind="webmention", source="https://a.org/")


def test_same_words_of_one_author_are_stored_once(write, say):
    post, other = write(), write("Another")
    say(post, fingerprint="0" * 64)
    say(other, fingerprint="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        say(post, fingerprint="0" * 64)
    say(post, fingerprint=None)
    say(post, fingerprint=None)


def test_a_page_of_a_thread_is_stored_once(write, say):
    post = write()
    say(post)
    with pytest.raises(IntegrityError), transaction.atomic():
        ThreadPage.objects.create(post=post, number=1, html="", rendering="")


def test_a_thing_is_findable_once(write):
    post = write()
    with pytest.raises(IntegrityError), transaction.atomic():
        SearchEntry.objects.create(kind="post", key=post.pk, post=post)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("post_has_slug", {"slug": ""}),
        ("post_has_path", {"path": ""}),
        ("post_withdrawn_was_published", {"withdrawn_at": timezone.now(), "published_at": None}),
    ],
)
def test_database_refuses_invalid_essays(write, name, wrong):
    post = write()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(**wrong)


def test_reply_protects_its_parent_from_deletion(write, say):
    post = write()
    first = say(post)
    say(post, parent=first)
    with pytest.raises(IntegrityError):
        first.delete()
