"""What becomes of a mention once its source was read for the first time."""

import pytest
from linkbacks import (
    at,
    linking,
    look_all,
    mention,
    nobody_waits,
    peer,
    ping,
    post,
    readers_see,
    receive,
    status,
)
from peers import Peer, fields, moved, page
from server import free_port

from blog.posts.models import OldAddress
from comments.models import BlockRule, Comment, Linkback, Mail

__all__ = ["nobody_waits", "peer", "post", "receive"]  # fixtures


def fault_of(client, source, post):
    """Send a pingback, verify it, and return the fault it results in."""
    ping(client, source, at(post))
    look_all()
    assert not Comment.objects.exists()
    return Linkback.objects.get().fault


# --- The first look -------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "kind"), [(mention, "webmention"), (ping, "pingback")])
def test_w3_2_2_a_page_that_links_here_waits_in_the_queue(receive, client, post, peer, by, kind):
    comment = receive(by=by)
    assert (comment.kind, comment.status) == (kind, "pending")
    assert (comment.title, comment.body) == ("A reply", "Read this, as she says, again.")
    assert comment.source == peer.url("/reply/")
    assert comment.reasons == ["hold-mentions"]
    assert not readers_see(client, post, "A reply")
    assert status(client)["status"] == "accepted"
    comment.approve()
    assert readers_see(client, post, "A reply")


def test_w3_2_status_page_hides_moderators_decisions(receive, client):
    comment = receive()
    for judge in (comment.mark_spam, comment.trash, comment.approve):
        judge()
        assert status(client)["status"] == "accepted"


def test_abuse_shown_excerpt_is_plain_text(receive, peer, post):
    peer.answer = page(linking(at(post), "*see* [this](http://spam.example) &lt;b&gt;"))
    comment = receive()
    assert comment.body_html == (
        "<p>Read this, *see* [this](http://spam.example) &lt;b&gt;, again.</p>"
    )


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (page(b"<p>No link."), 17),
        (page(b"<!-- <a href='TARGET'>a</a> -->"), 17),
        (page(b"<a href='TARGET'>a</a>", "404 Not Found"), 16),
        (page(b"<a href='TARGET'>a</a>", "410 Gone"), 16),
        (page(b"TARGET", content_type="image/png"), 17),
    ],
)
def test_p3_faults_page_without_link_is_rejected_unseen(receive, client, peer, post, answer, fault):
    peer.answer = answer.replace(b"TARGET", at(post).encode())
    assert receive() is None
    assert Linkback.objects.get().fault == fault
    assert status(client)["status"] == "rejected"


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_p3_fault_16_missing_source(client, peer, post, status):
    peer.answer = page(linking(at(post)), status)
    assert fault_of(client, peer.url("/reply/"), post) == 16


@pytest.mark.parametrize("source", ["http://127.0.0.1:{port}/", "http://no-such-name.invalid/"])
def test_p3_fault_16_unknown_or_unreachable_host(client, post, settings, source):
    closed = free_port()
    settings.LINKBACK_PRIVATE_HOSTS = [f"127.0.0.1:{closed}"]
    assert fault_of(client, source.format(port=closed), post) == 16


@pytest.mark.parametrize("html", ["<p>No link.", "<!-- <a href='{}'>a</a> -->", "<p>{}", ""])
def test_p3_fault_17_a_source_without_a_link(client, peer, post, html):
    peer.answer = page(html.replace("{}", at(post)).encode())
    assert fault_of(client, peer.url("/reply/"), post) == 17


@pytest.mark.parametrize(
    "answer",
    [page(status="500 Error"), page(status="503 Away"), page(status="429 Slow"), b"x", b""],
)
def test_p3_fault_50_failing_source(client, peer, post, answer):
    peer.answer = answer
    assert fault_of(client, peer.url("/reply/"), post) == 50


def test_w3_2_2_source_is_requested_as_html(receive, peer):
    receive()
    line, given = fields(peer.requests[0])
    assert line == "GET /reply/ HTTP/1.1"
    assert given["accept"].startswith("text/html")


def test_w4_1_source_is_fetched_by_a_job(client, peer, post):
    assert mention(client, peer.url("/one"), at(post)).status_code == 201
    ping(client, peer.url("/two"), at(post))
    assert peer.calls == 0
    look_all()
    assert peer.calls == 2
    assert {comment.status for comment in Comment.objects.all()} == {"pending"}


