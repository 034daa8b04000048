"""One machine is called at a limited rate, whatever names and redirects lead to it."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from linkbacks import at, look_all, mention, nobody_waits, peer, post
from peers import HERE, Peer, moved

from blog.jobs.models import Job
from blog.net.fetch import fetch
from comments.linkbacks import verify
from comments.models import Call, Comment, Linkback, LinkedPage, Look
from comments.models.linked_page import APART, first_free

__all__ = ["nobody_waits", "peer", "post"]  # fixtures

NAMES = 12


@pytest.fixture
def all_names_lead_here(monkeypatch):
    """Have every name resolve to the loopback address, as many names of one machine do."""

    def fetched(url, **how):
        return fetch(url, resolve=lambda name: [HERE], **how)

    monkeypatch.setattr(verify, "fetch", fetched)


def send(client, url, post, number):
    # Each from a network of its own, of any size, so that no share of the site's rate is met.
    sent = mention(client, url, at(post), REMOTE_ADDR=f"{20 + number}.1.1.1")
    assert sent.status_code == 201


def test_many_names_of_one_machine_share_its_limit(
    client, post, settings, peer, all_names_lead_here
):
    settings.LINKBACK_RATE_PER_HOST = (3, 60)
    for number in range(NAMES):
        send(client, peer.url(host=f"name{number}.example.org"), post, number)
    look_all()
    assert peer.calls == 3
    assert Look.objects.ahead().count() == NAMES - 3


def test_many_redirects_to_one_machine_share_its_limit(client, post, settings, peer):
    with Peer(moved(peer.url()), host="127.0.0.2") as first:
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place, first.place]
        settings.LINKBACK_RATE_PER_HOST = (3, 60)
        Call.objects.bulk_create(Call(place=HERE) for _ in range(2))
        for number in range(3):
            send(client, first.url(f"/{number}"), post, number)
        look_all()
        assert (first.calls, peer.calls) == (3, 1)


def test_waiting_source_is_verified_later(client, post, settings, peer):
    settings.LINKBACK_RATE_PER_HOST = (2, 60)
    for number in range(5):
        send(client, peer.url(f"/{number}"), post, number)
    for calls in (2, 4, 5):
        look_all()
        assert peer.calls == calls
        Call.objects.update(at=F("at") - timedelta(minutes=1))
        Job.objects.filter(status="READY").update(run_after=timezone.now())
    assert Comment.objects.count() == 5
    assert set(Linkback.objects.values_list("state", flat=True)) == {"accepted"}


def test_waiting_source_is_queued_once(client, post, settings, peer):
    settings.LINKBACK_RATE_PER_HOST = (1, 60)
    Call.objects.create(place=HERE)
    for _ in range(3):
        send(client, peer.url(), post, 1)
        look_all()
    assert Look.objects.count() == 1


def test_addresses_of_one_64_are_one_machine():
    one, other = (verify.ip_network(f"2001:db8:1:{n}::9/128")[0] for n in (1, 2))
    assert verify.machine_of(one) == "2001:db8:1:1::/64" != verify.machine_of(other)
    assert verify.machine_of(verify.ip_network("192.0.2.7/32")[0]) == "192.0.2.7"


# Notices to one host (H7) ----------------------------------------------------------------------


def test_first_free_moment_is_apart_from_all_others():
    now = timezone.now()
    assert first_free([], now) == now
    assert first_free([now - APART], now) == now
    assert first_free([now + APART / 2, now], now) == now + 1.5 * APART
    assert first_free([now, now + 3 * APART], now) == now + APART


@pytest.fixture
def linked(write):
    """Make the row of a page of one host that an essay of its own links to."""

    def linked(number):
        target = f"https://elsewhere.example/{number}"
        essay = write(f"Essay {number}")
        return LinkedPage(post=essay, target=target, key=target, source="https://blog.example/")

    return linked


def test_notices_of_one_essay_are_due_apart(linked):
    now = timezone.now()
    pages = LinkedPage.objects.schedule([linked(1), linked(2)], "", now)
    assert [page.due_at for page in pages] == [now, now + APART]


def test_notices_of_two_essays_are_due_apart(linked):
    now = timezone.now()
    LinkedPage.objects.schedule([linked(1)], "", now)
    [later] = LinkedPage.objects.schedule([linked(2)], "", now)
    assert later.due_at == now + APART


def test_just_called_host_is_not_called_for_another_essay(linked):
    now = timezone.now()
    first, second = LinkedPage.objects.schedule([linked(1), linked(2)], "", now)
    assert first.begin("", now)
    assert not second.begin("", now)
    assert second.put_off(now)
    assert second.due_at == now + APART
    assert second.begin("", now + APART)
