"""How comments are shown under an essay: order, marks, and what stays hidden."""

import re

import pytest
from django.contrib.auth import get_user_model
from thread_reading import REMOVED, articles, move, one

from blog.posts.models import SearchEntry
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db


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


def test_very_long_chain_of_replies_is_shown(client, write, say, monkeypatch):
    monkeypatch.setattr(ThreadPage, "COMMENTS", 400)
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
    pages = ["", *(f"comments/{number}/" for number in range(2, 4))]
    shown = [pk for page in pages for pk in articles(client, f"{path}{page}")]
    assert shown == [start.pk, *(comment.pk for comment in rows)]


def test_a_reply_says_to_whom_and_leads_there(client, write, say):
    post = write()
    first = say(post, name="Lou Barba")
    reply = say(post, parent=first)
    assert f'<a href="#c{first.pk}">\nto Lou Barba\n</a>' in one(
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


def test_author_mark_follows_the_essays_author(client, write, say, author):
    post = write()
    say(post, author=author, name="Ines")
    by_author = re.compile(r'class="[^"]*by-author')
    assert by_author.search(client.get(post.get_absolute_url()).text)
    post.author = get_user_model().objects.create_user("other")
    post.save()
    assert not by_author.search(client.get(post.get_absolute_url()).text)
