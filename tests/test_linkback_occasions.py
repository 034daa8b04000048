"""When linked pages are told: as an essay becomes public, changes, loses links, or goes."""

from datetime import timedelta

import pytest
from conftest import on
from notices import TAKEN, WEBMENTION, Target, at, clock, linking, target
from peers import page

from blog.jobs.models import Job
from comments.linkbacks.protocols.source import read_source
from comments.linkbacks.sending import SETTLE
from comments.models import Comment, LinkedPage
from comments.models.linked_page import APART, ASK_AGAIN_AFTER

__all__ = ["clock", "target"]  # fixtures

pytestmark = pytest.mark.django_db

MOMENT = timedelta(seconds=1)


@pytest.fixture
def other(settings, target):
    """A second page that takes webmentions."""
    with Target() as other:
        settings.LINKBACK_PRIVATE_HOSTS = [target.place, other.place]
        yield other


def states():
    return [(row.target, row.state, row.linked) for row in LinkedPage.objects.all()]


# --- Becoming public --------------------------------------------------------------------------


def test_sending_on_time_an_essay_published_now_is_told_a_minute_later(clock, write, target):
    write(body=linking(target.url()))
    clock.forward(SETTLE - MOMENT)
    assert target.requests == []
    clock.forward(MOMENT)
    assert len(target.notices) == 1


def test_w3_1_1_the_source_that_is_named_is_a_page_that_mentions_the_target(
    client, clock, write, target
):
    write(body=linking(target.url()))
    clock.forward()
    [(source, there)] = target.notices
    html = client.get(source.removeprefix("http://127.0.0.1:8000")).text
    assert read_source(html, "text/html", source, there)


def test_a_draft_tells_nobody_until_it_is_published(clock, write, target):
    post = write(body=linking(target.url()), published_at=None)
    clock.forward(days=2)
    assert target.requests == []
    assert not Job.objects.exists()
    post.publish()
    clock.forward()
    assert len(target.notices) == 1


def test_sending_on_time_what_is_scheduled_is_announced_when_it_is_really_public(
    clock, write, target
):
    write(body=linking(target.url()), published_at=clock.now + timedelta(days=3))
    clock.forward(timedelta(days=3) - MOMENT)
    assert target.requests == []
    clock.forward(MOMENT)
    assert len(target.notices) == 1


def test_what_is_put_off_is_not_announced_at_the_time_it_had_before(clock, write, target):
    post = write(body=linking(target.url()), published_at=clock.now + timedelta(days=3))
    post.published_at += timedelta(days=4)
    post.save()
    clock.forward(days=4)
    assert target.requests == []
    assert not LinkedPage.objects.exists()
    clock.forward(days=3)
    assert len(target.notices) == 1


def test_what_is_set_back_to_a_draft_before_its_time_is_not_announced(clock, write, target):
    post = write(body=linking(target.url()), published_at=clock.now + timedelta(days=3))
    post.published_at = None
    post.save()
    clock.forward(days=4)
    assert target.requests == []


def test_an_essay_withdrawn_within_the_minute_is_not_announced(clock, write, target):
    write(body=linking(target.url())).withdraw()
    clock.forward(hours=1)
    assert target.requests == []


def test_an_essay_withdrawn_while_its_notices_wait_says_nothing_of_it(clock, write, target):
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


def test_one_that_is_published_again_meanwhile_is_announced_after_all(clock, write, target):
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


def test_an_essay_can_be_kept_from_telling(clock, write, target):
    write(body=linking(target.url()), announces_links=False)
    clock.forward(days=1)
    assert target.requests == []


def test_the_whole_site_can_be_kept_from_telling(settings, clock, write, target):
    settings.LINKBACKS_SEND = False
    write(body=linking(target.url()))
    clock.forward(days=1)
    assert target.requests == []


def test_what_waits_when_telling_is_switched_off_is_not_sent(settings, clock, write, target):
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


def test_notices_to_one_host_go_out_one_after_the_other(clock, write, target, other):
    write(body=linking(*[target.url(f"/{n}") for n in range(3)], other.url()))
    clock.forward()
    assert (len(target.requests), len(other.requests)) == (1, 2)
    clock.forward(APART)
    assert len(target.requests) == 2
    clock.forward(APART)
    assert len(target.requests) == 3


# --- Changes ----------------------------------------------------------------------------------


def test_two_essays_that_link_to_one_host_tell_it_one_after_the_other(clock, write, target):
    write(body=linking(target.url("/?a")))
    write("A second", body=linking(target.url("/?b")))
    clock.forward()
    assert len(target.notices) == 1
    clock.forward(APART)
    assert len(target.notices) == 2


def test_w3_1_4_a_change_is_told_to_all_links_now_and_before(clock, write, target, other):
    post = write(body=linking(target.url()))
    clock.forward()
    post.body = linking(other.url())
    post.save()
    clock.forward()
    assert len(target.notices) == 2, "the removed one hears of it once more"
    assert len(other.notices) == 1
    assert states() == [(target.url(), "sent", False), (other.url(), "sent", True)]
    post.body += " More."
    post.save()
    clock.forward()
    assert len(target.notices) == 2, "that was its last notice"
    assert len(other.notices) == 2


