"""Linked pages get a last notice when an essay is withdrawn, made a draft or deleted."""

from datetime import timedelta

import pytest
from notices import MOMENT, TAKEN, WEBMENTION, at, clock, linking, states, target
from peers import page

from comments.linkbacks.sending import SETTLE
from comments.models import Comment, LinkedPage

__all__ = ["clock", "target"]  # fixtures


pytestmark = pytest.mark.django_db


# --- Going ------------------------------------------------------------------------------------


def test_w3_1_5_withdrawal_answers_410_then_sends_notices(client, clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward()
    post.withdraw()
    assert client.get(post.get_absolute_url()).status_code == 410
    assert len(target.notices) == 1, "the notice comes later"
    clock.forward()
    assert len(target.notices) == 2
    assert states() == [(target.url(), "sent", False)]


@pytest.mark.parametrize("days", [None, 3])
def test_essay_made_draft_or_postponed_is_withdrawn_elsewhere(clock, write, target, days):
    post = write(body=linking(target.url()))
    clock.forward()
    post.published_at = days and clock.now + timedelta(days=days)
    post.save()
    clock.forward()
    assert len(target.notices) == 2
    assert states() == [(target.url(), "sent", False)]
    clock.until_settled()
    assert len(target.notices) == (3 if days else 2), "and announced on its day"


def test_essay_published_again_is_announced_again(clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward()
    post.withdraw()
    clock.forward()
    post.publish()
    clock.forward()
    assert len(target.notices) == 3
    assert states() == [(target.url(), "sent", True)]


def test_removed_link_without_notice_is_forgotten(clock, write, target):
    target.answer = at(root=page())
    post = write(body=linking(target.url()))
    clock.forward()
    post.body = "No link."
    post.save()
    clock.until_settled()
    assert len(target.requests) == 1
    assert not LinkedPage.objects.exists()


def test_w3_1_4_removed_link_gets_a_last_notice(clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=[page(b"", "504 Late"), TAKEN])
    post = write(body=linking(target.url()))
    clock.forward()
    post.withdraw()
    clock.until_settled()
    assert len(target.posts) == 2
    assert states() == [(target.url(), "sent", False)]


def test_a_deleted_essay_leaves_no_job_that_fails(clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward(SETTLE - MOMENT)
    post.delete()
    clock.until_settled()
    assert target.requests == []


def test_w3_1_5_deleted_essay_notifies_its_linked_pages(client, clock, write, target, settings):
    linked = write("Linked to")
    address = settings.SITE_URL + linked.get_absolute_url()
    post = write("Linking", body=linking(target.url(), address))
    clock.forward()
    there = post.get_absolute_url()
    assert Comment.objects.get().status == "approved"
    post.delete()
    assert client.get(there).status_code == 404
    clock.until_settled()
    assert target.notices == [(settings.SITE_URL + there, target.url())] * 2
    assert Comment.objects.get().status == "trash", "the mention on our own essay, too"
    assert not LinkedPage.objects.exists()


def test_last_notice_of_a_deleted_essay_is_retried(clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=[TAKEN, page(b"", "503 Busy"), TAKEN])
    post = write(body=linking(target.url()))
    clock.forward()
    post.delete()
    clock.until_settled()
    assert len(target.posts) == 3
    assert not LinkedPage.objects.exists()


def test_withdrawn_then_deleted_essay_notifies_once(clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward()
    post.withdraw()
    clock.until_settled()
    post.delete()
    clock.until_settled()
    assert len(target.notices) == 2


@pytest.mark.parametrize("switch", ["LINKBACKS_SEND", "announces_links"])
def test_deleted_essay_kept_from_announcing_sends_nothing(settings, clock, write, target, switch):
    post = write(body=linking(target.url()))
    clock.forward()
    post.announces_links = switch != "announces_links"
    settings.LINKBACKS_SEND = switch != "LINKBACKS_SEND"
    post.delete()
    settings.LINKBACKS_SEND = True
    clock.until_settled()
    assert len(target.notices) == 1
    assert not LinkedPage.objects.exists()