def test_p5_bob_s_half_of_the_example(client, peer, post):
    """The ping names both posts with their fragments; title and extract come from the source."""
    source = peer.url("/#p123")
    ping(client, source, at(post) + "#foo")
    look_all()
    [comment] = Comment.objects.all()
    assert (comment.kind, comment.title) == ("pingback", "A reply")
    assert comment.body == "Read this, as she says, again."


def test_link_type_text_is_a_source_of_webmentions_only(receive, peer, post):
    peer.answer = page(f"See {at(post)}.".encode(), content_type="text/plain")
    assert receive(by=ping) is None
    assert receive(by=mention).kind == "webmention"


def test_w3_2_1_redirect_to_the_essay_is_not_a_mention(receive, peer, settings, post):
    with Peer(page(linking(at(post)))) as ours:
        settings.SITE_URL = ours.url("")
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place, ours.place]
        peer.answer = moved(ours.url(post.get_absolute_url()))
        assert receive() is None
        assert ours.calls == 1


def test_link_compared_with_old_addresses(receive, peer, post):
    OldAddress.objects.create(path="2005/02/old", post=post)
    peer.answer = page(linking("http://127.0.0.1:8000/2005/02/old/"))
    assert receive()


def test_fetch_refusal_is_the_same_for_private_and_unknown_hosts(client, post, settings, peer):
    settings.LINKBACK_PRIVATE_HOSTS = []
    mention(client, peer.url("/reply/"), at(post))
    look_all()
    inner = status(client)
    assert peer.calls == 0
    Linkback.objects.all().delete()
    mention(client, "http://no-such-name.invalid/", at(post))
    look_all()
    assert status(client) == inner
    assert inner["status"] == "rejected"


def test_fetch_once_nothing_the_page_names(receive, peer, post):
    more = f"<img src='{peer.url('/a.png')}'><a rel=author href='{peer.url('/me')}'>Me</a>"
    peer.answer = page(linking(at(post), more=more))
    assert receive().url == peer.url("/me")
    assert peer.calls == 1


def test_mention_is_mailed_to_moderators(receive, admin_user, mail_set_up):
    receive()
    assert Mail.objects.get().to == admin_user.email


# --- The rules of moderators ----------------------------------------------------------------------


def test_w4_1_block_rules_apply_to_mentions(receive):
    BlockRule.objects.create(kind="words", pattern="a reply", outcome="spam")
    comment = receive()
    assert comment.status == "spam"
    assert comment.reasons[0].startswith("blocked")


def test_w4_1_known_host_is_approved_if_configured(receive, settings):
    settings.LINKBACK_POLICY = "known"
    first = receive("/one")
    assert (first.status, first.reasons) == ("pending", ["first-mention"])
    assert receive("/two").status == "pending", "none was approved yet"
    first.approve()
    assert receive("/three").status == "approved"
    settings.LINKBACK_POLICY = "hold"
    assert receive("/four").status == "pending"


def test_queue_counts_earlier_decisions_on_the_host(receive, admin_client):
    receive("/one").approve()
    receive("/two").mark_spam()
    receive("/three")
    queue = admin_client.get("/admin/comments/comment/").content.decode()
    assert "1 approved · 1 spam from this site before" in queue


# --- From ours to ours ----------------------------------------------------------------------------


def test_our_own_essay_is_verified_without_network(client, post, write, admin_user, mail_set_up):
    other = write("Another", body=f"As I [said]({post.get_absolute_url()}).")
    mention(client, at(other), at(post))
    look_all()
    [comment] = Comment.objects.mentions()
    assert (comment.title, comment.name, comment.status) == ("Another", "Ines Marlow", "approved")
    assert readers_see(client, post, "As I said.")
    assert not Mail.objects.exists()


def test_our_own_page_without_a_link_is_rejected(client, post, write):
    ping(client, at(write("Another")), at(post))
    ping(client, at(post) + "not/", at(post))
    look_all()
    assert sorted(Linkback.objects.values_list("fault", flat=True)) == [16, 17]
    assert not Comment.objects.exists()