def test_w3_1_4_the_endpoint_is_discovered_anew_for_each_notice(clock, write, target):
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


def test_w3_1_4_a_save_that_changes_nothing_tells_nobody(clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward()
    post.comments_open = False
    post.save()
    clock.until_settled()
    assert len(target.requests) == 2


def test_sending_by_one_protocol_a_page_told_by_pingback_is_told_once(
    settings, clock, write, target
):
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


def test_sending_by_one_protocol_a_page_told_by_webmention_is_never_pinged_later(
    clock, write, target
):
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


def test_a_page_without_an_endpoint_is_asked_again_when_the_essay_changes_after_a_week(
    clock, write, target
):
    target.answer = at(root=page())
    post = write(body=linking(target.url()))
    clock.forward()
    post.body += " More."
    post.save()
    clock.forward(ASK_AGAIN_AFTER - MOMENT)
    assert len(target.requests) == 1
    clock.forward(MOMENT)
    assert len(target.requests) == 1, "time alone is no reason"
    target.answer = at(root=WEBMENTION, endpoint=TAKEN)
    post.body += " And more."
    post.save()
    clock.forward()
    assert len(target.notices) == 1


def test_a_change_of_address_goes_on_under_the_address_that_was_told(client, clock, write, target):
    post = write(body=linking(target.url()), published_at=on(2026, 3))
    clock.forward()
    post.slug = "wide-margins"
    post.body += " More."
    post.save()
    clock.forward()
    sources = [source for source, _target in target.notices]
    assert sources == ["http://127.0.0.1:8000/2026/03/on-margins/"] * 2
    assert client.get("/2026/03/on-margins/", follow=True).status_code == 200


def test_a_change_while_a_notice_waits_for_its_next_try_does_not_make_two(clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=[page(b"", "503 Busy"), TAKEN])
    post = write(body=linking(target.url()))
    clock.forward()
    post.body += " More."
    post.save()
    clock.until_settled()
    assert len(target.posts) == 2, "the one that failed, and the one that was taken"


# --- Going ------------------------------------------------------------------------------------


def test_w3_1_5_on_withdrawal_our_page_answers_410_and_then_notices_go_out(
    client, clock, write, target
):
    post = write(body=linking(target.url()))
    clock.forward()
    post.withdraw()
    assert client.get(post.get_absolute_url()).status_code == 410
    assert len(target.notices) == 1, "the notice comes later"
    clock.forward()
    assert len(target.notices) == 2
    assert states() == [(target.url(), "sent", False)]


@pytest.mark.parametrize("days", [None, 3])
def test_an_essay_put_back_to_a_draft_or_a_later_day_is_withdrawn_to_others(
    clock, write, target, days
):
    post = write(body=linking(target.url()))
    clock.forward()
    post.published_at = days and clock.now + timedelta(days=days)
    post.save()
    clock.forward()
    assert len(target.notices) == 2
    assert states() == [(target.url(), "sent", False)]
    clock.until_settled()
    assert len(target.notices) == (3 if days else 2), "and announced on its day"


def test_an_essay_that_comes_back_is_told_anew(clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward()
    post.withdraw()
    clock.forward()
    post.publish()
    clock.forward()
    assert len(target.notices) == 3
    assert states() == [(target.url(), "sent", True)]


def test_a_removed_link_that_was_never_told_is_forgotten(clock, write, target):
    target.answer = at(root=page())
    post = write(body=linking(target.url()))
    clock.forward()
    post.body = "No link."
    post.save()
    clock.until_settled()
    assert len(target.requests) == 1
    assert not LinkedPage.objects.exists()


def test_w3_1_4_a_removed_link_whose_notice_may_have_arrived_gets_a_last_notice(
    clock, write, target
):
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


def test_w3_1_5_pages_that_knew_of_an_essay_are_told_when_it_is_deleted(
    client, clock, write, target, settings
):
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


def test_the_last_notice_of_a_deleted_essay_is_tried_again_where_it_fails(clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=[TAKEN, page(b"", "503 Busy"), TAKEN])
    post = write(body=linking(target.url()))
    clock.forward()
    post.delete()
    clock.until_settled()
    assert len(target.posts) == 3
    assert not LinkedPage.objects.exists()


def test_a_withdrawn_essay_that_is_deleted_says_so_once(clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward()
    post.withdraw()
    clock.until_settled()
    post.delete()
    clock.until_settled()
    assert len(target.notices) == 2


@pytest.mark.parametrize("switch", ["LINKBACKS_SEND", "announces_links"])
def test_a_deleted_essay_that_is_to_tell_nobody_tells_nobody(
    settings, clock, write, target, switch
):
    post = write(body=linking(target.url()))
    clock.forward()
    post.announces_links = switch != "announces_links"
    settings.LINKBACKS_SEND = switch != "LINKBACKS_SEND"
    post.delete()
    settings.LINKBACKS_SEND = True
    clock.until_settled()
    assert len(target.notices) == 1
    assert not LinkedPage.objects.exists()


# --- From ours to ours ------------------------------------------------------------------------


def test_an_essay_of_ours_that_links_to_another_is_mentioned_there(clock, write, client, settings):
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
