"""Rate limits for linkbacks: no flood of other sites, of our tables, or of readers."""

import gc
import sys
from collections import Counter
from datetime import timedelta
from io import StringIO
from ipaddress import ip_network
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from linkbacks import at, fault_or_words, look_all, mention, nobody_waits, peer, ping, post
from trials import in_full

from blog.jobs.models import Job
from comments.linkbacks import receive
from comments.linkbacks.protocols.pingback import render_call
from comments.linkbacks.views import pingback
from comments.models import Call, Comment, Linkback, Look

__all__ = ["nobody_waits", "peer", "post"]  # fixtures

MINUTE = timedelta(minutes=1)
# Some of what the promise is about, or all of it.
PINGS, PARTS = in_full(5000, 1000), 5


def age_all(by):
    """Make all verifications this much older."""
    Call.objects.update(at=F("at") - by)
    Look.objects.update(created_at=F("created_at") - by, began_at=F("began_at") - by)


def by_address(address):
    return {"REMOTE_ADDR": address}


# --- One sender -----------------------------------------------------------------------------------


def test_abuse_sender_of_20_pings_gets_ten(client, post, peer):
    answers = Counter()
    for number in range(20):
        # What a client writes into forwarding headers itself proves nothing.
        tricks = {"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=192.0.2.{number}"}
        source = f"http://host{number}.example.org/"
        answers[ping(client, source, at(post), headers=tricks)] += 1
    assert answers[49] == 10
    assert Look.objects.count() == Linkback.objects.count() == 10
    assert ping(client, peer.url("/reply/"), at(post), **by_address("203.0.113.5")) != 49
    look_all()
    assert Comment.objects.count() == 1


def test_abuse_forged_header_is_ignored_behind_a_proxy(client, post, settings):
    settings.LINKBACK_RATE_PER_NETWORK = (3, 60)
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    client.handler.load_middleware()
    for number in range(4):
        said = {"x-forwarded-for": f"10.9.8.{number}, 203.0.113.5"}
        last = ping(client, f"http://host{number}.example.org/", at(post), headers=said)
    assert last == 49
    other = {"x-forwarded-for": "203.0.113.5, 198.51.100.7"}
    assert ping(client, "http://other.example.org/", at(post), headers=other) != 49


def test_abuse_sender_is_a_whole_ipv6_network(client, post, settings):
    settings.LINKBACK_RATE_PER_NETWORK = (3, 60)
    for number in range(3):
        address = by_address(f"2001:db8:0:7::{number:x}")
        mention(client, f"http://host{number}.example.org/", at(post), **address)
    last = "http://last.example.org/"
    assert mention(client, last, at(post), **by_address("2001:db8:0:7::ff")).status_code == 429
    assert mention(client, last, at(post), **by_address("2001:db8:0:8::1")).status_code == 201


def test_abuse_past_the_limit_webmention_gets_retry_after(client, post, settings):
    settings.LINKBACK_RATE_PER_NETWORK = (3, 60)
    for number in range(3):
        mention(client, f"http://host{number}.example.org/", at(post))
    late = mention(client, "http://late.example.org/", at(post))
    assert late.status_code == 429
    assert 50 <= int(late["Retry-After"]) <= 60
    age_all(MINUTE)
    assert mention(client, "http://late.example.org/", at(post)).status_code == 201


def test_abuse_sender_repeating_one_mention_is_limited(client, post, peer, settings):
    settings.LINKBACK_RATE_PER_NETWORK = (4, 60)
    statuses = Counter()
    for _ in range(6):
        statuses[mention(client, peer.url(), at(post)).status_code] += 1
        look_all()
    assert statuses == {201: 4, 429: 2}
    assert peer.calls == 4
    # A known pingback is answered so despite the limits.
    assert ping(client, peer.url(), at(post)) == 48


# --- One host that is named -----------------------------------------------------------------------


def senders(count):
    """Return `count` senders from unrelated networks."""
    return [by_address(f"{20 + number}.51.100.1") for number in range(count)]


