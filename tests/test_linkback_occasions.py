"""When linked pages are notified: an essay becomes public, or changes."""

from datetime import timedelta

import pytest
from conftest import on
from notices import MOMENT, TAKEN, WEBMENTION, Target, at, clock, linking, states, target
from peers import page

from blog.jobs.models import Job
from comments.linkbacks.protocols.source import read_source
from comments.linkbacks.sending import SETTLE
from comments.models import Comment, LinkedPage
from comments.models.linked_page import APART, REFUSED_AGAIN_AFTER

__all__ = ["clock", "target"]  # fixtures


pytestmark = pytest.mark.django_db


@pytest.fixture
def other(settings, target):
    """A second page that takes webmentions."""
    with Target() as other:
        settings.LINKBACK_PRIVATE_HOSTS = [target.place, other.place]
        yield other


# --- Becoming public --------------------------------------------------------------------------


def test_sending_on_time_new_essay_is_announced_after_a_minute(clock, write, target):
    write(body=linking(target.url()))
    clock.forward(SETTLE - MOMENT)
    assert target.requests == []
    clock.forward(MOMENT)
    assert len(target.notices) == 1


def test_w3_1_1_named_source_mentions_the_target(client, clock, write, target):
    write(body=linking(target.url()))
    clock.forward()
    [(source, there)] = target.notices
    html = client.get(source.removeprefix("http://127.0.0.1:8000")).text
    assert read_source(html, "text/html", source, there)


def test_draft_is_announced_only_once_published(clock, write, target):
    post = write(body=linking(target.url()), published_at=None)
    clock.forward(days=2)
    assert target.requests == []
    assert not Job.objects.exists()
    post.publish()
    clock.forward()
    assert len(target.notices) == 1


def test_sending_on_time_scheduled_essay_is_announced_when_public(clock, write, target):
    write(body=linking(target.url()), published_at=clock.now + timedelta(days=3))
    clock.forward(timedelta(days=3) - MOMENT)
    assert target.requests == []
    clock.forward(MOMENT)
    assert len(target.notices) == 1


def test_postponed_essay_is_not_announced_at_its_old_time(clock, write, target):
    post = write(body=linking(target.url()), published_at=clock.now + timedelta(days=3))
    post.published_at += timedelta(days=4)
    post.save()
    clock.forward(days=4)
    assert target.requests == []
    assert not LinkedPage.objects.exists()
    clock.forward(days=3)
    assert len(target.notices) == 1


def test_scheduled_essay_made_a_draft_is_not_announced(clock, write, target):
    post = write(body=linking(target.url()), published_at=clock.now + timedelta(days=3))
    post.published_at = None
    post.save()
    clock.forward(days=4)
    assert target.requests == []


def test_essay_withdrawn_within_a_minute_is_not_announced(clock, write, target):
    write(body=linking(target.url())).withdraw()
    clock.forward(hours=1)
    assert target.requests == []


def test_essay_withdrawn_meanwhile_sends_no_waiting_notices(clock, write, target):
    second = target.url("/b")
    target.answer = at(root=WEBMENTION, b=WEBMENTION, endpoint=TAKEN)
    post = write(body=linking(target.url(), second))
    clock.forward()
    assert [there for _source, there in target.notices] == [target.url()]
    post.withdraw()
    clock.forward(APART)
    assert [there for _source, there in target.notices] == [target.url()]
    clock.forward()
    assert [there for _source, there in target.notices] == [target.url()] * 2, "the last notice"
    assert states() == [(target.url(), "sent", False)]


def test_essay_published_again_meanwhile_is_announced(clock, write, target):
    post = write(body=linking(target.url(), target.url("/b")))
    target.answer = at(root=WEBMENTION, b=WEBMENTION, endpoint=TAKEN)
    clock.forward()
    post.withdraw()
    clock.forward(APART)
    post.publish()
    clock.until_settled()
    assert {there for _source, there in target.notices} == {target.url(), target.url("/b")}
    assert [state for _target, state, _linked in states()] == ["sent", "sent"]


def test_sending_on_time_imported_essays_never_announce_links(clock, write, target):
    post = write(body=linking(target.url()), origin="https://old.example/?p=1")
    post.body += " More."
    post.save()
    clock.forward(days=1)
    assert target.requests == []
    assert not Job.objects.exists()


def test_pages_such_as_about_announce_no_links(clock, write, target):
    write(body=linking(target.url()), kind="page")
    clock.forward(days=1)
    assert target.requests == []


def test_essay_can_be_kept_from_announcing(clock, write, target):
    write(body=linking(target.url()), announces_links=False)
    clock.forward(days=1)
    assert target.requests == []


def test_site_can_be_kept_from_announcing(settings, clock, write, target):
    settings.LINKBACKS_SEND = False
    write(body=linking(target.url()))
    clock.forward(days=1)
    assert target.requests == []


def test_waiting_notices_are_not_sent_once_switched_off(settings, clock, write, target):
    write(body=linking(target.url(), target.url("/b")))
    clock.forward()
    settings.LINKBACKS_SEND = False
    clock.until_settled()
    assert len(target.notices) == 1
    assert LinkedPage.objects.get(key__endswith="/b").why == (
        "No notices are sent for this essay now."
    )


def test_an_essay_without_links_costs_no_job(clock, write):
    write(body="See [above](#above).").save()
    assert not Job.objects.exists()


