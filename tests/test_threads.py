"""The thread under an essay: what stands in it, in which order, on which page, and at what cost."""

import math
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.posts.models import Post, SearchEntry
from comments.models import Comment, ThreadPage
from comments.rendering import thread

ROOT = Path(__file__).resolve().parent.parent
REMOVED = "This comment was removed by a moderator."

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_a_page(monkeypatch):
    monkeypatch.setattr(ThreadPage, "COMMENTS", 3)


def articles(client, path):
    """Return id and classes of each comment on a page, in order, without the mentions."""
    response = client.get(path)
    assert response.status_code == 200
    thread = response.text.partition('id="mentions"')[0]
    found = re.findall(r'<article id="c(\d+)"[^>]* class="([^"]*)"', thread)
    return {int(pk): set(classes.split()) for pk, classes in found}


def one(client, path, comment):
    """Return the HTML of one comment on a page."""
    pattern = rf'<article [^>]*id="c{comment.pk}".*?</article>'
    return re.search(pattern, client.get(path).text, re.S)[0]


def move(comment, status):
    comment.status = status
    comment.save()


def stored(post):
    return dict(ThreadPage.objects.filter(post=post).values_list("number", "html"))


# --- Order and marks --------------------------------------------------------------------------


def test_replies_follow_their_parent_and_threads_by_age(client, write, say):
    post = write()
    path = post.get_absolute_url()
    a, b = say(post, "a"), say(post, "b")
    a1, b1, a2 = (say(post, body, parent=of) for body, of in (("a1", a), ("b1", b), ("a2", a)))
    a1a = say(post, "a1a", parent=a1)
    assert list(articles(client, path)) == [c.pk for c in (a, a1, a1a, a2, b, b1)]


def test_replies_are_indented_only_once(client, write, say):
    post = write()
    comment = start = say(post)
    for _ in range(5):
        comment = say(post, parent=comment)
    found = articles(client, post.get_absolute_url())
    assert "reply" not in found.pop(start.pk)
    assert all("reply" in classes for classes in found.values())
    assert len(found) == 5


def test_very_long_chain_of_replies_is_shown(client, write, say):
    post = write()
    start = parent = say(post)
    rows = []
    for number in range(1100):
        parent = Comment(
            pk=start.pk + 1 + number,
            post=post,
            parent=parent,
            root=start,
            body="On.",
            body_html="<p>On.</p>",
            status="approved",
        )
        rows.append(parent)
    Comment.objects.bulk_create(rows)
    ThreadPage.objects.refresh(post)
    path = post.get_absolute_url()
    pages = ["", *(f"comments/{number}/" for number in range(2, 24))]
    shown = [pk for page in pages for pk in articles(client, f"{path}{page}")]
    assert shown == [start.pk, *(comment.pk for comment in rows)]


def test_a_reply_says_to_whom_and_leads_there(client, write, say):
    post = write()
    first = say(post, name="Lou Barba")
    reply = say(post, parent=first)
    assert f'<a href="#c{first.pk}">\n\nto Lou Barba\n</a>' in one(
        client, post.get_absolute_url(), reply
    )


def test_only_the_signed_in_author_is_marked(client, write, say, author, django_user_model):
    post = write()
    other = django_user_model.objects.create_user("other")
    signed = say(post, name="Ines Marlow", author=author)
    typed = say(post, name="Ines Marlow")
    guest = say(post, name="Other", author=other)
    found = articles(client, post.get_absolute_url())
    assert "by-author" in found[signed.pk]
    assert "by-author" not in found[typed.pk] | found[guest.pk]
    assert '<span class="visually-hidden">author </span>' in one(
        client, post.get_absolute_url(), signed
    )


def test_commenter_text_is_escaped(client, write, say):
    post = write()
    said = say(post, "<script>x</script>", name="<b>Lou</b>", url='https://a.org/"><script>')
    html = one(client, post.get_absolute_url(), said)
    assert "<script" not in html
    assert "<b>" not in html


def test_a_commenters_link_gets_no_credit(client, write, say):
    post = write()
    html = one(client, post.get_absolute_url(), say(post, url="https://lou.example/"))
    assert 'href="https://lou.example/" rel="nofollow ugc"' in html


# --- What is not shown ------------------------------------------------------------------------


def test_removed_comment_with_replies_keeps_a_line(client, write, say):
    post = write()
    path = post.get_absolute_url()
    first = say(post, "Words that go.", name="Lou Barba", url="https://lou.example/")
    reply = say(post, parent=first, name="Noor Haddad")
    move(first, "trash")
    assert "removed" in articles(client, path)[first.pk]
    html = one(client, path, first)
    assert REMOVED in html
    for gone in ("Words that go.", "Lou Barba", "lou.example"):
        assert gone not in client.get(path).text
    assert "to a reader" in one(client, path, reply)
    move(reply, "spam")
    assert articles(client, path) == {}