def test_abuse_host_named_50_times_is_called_ten_times(client, post, peer):
    answers = Counter(
        ping(client, peer.url(f"/{number}"), at(post), **sender)
        for number, sender in enumerate(senders(50))
    )
    assert answers[49] == 4, "46 wait for their turn, the host's share of what may wait"
    look_all()
    assert peer.calls == 10
    other = mention(client, "http://other.example.org/", at(post), **by_address("203.0.113.5"))
    assert other.status_code == 201


def test_abuse_host_spellings_count_as_one_host(client, post, monkeypatch):
    monkeypatch.setattr(receive, "MOST_OPEN", 100)
    forms = ["http://{}.EXAMPLE/", "https://{}.example./", "http://{}.example:8080/a"]
    for number, sender in enumerate(senders(12)):
        source = forms[number % 3].format("victim") + f"?{number}"
        last = ping(client, source, at(post), **sender)
    assert last == 49
    assert Look.objects.count() == 10


def test_abuse_host_backlog_is_called_at_its_rate(client, post, peer, settings):
    settings.LINKBACK_RATE_PER_HOST = (3, 60)
    for batch in range(3):
        for number, sender in enumerate(senders(3)):
            mention(client, peer.url(f"/{batch}/{number}"), at(post), **sender)
        age_all(MINUTE)
    look_all()
    assert peer.calls == 3
    assert Look.objects.filter(began_at=None).count() == 6
    # The others are put off, not lost.
    for calls in (6, 9):
        age_all(2 * MINUTE)
        Job.objects.due(timezone.now() + MINUTE).update(run_after=timezone.now())
        look_all()
        assert peer.calls == calls
    assert Comment.objects.count() == 9


def test_abuse_host_limit_ignores_our_own_essays(client, post, write, settings, monkeypatch):
    settings.LINKBACK_RATE_PER_HOST = (2, 60)
    monkeypatch.setattr(receive, "MOST_OPEN", 20)  # of which a host has two
    for number, sender in enumerate(senders(4)):
        other = write(f"Essay {number}", body=f"As I [said]({post.get_absolute_url()}).")
        assert mention(client, at(other), at(post), **sender).status_code == 201


# --- The whole site -------------------------------------------------------------------------------


def test_abuse_site_accepts_60_a_minute(client, post):
    answers = Counter(
        ping(client, f"http://host{number}.example.org/", at(post), **sender)
        for number, sender in enumerate(senders(62))
    )
    assert answers[49] == 2


def test_abuse_site_few_networks_do_not_use_it_up(client, post, settings):
    settings.LINKBACK_RATE_SITE, settings.LINKBACK_RATE_PER_NETWORK = (30, 60), (5, 60)
    taken = Counter()
    for number in range(5):
        for sender in senders(6):
            source = f"http://{number}.{sender['REMOTE_ADDR']}.example.org/"
            taken[mention(client, source, at(post), **sender).status_code] += 1
    assert 20 <= taken[201] <= 24
    other = mention(client, "http://other.example.org/", at(post), **by_address("203.0.113.5"))
    assert other.status_code == 201


@pytest.mark.parametrize(
    ("network", "share"),
    [
        (lambda n: f"2001:db8:7:{n:x}00::1", 8),
        (lambda n: f"2001:db8:7:8{n:02x}::1", 4),
        (lambda n: f"5.6.{n}.1", 8),
    ],
    ids=["/48", "/56", "/16"],
)
def test_abuse_site_a_wide_network_has_its_share(client, post, settings, network, share):
    settings.LINKBACK_RATE_SITE = (16, 60)
    taken = Counter()
    for number in range(share + 2):
        source = f"http://host{number}.example.org/"
        sender = by_address(network(number))
        taken[mention(client, source, at(post), **sender).status_code] += 1
    assert taken == {201: share, 429: 2}
    other = mention(client, "http://other.example.org/", at(post), **by_address("203.0.113.5"))
    assert other.status_code == 201


