"""The queue: one press a decision, look-alikes as one, undo, and nobody's work done twice."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from reading import carried

from comments.admin import counting, many, queue
from comments.models import BlockRule, Comment, ModerationEvent

LIST = "/admin/comments/comment/"
PITCH = "Buy cheap pills at https://pills.example/ before the week is over."

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator(client, db):
    user = get_user_model().objects.create_user("mo", first_name="Mo", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return user


@pytest.fixture
def post(write):
    return write()


def button(page, verb, comment):
    """Return the value of the button a row shows."""
    return re.search(rf'value="({verb}:{comment.pk}:[^"]*)"', page)[1]


def press(client, verb, comment, query="", **more):
    """Press a row's button as the page shows it; return the page that follows."""
    page = client.get(f"{LIST}{query}").text
    given = carried(page) | {"decide": button(page, verb, comment)} | more
    return client.post(f"{LIST}{query}", given, follow=True)


def tick(client, action, *comments, query="?status=all", **more):
    """Tick rows of a page and press Go; return the page that follows."""
    page = client.get(f"{LIST}{query}").text
    given = {"action": action, "_selected_action": [comment.pk for comment in comments]}
    return client.post(f"{LIST}{query}", carried(page) | given | more, follow=True)


def statuses(*comments):
    return [Comment.objects.get(pk=comment.pk).status for comment in comments]


def text_of(response):
    return " ".join(re.sub("<[^>]*>", " ", response.text).split())


def test_queue_opens_on_waiting_with_counts(client, moderator, post, say):
    for status, count in (("pending", 3), ("approved", 2), ("spam", 1)):
        for number in range(count):
            say(post, f"{status} {number}", status=status)
    response = client.get(LIST)
    assert "Waiting 3 Approved 2 Spam 1 Trash 0 All" in text_of(response)
    assert len(response.context["cl"].rows) == 3


def test_nothing_waiting_is_said(client, moderator):
    assert "Nothing waits." in client.get(LIST).text
    assert "Nothing here has “quince” in it." in client.get(f"{LIST}?q=quince").text


def test_row_shows_who_where_what_and_why(client, moderator, post, say):
    say(post, "Before.", network="192.0.2.0/24", browser="k")
    say(post, "Filed.", network="192.0.2.0/24", status="spam")
    say(post, "Typed.", email="anna@example.org", status="trash")
    parent = say(post, "What do you think?", name="Ben")
    say(
        post,
        "I *agree*.",
        name="Anna",
        email="anna@example.org",
        url="https://www.anna.example/x",
        address="192.0.2.7",
        network="192.0.2.0/24",
        browser="k",
        parent=parent,
        status="pending",
        reasons=["first-comment"],
    )
    response = client.get(LIST)
    said = text_of(response)
    for words in (
        "Anna anna@example.org anna.example 192.0.2.7 From this browser: 1 approved "
        "From this network: 1 approved · 1 spam "
        "Everything from this browser Everything from this network",
        "on On margins · in reply to Ben",
        "What do you think?",
        "Held: No comment from this browser was approved before.",
    ):
        assert words in said
    assert "<p>I <em>agree</em>.</p>" in response.text


@pytest.mark.parametrize(
    ("verb", "status", "words"),
    [
        ("approve", "approved", "Approved: Lou Barba."),
        ("spam", "spam", "Marked as spam: Lou Barba."),
        ("trash", "trash", "Put into the trash: Lou Barba."),
    ],
)
def test_one_press_decides_and_is_undone_by_one(client, moderator, post, say, verb, status, words):
    held, following = say(post, "One.", status="pending"), say(post, "Two.", status="pending")
    response = press(client, verb, following)
    assert statuses(following) == [status]
    assert words in text_of(response)
    # It goes on at the next row, under this order the older one.
    assert response.redirect_chain[-1][0].endswith(f"#c{held.pk}")
    batch = re.search(r'name="batch" value="([^"]+)"', response.text)[1]
    response = client.post(f"{LIST}undo/", {"batch": batch, "back": LIST}, follow=True)
    assert statuses(following) == ["pending"]
    assert "Undone: Lou Barba." in text_of(response)
    assert following.events.first().by == moderator


def test_trash_is_restored(client, moderator, post, say):
    gone = say(post)
    gone.trash()
    assert "Restored: Lou Barba." in text_of(press(client, "restore", gone, "?status=trash"))
    assert statuses(gone) == ["approved"]


def test_undoing_twice_says_there_is_nothing_left(client, moderator, post, say):
    page = press(client, "spam", say(post, status="pending")).text
    batch = re.search(r'name="batch" value="([^"]+)"', page)[1]
    client.post(f"{LIST}undo/", {"batch": batch})
    response = client.post(f"{LIST}undo/", {"batch": batch}, follow=True)
    assert "There was nothing left to undo." in response.text