def test_a_removed_comment_without_answers_goes(client, write, say):
    post = write()
    first, kept = say(post), say(post)
    move(first, "trash")
    assert list(articles(client, post.get_absolute_url())) == [kept.pk]


def test_removed_chain_stays_while_a_reply_is_visible(client, write, say):
    post = write()
    path = post.get_absolute_url()
    chain = [say(post)]
    for _ in range(3):
        chain.append(say(post, parent=chain[-1]))
    side = say(post, parent=chain[0])
    for comment in chain[:3]:
        move(comment, "trash")
    assert list(articles(client, path)) == [c.pk for c in (*chain, side)]
    move(chain[3], "trash")
    assert list(articles(client, path)) == [chain[0].pk, side.pk]
    move(side, "trash")
    assert articles(client, path) == {}


@pytest.mark.parametrize("status", ["pending", "spam", "trash"])
def test_unapproved_comment_is_shown_nowhere(client, write, say, status):
    post = write()
    say(post, "Quince paste.", name="Perpetua", status=status)
    post.refresh_from_db()
    assert post.comment_count == 0
    for path in (post.get_absolute_url(), "/", "/archive/", "/feed.xml", "/search/?q=quince"):
        text = client.get(path).text
        assert "Quince" not in text.replace("“quince”", "")
        assert "Perpetua" not in text
        assert "1 comment" not in text


def test_approval_can_be_taken_back(client, write, say):
    post = write()
    said = say(post, "Quince paste.")
    assert "Quince" in client.get("/search/?q=quince").text
    move(said, "spam")
    post.refresh_from_db()
    assert post.comment_count == 0
    assert "Quince" not in client.get(post.get_absolute_url()).text
    assert "Quince" not in client.get("/search/?q=quince").text
    assert not SearchEntry.objects.filter(kind="comment").exists()


def test_deleted_comment_leaves_page_and_search(client, write, say):
    post = write()
    said = say(post, "Quince paste.")
    said.delete()
    post.refresh_from_db()
    assert post.comment_count == 0
    assert "Quince" not in client.get(post.get_absolute_url()).text
    assert not SearchEntry.objects.filter(kind="comment").exists()


def test_mentions_stand_apart_and_are_not_counted(client, write, say):
    post = write()
    say(post)
    source = "https://www.beatriz.example/notes/margins/"
    say(post, "", kind="webmention", source=source, title="Margins first", name="")
    say(post, "", kind="pingback", source="https://a.org/", title="Held", status="pending")
    post.refresh_from_db()
    assert post.comment_count == 1
    thread, mentions = client.get(post.get_absolute_url()).text.split("Mentioned elsewhere")
    assert "1 comment<" in thread
    assert "Margins first" not in thread
    assert "Margins first" in mentions
    assert "beatriz.example" in mentions
    assert f'href="{source}" rel="nofollow ugc"' in mentions
    assert "Held" not in mentions


def test_without_mentions_there_is_no_heading_for_them(client, write, say):
    post = write()
    mention = say(post, "", kind="pingback", source="https://a.org/")
    move(mention, "spam")
    assert "Mentioned elsewhere" not in client.get(post.get_absolute_url()).text


# --- Pages and permalinks ---------------------------------------------------------------------


def test_fifty_first_comment_is_on_page_two(client, write, say):
    post = write()
    path = post.get_absolute_url()
    for number in range(ThreadPage.COMMENTS + 1):
        comment = Comment(post=post, name="Lou", body=f"No. {number}", status="approved")
        comment.save(refresh=False)
    ThreadPage.objects.refresh(post)
    assert len(articles(client, path)) == ThreadPage.COMMENTS == 50
    assert list(articles(client, f"{path}comments/2/")) == [comment.pk]
    assert f'rel="next" href="{path}comments/2/#comments"' in client.get(path).text
    assert f'rel="prev" href="{path}#comments"' in client.get(f"{path}comments/2/").text


@pytest.mark.usefixtures("three_a_page")
def test_replies_fill_a_page_as_well(client, write, say):
    post = write()
    first, last = say(post), say(post)
    replies = [say(post, parent=first) for _ in range(3)]
    path = post.get_absolute_url()
    shown, on_second = [[*articles(client, f"{path}{page}")] for page in ("", "comments/2/")]
    assert [*shown, *on_second] == [comment.pk for comment in (first, *replies, last)]
    assert len(shown) <= 3


