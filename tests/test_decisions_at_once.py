"""A writer changes a comment while moderators decide about it, over HTTP, on both databases.

Whatever comes first: no text is public that no decision saw, no decision is lost, and no typed
word is lost. Some rounds are in the suite; in full it is fifty of each kind. `-s` shows
what won.
"""

import html
import re
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import prepared
import pytest
from reading import Browser, carried, hidden, signed_in
from trials import in_full

pytestmark = pytest.mark.server

ROUNDS = in_full(50, 1)
ESSAY = "/2026/11/room-in-the-margin/"
QUEUE = "/admin/comments/comment/"
ROW = "SELECT body, status FROM comments_comment WHERE id = {}"
EVENTS = (
    "SELECT action, before, after, version FROM comments_moderationevent"
    " WHERE comment_id = {} ORDER BY id"
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request, tmp_path_factory):
    rates = {"COMMENT_RATE_PER_NETWORK": "none", "COMMENT_RATE_SITE": "none"}
    site = prepared.started(
        tmp_path_factory.mktemp("site"), request.param, COMMENT_POLICY="hold-all", **rates
    )
    site.start("--workers", "2", "--no-worker")  # so that no filter learns these words
    site.on = request.param
    yield site
    site.stop(signal.SIGTERM)


def send(site, words, name):
    """Send a comment from a browser of its own; return the browser and the comment's number."""
    browser = Browser(site)
    answer = browser.write(ESSAY, words, name)
    assert answer.status == 303, answer.text[-2000:]
    return browser, int(answer.headers["Location"].rpartition("#c")[2])


def race(*steps):
    """Take these steps at the same moment; return their answers."""
    together = Barrier(len(steps))

    def take(step):
        together.wait()
        return step()

    with ThreadPoolExecutor(len(steps)) as people:
        return [done.result() for done in [people.submit(take, step) for step in steps]]


def press_later(moderator, decide, count):
    """Press a button after some small requests, so that sometimes the change comes first."""
    for _ in range(count):
        moderator.ask("/readyz")
    return moderator.ask(QUEUE, decide)


def button(page, verb, number):
    return re.search(rf'value="({verb}:{number}:[^"]*)"', page)[1]


def judge(site, kind, verb, moderator, number, writers):
    """Let a change and a decision meet once; check what is there afterwards, return who won."""
    before = site.rows(ROW.format(number))[0][0]
    after = f"{before} And more, typed at the same moment."
    writer = writers[number]
    page = moderator.ask(QUEUE).text
    decide = hidden(page, "csrfmiddlewaretoken") | carried(page)
    first = number if kind != "fold" else min(writers)
    decide |= {"decide": button(page, verb, first)}
    form = writer.ask(f"/comments/{number}/edit/").text
    change = {"body": after, "name": "Lou", **hidden(form, "token")}
    edited, decided = race(
        lambda: writer.ask(f"/comments/{number}/edit/", change),
        lambda: press_later(moderator, decide, count=sum(writers) % 5),
    )
    body, status = site.rows(ROW.format(number))[0]
    events = site.rows(EVENTS.format(number))
    judged = [event for event in events if event[0] in ("approve", "spam")]
    corrected = [event for event in events if event[0] == "edit"]
    meant = {"approve": "approved", "spam": "spam"}[verb]

    # No decision is lost: what the moderator saw is so, and is in the history.
    assert decided.status in (302, 409), decided.text[-2000:]
    if decided.status == 302:
        assert (status, len(judged)) == (meant, 1), (kind, number, body, status, events)
    else:
        assert (body, status, judged) == (after, "pending", []), (kind, number, events)
        assert "typed at the same moment" in html.unescape(decided.text)
    # Never lost words: stored, or given back.
    if edited.status == 303:
        assert (body, len(corrected)) == (after, 1)
    else:
        assert (edited.status, body, corrected) == (409, before, [])
        assert f"\n{after}</textarea>" in html.unescape(edited.text)
    # Never a public text that no decision saw.
    if status == "approved":
        assert body == before
        assert "typed at the same moment" not in Browser(site).ask(ESSAY).text
    return f"{'edit' if edited.status == 303 else 'refused'}, {decided.status}"


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "verb"), [("row", "approve"), ("row", "spam"), ("fold", "approve")]
)
def test_change_and_decision_at_once(site, kind, verb):
    moderator = signed_in(site)
    won = Counter()
    for number in range(ROUNDS):
        words = f"{verb} {kind} {number}: the best of all offers that you can get this week here."
        count = 3 if kind == "fold" else 1
        writers = {}
        for at in range(count):
            browser, key = send(site, words, f"Writer {verb} {kind} {number} {at}")
            writers[key] = browser
        won[judge(site, kind, verb, moderator, max(writers), writers)] += 1
        others = [status for key in [*writers][:-1] for _body, status in site.rows(ROW.format(key))]
        assert others == ["approved"] * (count - 1), "what did not change is decided"
        clear(site, moderator)
    print(f"{site.on}: {ROUNDS} × change against {verb}, {kind}: {dict(won)}")


def clear(site, moderator):
    """Leave nothing waiting for the next round."""
    page = moderator.ask(QUEUE).text
    rows = re.findall(r'name="_selected_action" value="(\d+)"', page)
    if rows:
        given = hidden(page, "csrfmiddlewaretoken") | carried(page)
        given |= {"action": "trash", "_selected_action": rows[0]}
        for number in rows:
            moderator.ask(QUEUE, given | {"_selected_action": number})