def test_undo_leads_nowhere_else(client, moderator):
    response = client.post(f"{LIST}undo/", {"batch": "x", "back": "https://evil.example/"})
    assert response["Location"] == LIST


def test_slower_moderator_sees_the_others_decision(client, moderator, post, say):
    held = say(post, status="pending")
    value = button(client.get(LIST).text, "approve", held)
    other = get_user_model().objects.create_user("ida", first_name="Ida", last_name="Boe")
    held.mark_spam(by=other)
    response = client.post(LIST, {"decide": value}, follow=True)
    assert statuses(held) == ["spam"]
    said = r"Ida Boe decided about Lou Barba at \d\d:\d\d: spam\. Nothing was changed\."
    assert re.search(said, text_of(response))


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
    assert "would have met 3 of the newest 1000 comments, 0 of them approved" in said
    url = response.redirect_chain[-1][0]
    given = carried(response.text) | {"rule": ["site:pills.example"]}
    response = client.post(url, given, follow=True)
    assert "1 rule is made." in response.text
    assert BlockRule.objects.get().created_by == moderator
    assert statuses(*held, other) == ["spam"] * 3


def test_reply_approves_the_comment_it_answers(client, moderator, post, say):
    held = say(post, "Why?", status="pending")
    response = press(client, "reply", held, **{f"reply-{held.pk}": "Because."})
    assert "Your reply to Lou Barba is published." in response.text
    answer = Comment.objects.get(body="Because.")
    assert (answer.parent, answer.author, answer.status) == (held, moderator, "approved")
    assert statuses(held) == ["approved"]


@pytest.mark.parametrize("text", [" ", "[" * 50_000], ids=["empty", "too deep"])
def test_failed_reply_stays_in_its_box(client, moderator, post, say, text):
    held = say(post, "Why?", status="pending")
    response = press(client, "reply", held, **{f"reply-{held.pk}": text})
    assert f"\n{text}</textarea>" in response.text
    assert statuses(held) == ["pending"]
    assert Comment.objects.count() == 1


def test_repeated_reply_is_stored_once_and_explained(client, moderator, post, say):
    url, responses = f"{LIST}?status=approved", []
    held, other = say(post, "Why?"), say(post, "How?")
    for answered in (held, held, other):
        value = button(client.get(url).text, "reply", answered)
        given = {"decide": value, f"reply-{answered.pk}": "Thank you!"}
        responses.append(client.post(url, given, follow=True))
    said = [text_of(response) for response in responses]
    assert "Your reply to Lou Barba is published." in said[0]
    assert "You have already answered Lou Barba with these words" in said[1]
    assert "\nThank you!</textarea>" in responses[1].text
    assert "Your reply to Lou Barba is published." in said[2]
    assert Comment.objects.filter(body="Thank you!").count() == 2


def test_reply_to_a_comment_filed_meanwhile_is_given_back(client, moderator, post, say):
    held, shown = say(post, "Why?", status="pending"), say(post, "How?", status="pending")
    value = button(client.get(LIST).text, "reply", held)
    Comment.objects.filter(pk=held.pk).judge("spam", by=moderator)
    response = client.post(LIST, {"decide": value, f"reply-{held.pk}": "Because."})
    assert "decided about Lou Barba" in text_of(response)
    assert "These words of your reply are not published: Because." in text_of(response)
    assert statuses(held, shown) == ["spam", "pending"]
    assert Comment.objects.count() == 2


def test_another_order_decides_nothing(client, moderator, post, say):
    held = say(post, status="pending")
    chosen = {"action": "trash", "_selected_action": [held.pk], "order": "oldest"}
    client.post(LIST, chosen)
    assert statuses(held) == ["pending"]


def test_slower_moderator_sees_who_judged_the_campaign(client, moderator, post, say):
    pitches = [say(post, PITCH, name=f"S {n}", status="pending") for n in range(3)]
    page = client.get(LIST).text
    value = button(page, "approve", pitches[0])
    Comment.objects.filter(post=post).judge("spam", by=moderator)
    response = client.post(LIST, carried(page) | {"decide": value}, follow=True)
    assert "3 were decided already and stay as they are." in text_of(response)
    assert statuses(*pitches) == ["spam"] * 3


def test_the_order_is_remembered(client, moderator, post, say):
    first, second = (say(post, f"{n}.", status="pending") for n in (1, 2))
    client.post(LIST, {"order": "oldest"})
    assert [row.comment for row in client.get(LIST).context["cl"].rows] == [first, second]


@pytest.mark.parametrize(
    "value", ["", "approve", "approve:x:pending:", "sing:1:pending:", ":::", f"approve:{2**63}:::"]
)
def test_a_button_nobody_was_shown_does_nothing(client, moderator, post, say, value):
    held = say(post, pk=1, status="pending")
    assert client.post(LIST, {"decide": value}).status_code == 302
    assert statuses(held) == ["pending"]