def test_abuse_site_flood_leaves_room_for_others(client, post, settings, monkeypatch):
    settings.LINKBACK_RATE_PER_NETWORK = settings.LINKBACK_RATE_SITE = None
    monkeypatch.setattr(receive, "MOST_OPEN", 40)
    taken = Counter()
    # Ten networks that take all they get, each from hosts that differ.
    for number in range(3):
        for sender in senders(10):
            source = f"http://{number}.{sender['REMOTE_ADDR']}.example.org/"
            taken[mention(client, source, at(post), **sender).status_code] += 1
    waiting = Look.objects.count()
    assert taken[201] == waiting == 20, "half of the room"
    late = mention(client, "http://late.example.org/", at(post), **senders(1)[0])
    assert (late.status_code, late["Retry-After"]) == (429, "60")
    other = mention(client, "http://other.example.org/", at(post), **by_address("203.0.113.5"))
    assert other.status_code == 201


def test_abuse_host_named_by_many_is_limited_to_its_share(client, post, settings, monkeypatch):
    settings.LINKBACK_RATE_PER_HOST = settings.LINKBACK_RATE_SITE = None
    monkeypatch.setattr(receive, "MOST_OPEN", 100)
    for number, sender in enumerate(senders(12)):
        last = mention(client, f"http://slow.example.org/{number}", at(post), **sender)
    assert last.status_code == 429
    assert Look.objects.count() == 10, "10 is all that its share of the room allows"
    other = mention(client, "http://other.example.org/", at(post), **senders(12)[-1])
    assert other.status_code == 201


def test_abuse_site_without_room_refuses_everybody(client, post, monkeypatch):
    monkeypatch.setattr(receive, "MOST_OPEN", 3)
    for number, sender in enumerate(senders(3)):
        mention(client, f"http://host{number}.example.org/", at(post), **sender)
    late = mention(client, "http://late.example.org/", at(post), **by_address("203.0.113.5"))
    assert (late.status_code, late["Retry-After"]) == (429, "60")


@pytest.mark.long
def test_abuse_5000_pings_leave_tables_and_memory_bounded(rf, post, settings):
    """As many by one sender, and naming one host: 46 rows of each table, and no memory kept."""
    settings.LINKBACK_RATE_PER_NETWORK = (10, 86400)  # as if they came within a minute
    answers, kept = Counter(), []
    for number in range(PINGS):
        sender = by_address("203.0.113.5" if number % 2 else f"{20 + number % 200}.51.100.1")
        call = render_call(f"http://victim.example.org/{number}", at(post))
        # The test client keeps something of each request; the view by itself is asked here.
        answer = pingback(rf.post("/pingback/", call, "text/xml", **sender))
        answers[fault_or_words(answer.content.decode())] += 1
        if (number + 1) % (PINGS // PARTS) == 0:
            gc.collect()
            kept.append(sys.getallocatedblocks())
    assert answers[49] == PINGS - 46
    assert {model.objects.count() for model in (Linkback, Look, Job)} == {46}
    # Whatever is kept of a ping is one block of memory at least. Caches fill meanwhile, and other
    # threads of the test run make some too, but not in each part.
    grown = [after - before for before, after in pairwise(kept)]
    assert min(grown) < PINGS / PARTS
    print(f"{PINGS} pings: {grown} blocks of memory more after each part but the first")
    Look.objects.update(created_at=timezone.now() - timedelta(days=4))
    call_command("forget_linkbacks", stdout=StringIO())
    assert not Linkback.objects.exists()


def test_abuse_5000_one_host_cannot_fill_the_queue(client, post, peer, monkeypatch):
    monkeypatch.setattr(receive, "MOST_UNJUDGED", 3)
    for number in range(5):
        last = mention(client, peer.url(f"/{number}"), at(post))
        look_all()
    assert last.status_code == 429
    assert Comment.objects.count() == 3
    assert mention(client, peer.url("/0"), at(post)).status_code == 201, "that one is known"
    assert mention(client, "http://other.example.org/", at(post)).status_code == 201
    Comment.objects.first().approve()
    assert mention(client, peer.url("/5"), at(post)).status_code == 201


def test_abuse_the_limits_can_be_set(client, post, settings):
    settings.LINKBACK_RATE_PER_NETWORK = (2, 60)
    answers = [ping(client, f"http://a.example.org/{number}", at(post)) for number in range(3)]
    assert [answer == 49 for answer in answers] == [False, False, True]
    settings.LINKBACK_RATE_PER_NETWORK = None
    assert ping(client, "http://b.example.org/", at(post)) != 49
