"""How much one network may send: comments, changes of them, and texts that are only checked."""

from collections import Counter
from datetime import timedelta
from io import StringIO
from itertools import count

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from blog.lib.rates import limits_of, network_of, sender_of
from comments import forms
from comments.models import Comment, RateEvent

pytestmark = pytest.mark.django_db

# Addresses of one network, each in another of the next smaller size, and the share of 20 a minute.
FLOODS = {
    "one address": (lambda n: "203.0.113.5", 4),
    "/24": (lambda n: f"203.0.113.{n}", 5),
    "/16": (lambda n: f"203.0.{n}.7", 10),
    "/8": (lambda n: f"203.{n}.113.7", 15),
    "/64": (lambda n: f"2001:db8:a:b::{n:x}", 4),
    "/56": (lambda n: f"2001:db8:a:b{n:02x}::1", 5),
    "/48": (lambda n: f"2001:db8:a:{n:x}00::1", 10),
    "/32": (lambda n: f"2001:db8:{n:x}::1", 15),
    "/20": (lambda n: f"2001:d{n:02x}:1::1", 18),
    "6to4 of one address": (lambda n: f"2002:cb00:7105:{n:x}::1", 4),
    "NAT64 of a /24": (lambda n: f"64:ff9b::203.0.113.{n}", 5),
}


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def site_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK, settings.COMMENT_RATE_SITE = None, (20, 60)


def flood(taken, addresses):
    """Return how many of these are let through."""
    return sum(taken(address) == 0 for address in addresses)


def comment(address):
    return RateEvent.objects.take(RateEvent.Kind.COMMENT, address)


@pytest.mark.parametrize("network", FLOODS)
def test_large_networks_leave_room_for_others(site_rate, network):
    address, share = FLOODS[network]
    assert flood(comment, map(address, range(1, 30))) == share
    assert comment("198.51.100.7") == 0
    assert comment("2a00:1:2:3::7") == 0


def test_ten_networks_at_their_own_rate_leave_room(settings):
    settings.COMMENT_RATE_PER_NETWORK, settings.COMMENT_RATE_SITE = (5, 60), (60, 60)
    for number in range(10):
        assert flood(comment, [f"203.0.{number}.7"] * 6) == (5 if number < 6 else 0)
    assert comment("198.51.100.7") == 0


def test_the_whole_site_has_its_rate(site_rate):
    assert flood(comment, (f"{n}.0.0.1" for n in range(1, 30))) == 20


@pytest.mark.parametrize(("site", "shares"), [(1, [1, 1, 1]), (2, [1, 1, 1]), (3, [1, 1, 2])])
def test_share_is_at_least_one_and_never_all(site, shares):
    limits = limits_of(sender_of("203.0.113.5"), None, (site, 60))
    assert [limit.most for limit in limits[1:4]] == shares


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.5", "203.0.113.0/24"),
        ("::ffff:203.0.113.5", "203.0.113.0/24"),
        ("64:ff9b::203.0.113.5", "203.0.113.0/24"),
        ("2002:cb00:7105:1::1", "203.0.113.0/24"),
        ("2001:0:102:304:0:0:34ff:8efa", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", ""),
        ("", ""),
    ],
)
def test_ipv6_that_carries_ipv4_counts_as_that(address, network):
    assert network_of(address) == network


def test_senders_without_an_address_are_one(settings):
    settings.COMMENT_RATE_PER_NETWORK, settings.COMMENT_RATE_SITE = (2, 60), (60, 60)
    assert [comment("") > 0, comment("unix:") > 0, comment("") > 0] == [False, False, True]
    assert comment("203.0.113.5") == 0


def test_the_wait_ends_when_the_oldest_is_over(site_rate, settings):
    settings.COMMENT_RATE_PER_NETWORK = (2, 60)
    now = timezone.now()
    for age in (50, 10):
        RateEvent.objects.create(
            kind="comment", sender=sender_of("203.0.113.5"), at=now - timedelta(seconds=age)
        )
    assert 9 <= comment("203.0.113.6") <= 10
    assert RateEvent.objects.filter(kind="comment").count() == 2, "what is refused is not counted"


# --- By the form --------------------------------------------------------------------------------


def refused(response, words):
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "That was quick. Wait" in response.text
    assert f"{words}</textarea>" in response.text
    return True


