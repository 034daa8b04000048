"""Comments that belong together in the queue are one row, and are decided together."""

import re

import pytest
from queue_page import LIST, PITCH, moderator, post, press, statuses, text_of, tick
from reading import carried

from comments.models import BlockRule

__all__ = ["moderator", "post"]  # fixtures


pytestmark = pytest.mark.django_db


def test_campaign_is_one_row_and_one_decision(client, moderator, post, say, write):
    pitches = []
    for number in range(7):
        essay = post if number % 2 else write(f"Essay {number}")
        pitches.append(say(essay, PITCH, name=f"S {number}", status="pending"))
    alone = say(post, "A word of my own.", status="pending")
    response = client.get(LIST)
    assert [row.comment for row in response.context["cl"].rows] == [alone, pitches[0]]
    assert "The same words, 7 times" in text_of(response)
    response = press(client, "spam", pitches[0])
    assert "Marked as spam: 7 comments." in text_of(response)
    assert statuses(*pitches, alone) == ["spam"] * 7 + ["pending"]
    batch = re.search(r'name="batch" value="([^"]+)"', response.text)[1]
    client.post(f"{LIST}undo/", {"batch": batch})
    assert statuses(*pitches) == ["pending"] * 7


def test_approved_comments_of_a_campaign_are_left_alone(client, moderator, post, say):
    good, held = say(post, PITCH, name="A"), say(post, PITCH, name="B", status="pending")
    press(client, "spam", held)
    assert statuses(good, held) == ["approved", "spam"]


def test_short_courtesies_are_not_folded(client, moderator, post, say):
    for name in ("Ann", "Ben"):
        say(post, "Nice post.", name=name, status="pending")
    assert len(client.get(LIST).context["cl"].rows) == 2


def test_search_results_are_judged_one_by_one(client, moderator, post, say):
    first, second = (say(post, PITCH, name=name, status="pending") for name in ("Ann", "Ben"))
    response = client.get(f"{LIST}?q=ben")
    assert [row.comment for row in response.context["cl"].rows] == [second]
    press(client, "spam", second, "?q=ben")
    assert statuses(first, second) == ["pending", "spam"]


def test_difference_from_a_lookalike_is_marked(client, moderator, post, say):
    earlier = say(post, "The margin is the only part that answers back.", name="Eve", status="spam")
    say(
        post,
        "The margin is the best part that answers.",
        status="pending",
        look_alike=earlier,
        likeness=91,
    )
    response = client.get(LIST)
    assert "91 % like what Eve said on On margins (spam)" in text_of(response)
    assert "is the <del>only</del> <ins>best</ins> part" in response.text


def test_ticked_rows_include_folded_comments(client, moderator, post, say):
    pitches = [say(post, PITCH, name=f"S {n}", status="pending") for n in range(3)]
    tick(client, "mark_spam", pitches[0], query="")
    assert statuses(*pitches) == ["spam"] * 3


def test_everything_from_a_network_or_browser_goes_together(client, moderator, post, say):
    mine = say(post, "No 1", network="192.0.2.0/24", browser="k", email="a@b.org")
    same = [say(post, "No 2", network="192.0.2.0/24"), say(post, "No 3", browser="k")]
    other = say(post, "Other", email="a@b.org")
    page = tick(client, "trash_all", mine).text
    assert statuses(mine, *same, other) == ["approved"] * 4
    given = {"action": "trash", "_selected_action": [mine.pk, same[0].pk, same[1].pk]}
    client.post(f"{LIST}?status=all", carried(page) | given)
    assert statuses(mine, *same, other) == ["trash"] * 3 + ["approved"]


def test_same_typed_address_takes_no_comment_along(client, moderator, post, say):
    one, two = say(post, "One.", email="a@b.org"), say(post, "Two.", email="a@b.org")
    tick(client, "spam_all", one)
    assert statuses(one, two) == ["spam", "approved"]


def test_blocking_offers_rules_and_files_what_waits(client, moderator, post, say):
    writer = {"email": "s@pills.example", "url": "https://pills.example/", "address": "192.0.2.7"}
    held = [say(post, f"Pills {n}.", status="pending", **writer) for n in range(2)]
    other = say(post, "See pills.example", status="pending", email="x@example.org")
    chosen = {"action": "block", "_selected_action": [held[0].pk]}
    response = client.post(LIST, chosen, follow=True)
    said = text_of(response)
    assert "Email address: s@pills.example" in said
    assert "Network: 192.0.2.7/32" in said
    assert "Website: pills.example" in said
    assert "It would have matched 3 of the newest comments." in said
    url = response.redirect_chain[-1][0]
    given = carried(response.text) | {"rule": ["site:pills.example"]}
    response = client.post(url, given, follow=True)
    assert "1 rule is made." in response.text
    assert BlockRule.objects.get().created_by == moderator
    assert statuses(*held, other) == ["spam"] * 3