def test_a_form_of_another_site_decides_nothing(moderator, post, say):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(moderator)
    held = say(post, status="pending")
    assert strict.post(LIST, {"decide": f"approve:{held.pk}:pending:"}).status_code == 403
    assert statuses(held) == ["pending"]


def test_log_lists_decisions_and_changes_none(client, moderator, post, say):
    press(client, "spam", say(post, status="pending"))
    log = "/admin/comments/moderationevent/"
    assert "marked as spam Lou Barba: I agree. pending spam mo" in text_of(client.get(log))
    assert client.get(f"{log}add/").status_code == 403
    event = ModerationEvent.objects.get()
    assert client.post(f"{log}{event.pk}/delete/", {"post": "yes"}).status_code == 403


def test_queue_queries_do_not_grow_with_its_rows(client, moderator, post, say, write):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    def fill(count):
        for number in range(count):
            parent = say(write(f"{count} {number}"), "What do you think?")
            for name in ("Ann", "Ben"):
                say(
                    parent.post,
                    f"{PITCH} {count} {number}",
                    name=name,
                    network=f"192.0.{number}.0/24",
                    browser=f"{name}{number}",
                    parent=parent,
                    look_alike=parent,
                    likeness=80,
                    status="pending",
                )

    fill(1)
    cost()  # once, for what is kept per process
    one = cost()
    fill(12)
    # Session, account, its permissions and groups' (4); results counted and read (2); what was
    # judged of these browsers and networks before, what is folded (3); the counts by status (4).
    assert (one, cost()) == (13, 13)


# --- Who may ------------------------------------------------------------------------------------


def test_moderators_reach_only_queue_log_and_rules(client, moderator, post, say):
    comment = say(post, status="pending")
    for url in (LIST, f"{LIST}{comment.pk}/change/", "/admin/comments/moderationevent/"):
        assert client.get(url).status_code == 200
    assert client.get("/admin/comments/blockrule/add/").status_code == 200
    for url in (
        "/admin/posts/post/",
        "/admin/posts/post/add/",
        f"/admin/posts/post/{post.pk}/change/",
        "/admin/posts/tag/",
        "/admin/auth/user/",
        "/admin/auth/group/",
        f"/admin/auth/user/{moderator.pk}/change/",
    ):
        assert client.get(url).status_code == 403


def test_authors_moderate_only_their_own_essays(client, author, write, say):
    author.user_permissions.set(Permission.objects.filter(codename="change_post"))
    other = get_user_model().objects.create_user("ben", is_staff=True)
    own = say(write("Mine"), "Own.", status="pending")
    foreign = say(write("Yours", author=other), "Foreign.", status="pending")
    client.force_login(author)
    response = client.get(LIST)
    assert [row.comment for row in response.context["cl"].rows] == [own]
    assert "Waiting 1" in text_of(response)
    press(client, "approve", own)
    assert client.post(LIST, {"decide": f"approve:{foreign.pk}:pending:"}).status_code == 404
    chosen = {"action": "approve", "_selected_action": [foreign.pk]}
    client.post(f"{LIST}?status=all", chosen)
    # As for what is not there: the admin leads home.
    for page in ("change", "delete", "history"):
        assert client.get(f"{LIST}{foreign.pk}/{page}/").status_code in (302, 403)
    batch = Comment.objects.filter(pk=foreign.pk).judge("spam", by=other).batch
    client.post(f"{LIST}undo/", {"batch": batch})
    assert statuses(own, foreign) == ["approved", "spam"]
    assert client.get("/admin/comments/blockrule/").status_code == 403
    assert client.get("/admin/comments/moderationevent/").status_code == 403


# --- More than can be counted in no time ------------------------------------------------------


def test_counting_stops_at_the_last_page(client, moderator, post, say, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 3)
    for number in range(5):
        say(post, f"Waiting, number {number}.", status="pending")
    response = client.get(LIST)
    assert "Waiting 3+ Approved 0" in text_of(response)
    assert "3+ waiting. There are more" in text_of(response)


def test_small_counts_are_exact(client, moderator, post, say, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 3)
    for number in range(3):
        say(post, f"Waiting, number {number}.", status="pending")
    text = text_of(client.get(LIST))
    assert "Waiting 3 Approved 0" in text
    assert "3 waiting" in text
    assert "There are more" not in text


def test_select_all_covers_the_shown_number(client, moderator, post, say, monkeypatch):
    monkeypatch.setattr(many, "MOST", 2)
    waiting = [say(post, f"Waiting, number {number}.", status="pending") for number in range(3)]
    monkeypatch.setattr(queue.CommentAdmin, "list_per_page", 1)
    tick(client, "approve", waiting[-1], query="", select_across="1")
    assert sorted(statuses(*waiting)) == ["approved", "approved", "pending"]