@pytest.mark.usefixtures("three_a_page")
def test_a_comment_removed_early_changes_no_later_page(client, write, say):
    post = write()
    starts = [say(post) for _ in range(7)]
    before = stored(post)
    move(starts[1], "trash")
    path = post.get_absolute_url()
    assert list(articles(client, path)) == [starts[0].pk, starts[2].pk]
    assert {n for n, html in stored(post).items() if before[n] != html} == {1}


@pytest.mark.usefixtures("three_a_page")
def test_a_page_that_lost_its_last_comment_goes(client, write, say):
    post = write()
    starts = [say(post) for _ in range(7)]
    for comment in starts[3:6]:
        move(comment, "trash")
    path = post.get_absolute_url()
    assert list(articles(client, f"{path}comments/2/")) == [starts[6].pk]
    assert client.get(f"{path}comments/3/").status_code == 404


def test_the_first_page_has_no_address_of_its_own(client, write):
    path = write().get_absolute_url()
    response = client.get(f"{path}comments/1/")
    assert response.status_code == 301
    assert response["Location"] == f"{path}#comments"


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "999999", "99999999999999999999"])
def test_page_number_out_of_range_is_404(client, write, say, number):
    post = write()
    say(post)
    say(post, "", kind="pingback", source="https://a.org/")  # mentions are stored as number 0
    assert client.get(f"{post.get_absolute_url()}comments/{number}/").status_code == 404


@pytest.mark.usefixtures("three_a_page")
def test_permalink_redirects_to_the_comments_page(client, write, say):
    post = write()
    path = post.get_absolute_url()
    starts = [say(post) for _ in range(7)]
    reply = say(post, parent=starts[6])
    for comment, page in ((starts[0], path), (starts[3], f"{path}comments/2/")):
        response = client.get(f"/comments/{comment.pk}/")
        assert (response.status_code, response["Location"]) == (302, f"{page}#c{comment.pk}")
        assert comment.pk in articles(client, page)
    assert client.get(f"/comments/{reply.pk}/")["Location"] == f"{path}comments/3/#c{reply.pk}"


def test_permalink_of_a_single_page_is_the_essay(write, say):
    post = write()
    comment = say(post)
    assert comment.get_absolute_url() == f"{post.get_absolute_url()}#c{comment.pk}"


@pytest.mark.parametrize("status", ["pending", "spam", "trash"])
def test_permalink_of_an_unapproved_comment_is_404(client, write, say, status):
    assert client.get(f"/comments/{say(write(), status=status).pk}/").status_code == 404


@pytest.mark.parametrize("number", ["0", "12345", "99999999999999999999", "-1", "x"])
def test_the_permalink_of_nothing_is_a_404(client, db, number):
    assert client.get(f"/comments/{number}/").status_code == 404


@pytest.mark.usefixtures("three_a_page")
@pytest.mark.parametrize("fate", ["draft", "scheduled", "withdrawn"])
def test_comments_on_hidden_essays_cannot_be_reached(client, write, say, fate):
    post = write()
    comments = [say(post, "Quince paste.") for _ in range(4)]
    if fate == "withdrawn":
        post.withdraw()
    else:
        post.published_at = timezone.now() + timedelta(days=1) if fate == "scheduled" else None
        post.save()
    assert client.get(post.get_absolute_url()).status_code in (404, 410)
    assert client.get(f"{post.get_absolute_url()}comments/2/").status_code in (404, 410)
    assert client.get(f"/comments/{comments[0].pk}/").status_code in (404, 410)
    assert "Quince" not in client.get("/search/?q=quince").text


# --- What is stored ---------------------------------------------------------------------------


def test_an_edited_comment_is_shown_as_edited(client, write, say):
    post = write()
    said = say(post)
    said.body = "I no longer agree."
    said.save()
    assert "I no longer agree." in client.get(post.get_absolute_url()).text


@pytest.mark.parametrize("change", ["LANGUAGE_CODE", "TIME_ZONE", "template"])
def test_threads_rendered_another_way_are_stale_until_refreshed(
    write, say, settings, monkeypatch, change
):
    post = write()
    say(post)
    assert not ThreadPage.objects.stale().exists()
    if change == "template":
        monkeypatch.setattr("comments.models.thread_page.rendering", lambda: "another")
    else:
        setattr(settings, change, {"LANGUAGE_CODE": "de", "TIME_ZONE": "Asia/Tokyo"}[change])
    assert ThreadPage.objects.stale().count() == 1
    assert ThreadPage.objects.refresh_stale(until=math.inf)
    assert not ThreadPage.objects.stale().exists()


def test_refreshing_what_is_stale_mends_every_essay(client, write, say):
    posts = [write(title) for title in ("One", "Two")]
    for post in posts:
        say(post, f"About {post}.")
    ThreadPage.objects.update(html="Old.", rendering="old")
    ThreadPage.objects.refresh_stale(until=math.inf)
    for post in posts:
        assert f"About {post}." in client.get(post.get_absolute_url()).text


