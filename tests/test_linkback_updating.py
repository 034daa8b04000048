"""A known mention is verified again: it keeps its row, and follows its source."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
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
from peers import forever, page

from blog.jobs.models import Job
from blog.net.fetch import fetch
from comments.models import Comment, Linkback, Look, ModerationEvent

__all__ = ["nobody_waits", "peer", "post", "receive"]  # fixtures


# --- Again: Webmention 3.2.4, "updating existing webmentions" -------------------------------------


def test_p3_fault_48_known_link_keeps_its_row(receive, peer, client, post):
    first = receive(by=ping)
    assert receive(by=mention) == first
    assert ping(client, peer.url("/reply"), at(post) + "#part") == 48
    look_all()
    assert Linkback.objects.count() == Comment.objects.count() == 1


def test_w3_2_4_changed_mention_waits_again(receive, peer, post, client):
    receive().approve()
    assert receive().status == "approved", "nothing changed"
    peer.answer = page(linking(at(post), "as he said"))
    comment = receive()
    assert (comment.status, comment.body) == ("pending", "Read this, as he said, again.")
    assert not readers_see(client, post, "A reply")
    event = ModerationEvent.objects.first()
    assert (event.after, event.why) == ("pending", "The source was changed.")


def test_w3_2_4_changed_mention_is_a_new_version(receive, peer, post):
    comment = receive()
    before, said = comment.version, comment.body
    peer.answer = page(linking(at(post), "as he said"))
    comment = receive()
    assert comment.version != before
    assert comment.as_shown(before)["body"] == said


def test_w3_2_4_second_reading_keeps_decisions(receive, peer, post, monkeypatch):
    comment = receive()
    decide, edit = comment.mark_spam, Comment.edit

    def decided_meanwhile(self, **how):
        decide()
        return edit(self, **how)

    monkeypatch.setattr(Comment, "edit", decided_meanwhile)
    peer.answer = page(linking(at(post), "as he said"))
    assert receive().status == "spam"


def test_w3_2_4_changed_spam_and_trash_stay_so(receive, peer, post):
    for judge in ("mark_spam", "trash"):
        comment = receive(f"/{judge}")
        getattr(comment, judge)()
        before = comment.status
        peer.answer = page(linking(at(post), judge))
        assert receive(f"/{judge}").status == before


@pytest.mark.parametrize(
    "answer", [page(b"<p>No link."), page(status="404 Not Found"), page(status="410 Gone")]
)
def test_w3_2_4_removed_link_removes_its_mention(receive, peer, client, post, answer):
    receive().approve()
    before, peer.answer = peer.answer, answer
    comment = receive()
    assert comment.status == "trash"
    assert not readers_see(client, post, "A reply")
    assert status(client)["status"] == "rejected"
    # And one that is there again waits again.
    peer.answer = before
    assert receive().status == "pending"
    assert status(client)["status"] == "accepted"


def test_w3_2_4_spam_without_its_link_stays_spam(receive, peer):
    receive().mark_spam()
    peer.answer = page(b"<p>No link.")
    assert receive().status == "spam"


@pytest.mark.parametrize("answer", [page(status="500 Error"), page(status="429 Slow"), b"x", b""])
def test_w3_2_4_failing_page_keeps_its_mention(receive, peer, client, post, answer):
    comment = receive()
    comment.approve()
    words = linking(at(post), "as he said")
    peer.answer = answer
    assert receive().status == "approved"
    peer.answer = page(words)
    look_all(timezone.now() + timedelta(minutes=6))
    comment.refresh_from_db()
    assert "as he said" in comment.body


def test_w3_2_3_failing_source_is_rejected_after_four_attempts(receive, peer, client):
    peer.answer = page(status="503 Away")
    assert receive() is None
    assert status(client)["status"] == "pending"
    now = timezone.now()
    for hours in (1, 3, 20):
        look_all(now + timedelta(hours=hours))
    assert peer.calls == 4
    assert status(client) == {
        "status": "rejected",
        "message": "The mention was rejected. The source page could not be read.",
    }


def test_p3_fault_50_endless_page_is_given_up(receive, peer, monkeypatch):
    monkeypatch.setitem(fetch.__kwdefaults__, "deadline", 0.3)
    peer.answer = forever(b" ", page(b"<p>", length=False), every=0.05)
    assert receive() is None
    assert Linkback.objects.get().fault == 50


def test_w3_2_4_repeat_before_verification_queues_no_second(client, peer, post):
    for _ in range(5):
        assert mention(client, peer.url("/reply/"), at(post)).status_code == 201
        ping(client, peer.url("/reply/"), at(post))
    assert Look.objects.count() == 1
    look_all()
    assert peer.calls == 1


def test_mention_of_an_essay_withdrawn_meanwhile_is_rejected(client, peer, post):
    mention(client, peer.url("/reply/"), at(post))
    post.withdraw()
    look_all()
    assert peer.calls == 0
    assert Linkback.objects.get().state == "rejected"


def test_fetch_once_if_the_job_runs_twice(receive, peer):
    receive()
    Job.objects.update(status="READY")
    look_all()
    assert peer.calls == 1
    assert Comment.objects.count() == 1


def test_imported_mention_is_recognised(receive, peer, post, say):
    imported = say(post, "", kind="pingback", source=peer.url("/reply"), origin="wp:1")
    assert receive() == imported
    assert Linkback.objects.get().comment == imported


def test_abuse_5000_rejected_linkbacks_are_deleted_after_a_day(receive, peer):
    receive("/one")
    peer.answer = page(b"<p>No link.")
    receive("/two")
    call_command("forget_linkbacks", stdout=StringIO())
    assert Linkback.objects.count() == 2
    Look.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    call_command("forget_linkbacks", stdout=StringIO())
    assert [linkback.state for linkback in Linkback.objects.all()] == ["accepted"]
    assert not Look.objects.exists()
