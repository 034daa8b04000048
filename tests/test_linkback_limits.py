"""Nobody can have this site flood another, fill its tables, or hold up its readers."""

from collections import Counter
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone
from linkbacks import at, linking, look_all, mention, ping
from peers import Peer, page

from blog.jobs.models import Job
from comments.linkbacks import receive
from comments.models import Comment, Linkback, Look

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nobody_waits(settings):
    settings.LINKBACK_WAITS = 0


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def peer(settings, post):
    with Peer(page(linking(at(post)))) as peer:
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
        yield peer


def age_all(by):
    """Have all looks asked for and begun so much earlier."""
    for look in Look.objects.all():
        look.created_at -= by
        look.began_at = look.began_at and look.began_at - by
        look.save()


def by_address(address):
    return {"REMOTE_ADDR": address}


# --- One sender -----------------------------------------------------------------------------------


def test_60_pings_from_one_sender_cause_ten_looks_and_others_are_served(client, post, peer):
    answers = Counter()
    for number in range(60):
        # What a client writes into forwarding headers itself proves nothing.
        tricks = {"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=192.0.2.{number}"}
        source = f"http://host{number}.example.org/"
        answers[ping(client, source, at(post), headers=tricks)] += 1
    assert answers[49] == 50
    assert Look.objects.count() == Linkback.objects.count() == 10
    assert ping(client, peer.url("/reply/"), at(post), **by_address("203.0.113.5")) != 49
    look_all()
    assert Comment.objects.count() == 1


def test_behind_a_proxy_the_sender_is_who_the_proxy_says(client, post, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    client.handler.load_middleware()
    for number in range(12):
        said = {"x-forwarded-for": f"10.9.8.{number}, 203.0.113.5"}
        last = ping(client, f"http://host{number}.example.org/", at(post), headers=said)
    assert last == 49
    other = {"x-forwarded-for": "203.0.113.5, 198.51.100.7"}
    assert ping(client, "http://other.example.org/", at(post), headers=other) != 49


def test_neighbours_of_one_network_are_one_sender(client, post):
    for number in range(10):
        address = by_address(f"2001:db8:0:7::{number:x}")
        mention(client, f"http://host{number}.example.org/", at(post), **address)
    last = "http://last.example.org/"
    assert mention(client, last, at(post), **by_address("2001:db8:0:7::ff")).status_code == 429
    assert mention(client, last, at(post), **by_address("2001:db8:0:8::1")).status_code == 201


def test_a_webmention_too_many_is_told_when_to_come_again(client, post):
    for number in range(10):
        mention(client, f"http://host{number}.example.org/", at(post))
    late = mention(client, "http://late.example.org/", at(post))
    assert late.status_code == 429
    assert 50 <= int(late["Retry-After"]) <= 60
    age_all(MINUTE)
    assert mention(client, "http://late.example.org/", at(post)).status_code == 201


def test_the_same_again_and_again_is_limited_too(client, post, peer):
    statuses = Counter()
    for _ in range(15):
        statuses[mention(client, peer.url(), at(post)).status_code] += 1
        look_all()
    assert statuses == {201: 10, 429: 5}
    assert peer.calls == 10
    # A pingback that is registered is told so, limits or not.
    assert ping(client, peer.url(), at(post)) == 48


# --- One host that is named -----------------------------------------------------------------------


def senders(count):
    return [by_address(f"198.51.{number}.1") for number in range(count)]


def test_60_pings_naming_one_host_cause_ten_looks_and_other_hosts_are_served(client, post, peer):
    answers = Counter(
        ping(client, peer.url(f"/{number}"), at(post), **sender)
        for number, sender in enumerate(senders(60))
    )
    assert answers[49] == 50
    look_all()
    assert peer.calls == 10
    other = mention(client, "http://other.example.org/", at(post), **by_address("203.0.113.5"))
    assert other.status_code == 201


def test_a_host_is_one_host_however_it_is_written(client, post):
    forms = ["http://{}.EXAMPLE/", "https://{}.example./", "http://{}.example:8080/a"]
    for number, sender in enumerate(senders(12)):
        source = forms[number % 3].format("victim") + f"?{number}"
        last = ping(client, source, at(post), **sender)
    assert last == 49


def test_looks_that_piled_up_call_a_host_no_more_than_ten_times_a_minute(client, post, peer):
    for batch in range(3):
        for number, sender in enumerate(senders(10)):
            mention(client, peer.url(f"/{batch}/{number}"), at(post), **sender)
        age_all(MINUTE)
    look_all()
    assert peer.calls == 10
    assert Look.objects.filter(began_at=None).count() == 20
    # The others are put off, not lost.
    for calls in (20, 30):
        age_all(2 * MINUTE)
        Job.objects.due(timezone.now() + MINUTE).update(run_after=timezone.now())
        look_all()
        assert peer.calls == calls
    assert Comment.objects.count() == 30


def test_essays_of_ours_are_no_host_that_is_called(client, post, write):
    for number, sender in enumerate(senders(12)):
        other = write(f"Essay {number}", body=f"As I [said]({post.get_absolute_url()}).")
        assert mention(client, at(other), at(post), **sender).status_code == 201


# --- The whole site -------------------------------------------------------------------------------


def test_the_whole_site_takes_60_a_minute(client, post):
    answers = Counter(
        ping(client, f"http://host{number}.example.org/", at(post), **sender)
        for number, sender in enumerate(senders(70))
    )
    assert answers[49] == 10


def test_no_more_are_taken_while_too_many_wait(client, post, monkeypatch):
    monkeypatch.setattr(receive, "MOST_OPEN", 3)
    for number in range(3):
        mention(client, f"http://host{number}.example.org/", at(post))
    late = mention(client, "http://late.example.org/", at(post))
    assert (late.status_code, late["Retry-After"]) == (429, "60")


def test_what_is_refused_leaves_no_row(client, post, settings):
    settings.LINKBACK_RATE_PER_HOST = (10, 86400)
    for number, sender in enumerate(senders(50)):
        ping(client, f"http://victim.example.org/{number}", at(post), **sender)
    assert (Linkback.objects.count(), Look.objects.count(), Job.objects.count()) == (10, 10, 10)


def test_the_limits_can_be_set(client, post, settings):
    settings.LINKBACK_RATE_PER_NETWORK = None
    settings.LINKBACK_RATE_PER_HOST = (2, 60)
    answers = [ping(client, f"http://a.example.org/{number}", at(post)) for number in range(3)]
    assert [answer == 49 for answer in answers] == [False, False, True]
    assert ping(client, "http://b.example.org/", at(post)) != 49