def test_a_template_is_part_of_how_threads_are_rendered(monkeypatch):
    before = thread.rendering()
    template = thread.get_template("comments/_mentions.html").template
    changed = type("T", (), {"template": type("S", (), {"source": template.source + " "})})
    monkeypatch.setattr(thread, "get_template", lambda name: changed)
    assert thread.rendering() != before


# --- Cost -------------------------------------------------------------------------------------


@pytest.fixture
def long_thread(write):
    post = write()
    Comment.objects.bulk_create(
        Comment(
            post=post,
            name="Lou",
            body="On.",
            body_html="<p>On.</p>",
            status="approved",
            created_at=timezone.now() - timedelta(hours=500 - number),
        )
        for number in range(500)
    )
    ThreadPage.objects.refresh(post)
    return post


def written_pages(queries):
    return [
        query["sql"]
        for query in queries
        if re.match('UPDATE "comments_threadpage" SET "html"', query["sql"])
    ]


def test_new_comment_renders_only_the_last_page(long_thread, say):
    assert ThreadPage.objects.count() == 10
    before = stored(long_thread)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        say(long_thread)
    assert len(written_pages(queries)) == 1
    assert {n for n, html in stored(long_thread).items() if before.get(n) != html} == {11}


def test_long_thread_costs_no_more_queries(client, write, say, long_thread):
    """Of 500 comments; tests/benchmarks/pages.py has 10,000."""
    short = write("Short")
    shown = say(short), Comment.objects.filter(post=long_thread).last()

    def cost(path, status=200):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == status
        return len(queries)

    # The post, the ones before and after, its tags, and the page of the thread.
    essays = short.get_absolute_url(), long_thread.get_absolute_url()
    assert [cost(essay) for essay in essays] == [4, 4]
    # The post, and the page.
    assert cost(f"{essays[1]}comments/10/") == 2
    # The comment, and its page.
    assert [cost(f"/comments/{comment.pk}/", 302) for comment in shown] == [2, 2]
    # The same, and what the page itself asks: on the essay the one before and after, and the tags.
    assert [cost(f"/comments/{comment.pk}/reply/") for comment in shown] == [5, 3]


# --- What the database refuses ----------------------------------------------------------------

WRONG = {
    "comment_kind_known": {"kind": "letter", "source": "https://a.org/"},
    "comment_status_known": {"status": "liked"},
    "comment_source_iff_linkback": {"kind": "pingback"},
    "comment_has_words": {"body": ""},
    "comment_reply_has_root": {"parent": True},
    "comment_answers_another": {"pk": 7777, "parent_id": 7777, "root_id": 7777},
}


def test_every_rule_for_comments_has_its_case_here():
    names = {constraint.name for constraint in Comment._meta.constraints}
    assert names == {*WRONG, "comment_source_once_per_post", "comment_said_once_per_post"}


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


# --- Two at once ------------------------------------------------------------------------------

TWO_AT_ONCE = """
import threading, django; django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from blog.posts.models import Post
from comments.models import Comment, ThreadPage
call_command("migrate", verbosity=0)
post = Post.objects.create(title="x", author=User.objects.create(), published_at=timezone.now())
held = [Comment(post=post, body=f"No. {n}.") for n in range(12)]
for comment in held:
    comment.save()
go = threading.Barrier(4)
def approve(mine):
    go.wait()
    for comment in mine:
        comment.status = "approved"
        comment.save()
    connection.close()
working = [threading.Thread(target=approve, args=[held[n::4]]) for n in range(4)]
for thread in working: thread.start()
for thread in working: thread.join()
stored = lambda: list(ThreadPage.objects.values_list("number", "html"))
kept = stored()
ThreadPage.objects.refresh(post)
print(kept == stored(), Post.objects.get().comment_count)
"""


def test_moderators_who_approve_at_once_lose_nothing(tmp_path):
    """On a real file, because SQLite in memory cannot have two writers."""
    mine = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", TWO_AT_ONCE],
        env=os.environ | mine | {"DJANGO_SETTINGS_MODULE": "blog.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stderr == ""
    assert run.stdout == "True 12\n"


def test_author_mark_follows_the_essays_author(client, write, say, author):
    post = write()
    say(post, author=author, name="Ines")
    by_author = re.compile(r'class="[^"]*by-author')
    assert by_author.search(client.get(post.get_absolute_url()).text)
    post.author = get_user_model().objects.create_user("other")
    post.save()
    assert not by_author.search(client.get(post.get_absolute_url()).text)