def test_flood_from_one_network_keeps_nobody_out(client, send, site_rate):
    statuses = Counter()
    for number in range(10):
        client.defaults["REMOTE_ADDR"] = f"2001:db8:a:{number:x}::1"
        statuses[send(body=f"Number {number}.").status_code] += 1
    assert statuses == {303: 5, 429: 5}  # they are of one /56
    other = Client(REMOTE_ADDR="2001:db8:b::1")
    assert send(by=other, body="Somebody else.").status_code == 303


def test_changes_of_a_comment_count_as_comments_do(client, send, settings):
    settings.COMMENT_RATE_PER_NETWORK = (3, 60)
    send(body="Number 0.", email="a@example.org")
    url = f"/comments/{Comment.objects.get().pk}/edit/"

    def change(number):
        email = f"{number}@example.org"
        return client.post(url, {"body": f"Number {number}.", "name": "Lou", "email": email})

    assert [change(number).status_code for number in (1, 2)] == [303, 303]
    response = change(3)
    assert refused(response, "Number 3.")
    assert 'value="3@example.org"' in response.text
    assert Comment.objects.get().email == "2@example.org"
    assert refused(send(body="Another."), "Another.")


def test_replies_count_and_keep_their_parent(send, say, post, settings):
    settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    parent = say(post)
    assert send(body="Once.", parent=str(parent.pk)).status_code == 303
    for _ in range(6):  # the last are not even checked
        response = send(body="Twice.", parent=str(parent.pk))
        assert refused(response, "Twice.")
        assert f'name="parent" value="{parent.pk}"' in response.text


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"preview": "1"}, 200), ({"name": ""}, 400), ({"token": "x"}, 400), ({"body": "Said."}, 409)],
)
def test_texts_that_are_only_checked_have_a_rate(send, settings, changes, status):
    settings.COMMENT_RATE_PER_NETWORK = (2, 60)
    send(body="Said.", email="lou@example.org")
    given = {"body": "Checked.", "email": "lou@example.org"} | changes
    statuses = Counter(send(**given).status_code for _ in range(10))
    assert statuses == {status: 8, 429: 2}
    assert refused(send(**given), given["body"])
    assert send(by=Client(REMOTE_ADDR="198.51.100.7"), **given).status_code == status


def test_repeats_of_a_published_comment_have_a_rate(send, settings, say, post):
    settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    send()
    Comment.objects.get().approve()
    assert Counter(send().status_code for _ in range(6)) == {409: 4, 429: 2}
    assert Comment.objects.get().repeats == 4


def test_previews_of_a_change_have_a_rate(client, send, settings):
    settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    send()
    url = f"/comments/{Comment.objects.get().pk}/edit/"
    given = {"body": "A *change*.", "name": "Lou", "preview": "1"}
    statuses = Counter(client.post(url, given).status_code for _ in range(6))
    assert statuses == {200: 4, 429: 2}


def test_rate_limited_comment_is_neither_rendered_nor_counted(send, settings, monkeypatch):
    settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    rendered = count()
    render = forms.render_comment
    monkeypatch.setattr(forms, "render_comment", lambda text: (next(rendered), render(text))[1])
    for number in range(12):
        send(body=f"Number {number}.")
    assert next(rendered) == RateEvent.objects.count() == 5


def test_without_rates_nothing_is_counted(send, settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None
    assert [send(body=f"Number {n}.").status_code for n in range(8)] == [303] * 8
    assert send(preview="1").status_code == 200
    assert not RateEvent.objects.exists()


def test_counts_are_forgotten_after_a_day(settings):
    now = timezone.now()
    for hours in (25, 23, -23, -25):
        RateEvent.objects.create(kind="check", sender="?", at=now - timedelta(hours=hours))
    call_command("forget_addresses", stdout=StringIO())
    assert RateEvent.objects.count() == 2


def test_counting_costs_three_queries(django_assert_num_queries):
    with django_assert_num_queries(1):  # how many checks lately, of each network
        RateEvent.objects.wait(RateEvent.Kind.CHECK, "203.0.113.5")
    # How many comments lately, and one more; around them a transaction, and PostgreSQL's lock.
    with django_assert_num_queries(5 if connection.vendor == "postgresql" else 4):
        comment("203.0.113.5")