def test_notices_to_one_host_are_spaced(clock, write, target, other):
    write(body=linking(*[target.url(f"/{n}") for n in range(3)], other.url()))
    clock.forward()
    assert (len(target.requests), len(other.requests)) == (1, 2)
    clock.forward(APART)
    assert len(target.requests) == 2
    clock.forward(APART)
    assert len(target.requests) == 3


# --- Changes ----------------------------------------------------------------------------------


def test_notices_of_two_essays_to_one_host_are_spaced(clock, write, target):
    write(body=linking(target.url("/?a")))
    write("A second", body=linking(target.url("/?b")))
    clock.forward()
    assert len(target.notices) == 1
    clock.forward(APART)
    assert len(target.notices) == 2


def test_w3_1_4_change_is_announced_to_new_and_removed_links(clock, write, target, other):
    post = write(body=linking(target.url()))
    clock.forward()
    post.body = linking(other.url())
    post.save()
    clock.forward()
    assert len(target.notices) == 2, "the removed one gets one more notice"
    assert len(other.notices) == 1
    assert states() == [(target.url(), "sent", False), (other.url(), "sent", True)]
    post.body += " More."
    post.save()
    clock.forward()
    assert len(target.notices) == 2, "that was its last notice"
    assert len(other.notices) == 2


def test_w3_1_4_endpoint_is_discovered_for_each_notice(clock, write, target):
    moved = page(link='</moved>; rel="webmention"')
    target.answer = at(root=[WEBMENTION, moved], endpoint=TAKEN, moved=TAKEN)
    post = write(body=linking(target.url()))
    clock.forward()
    post.body += " More."
    post.save()
    clock.until_settled()
    assert target.lines == ["GET /", "POST /endpoint", "GET /", "POST /moved"]


def test_several_saves_in_a_minute_make_one_sending(clock, write, target):
    post = write(body=linking(target.url()))
    for word in ("One.", "Two.", "Three."):
        clock.forward(seconds=10)
        post.body += f" {word}"
        post.save()
    clock.until_settled()
    assert len(target.notices) == 1


def test_w3_1_4_save_without_changes_sends_nothing(clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward()
    post.comments_open = False
    post.save()
    clock.until_settled()
    assert len(target.requests) == 2


def test_sending_by_one_protocol_pingback_is_sent_once(settings, clock, write, target):
    done = page(
        b"<methodResponse><params><param><value>Yes</value></param></params></methodResponse>",
        content_type="text/xml",
    )
    target.answer = at(root=page(x_pingback=target.url("/rpc")), rpc=done)
    post = write(body=linking(target.url()))
    clock.forward()
    for body in (linking(target.url(), "#x"), "No link.", linking(target.url())):
        post.body = body
        post.save()
        clock.until_settled()
    post.withdraw()
    clock.until_settled()
    assert len(target.posts) == 1
    assert states() == [(target.url(), "accepted", False)]


def test_sending_by_one_protocol_no_pingback_after_a_webmention(clock, write, target):
    target.answer = at(
        root=[WEBMENTION, page(x_pingback=target.url("/rpc"))], endpoint=TAKEN, rpc=TAKEN
    )
    post = write(body=linking(target.url()))
    clock.forward()
    post.body += " More."
    post.save()
    clock.forward()
    assert target.lines == ["GET /", "POST /endpoint", "GET /"]
    assert [state for _target, state, _linked in states()] == ["none"]


def test_page_without_endpoint_is_tried_again_after_a_week(clock, write, target):
    target.answer = at(root=page())
    post = write(body=linking(target.url()))
    clock.forward()
    post.body += " More."
    post.save()
    clock.forward(REFUSED_AGAIN_AFTER - MOMENT)
    assert len(target.requests) == 1
    clock.forward(MOMENT)
    assert len(target.requests) == 1, "time alone is not a reason"
    target.answer = at(root=WEBMENTION, endpoint=TAKEN)
    post.body += " And more."
    post.save()
    clock.forward()
    assert len(target.notices) == 1


def test_moved_essay_is_announced_under_its_first_address(client, clock, write, target):
    post = write(body=linking(target.url()), published_at=on(2026, 3))
    clock.forward()
    post.slug = "wide-margins"
    post.body += " More."
    post.save()
    clock.forward()
    sources = [source for source, _target in target.notices]
    assert sources == ["http://127.0.0.1:8000/2026/03/on-margins/"] * 2
    assert client.get("/2026/03/on-margins/", follow=True).status_code == 200


def test_change_during_a_retry_sends_one_notice(clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=[page(b"", "503 Busy"), TAKEN])
    post = write(body=linking(target.url()))
    clock.forward()
    post.body += " More."
    post.save()
    clock.until_settled()
    assert len(target.posts) == 2, "the one that failed, and the one that was taken"


# --- From ours to ours ------------------------------------------------------------------------


def test_link_between_our_essays_becomes_a_mention(clock, write, client, settings):
    linked = write("Linked to")
    address = settings.SITE_URL + linked.get_absolute_url()
    post = write("Linking", body=linking(address))
    clock.forward()
    assert 'id="mentions"' in client.get(linked.get_absolute_url()).text
    assert Comment.objects.get().source == settings.SITE_URL + post.get_absolute_url()
    post.body = "No more."
    post.save()
    clock.forward()
    assert 'id="mentions"' not in client.get(linked.get_absolute_url()).text
