"""What an essay is after each change of state: in the form, by actions on several, by the verbs."""

import re
from datetime import timedelta

import pytest
from conftest import on
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from trials import some_of

from blog.posts.models import InTheWay, OldAddress, Post, Revision

LIST, ADD = "/admin/posts/post/", "/admin/posts/post/add/"
REFUSED = "refused"
SAID = {
    "draft": "<strong>Draft.</strong> Only you can read it.",
    "scheduled": "<strong>Goes out on ",
    "published": "<strong>Published</strong> on ",
    "withdrawn": "<strong>Withdrawn.</strong> Readers are told it is gone.",
}
CHANGED = "<strong>Your changes are saved. Readers still have the old text.</strong>"
READER_GETS = {"draft": 404, "scheduled": 404, "published": 200, "withdrawn": 410}

# What an essay is after the form was saved: for each act and date, by what it was before. A new
# one counts as a draft; "same" means none where a draft has none.
DATES = ["none", "same", "now", "past", "future"]
TABLE = {
    ("", "draft"): ["draft", "draft", "published", "published", "scheduled"],
    ("", "scheduled"): ["draft", "scheduled", "published", "published", "scheduled"],
    ("", "published"): ["draft", "published", "published", "published", "scheduled"],
    ("", "withdrawn"): ["draft", "withdrawn", "published", "withdrawn", "scheduled"],
    ("save", "draft"): ["draft"] * 5,
    ("save", "scheduled"): ["scheduled"] * 5,
    ("save", "published"): [REFUSED, *["published"] * 3, REFUSED],
    ("save", "withdrawn"): [REFUSED, *["withdrawn"] * 3, REFUSED],
    ("publish", "draft"): [*["published"] * 4, REFUSED],
    ("publish", "scheduled"): [*["published"] * 4, REFUSED],
    ("publish-changes", "published"): [REFUSED, *["published"] * 3, REFUSED],
    ("bring-back", "withdrawn"): [*["published"] * 4, REFUSED],
    ("withdraw", "draft"): [REFUSED] * 5,
    ("withdraw", "scheduled"): [REFUSED] * 5,
    ("withdraw", "published"): ["withdrawn"] * 5,
    ("to-draft", "scheduled"): ["draft"] * 5,
    ("to-draft", "withdrawn"): ["draft"] * 5,
}
# Acts after which readers of an essay that was public have the text it had.
KEEPS_TEXT = {"save", "withdraw", "to-draft"}


@pytest.fixture
def write_as(write):
    """Make an essay of a state; its text is its title, so that what is shown can be looked for."""

    def write_as(state, title="On margins", **changes):
        now = timezone.now()
        dates = {"draft": None, "scheduled": now + timedelta(days=9)}
        at = dates.get(state, now - timedelta(days=9))
        post = write(title, body=title, **{"published_at": at} | changes)
        if state == "withdrawn":
            post.withdraw()
        return post

    return write_as


def dated(date, post=None):
    """Return the two fields of a date as a browser sends them."""
    now = timezone.now()
    at = {
        "none": None,
        "same": post and post.published_at,
        "now": now,
        "past": now - timedelta(days=3),
        "future": now + timedelta(days=3),
    }[date]
    at = at and timezone.localtime(at)
    return {
        "published_at_0": f"{at:%Y-%m-%d}" if at else "",
        "published_at_1": f"{at:%H:%M:%S}" if at else "",
    }


def _payload(post, **changes):
    given = {
        "title": post.title,
        "body": post.body,
        "slug": post.slug,
        "kind": post.kind,
        "author": post.author_id,
        "comments_open": "on",
        "old_addresses-TOTAL_FORMS": 0,
        "old_addresses-INITIAL_FORMS": 0,
    }
    return given | dated("same", post) | changes


def change(post):
    return f"{LIST}{post.pk}/change/"


def save(staff, post, **changes):
    return staff.post(change(post), _payload(post, **changes), follow=True)


def act(client, action, *posts):
    return client.post(
        LIST, {"action": action, "_selected_action": [post.pk for post in posts]}, follow=True
    )


def state_of(post):
    return Post.objects.get(pk=post.pk).status


# --- The form ---------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(("act", "before"), TABLE)
def test_act_does_what_it_says(staff, write_as, act, before):
    cases = enumerate(zip(DATES, TABLE[act, before], strict=True))
    for number, (date, after) in some_of(cases, 3):
        post = write_as(before, f"Essay {number}")
        page = save(staff, post, act=act, body="Typed words.", **dated(date, post))
        now = Post.objects.get(pk=post.pk)
        if after == REFUSED:
            assert (now.status, now.body) == (before, post.body), (date, after)
            assert "Typed words." in page.text
            assert "Not saved yet. Nothing is lost." in page.text
            assert re.search("errorlist[^>]*><li>[^<]{20,}", page.text), date
            continue
        keeps = act in KEEPS_TEXT and before in ("published", "withdrawn")
        assert (now.status, now.body) == (after, post.body if keeps else "Typed words."), date
        assert now.revisions.first().body == "Typed words."
        assert (CHANGED if keeps and after == "published" else SAID[after]) in page.text
        assert Client().get(now.get_absolute_url()).status_code == READER_GETS[after]


@pytest.mark.long
@pytest.mark.parametrize("act", ["", "save", "publish", "withdraw", "to-draft"])
def test_new_essay_is_saved_like_a_draft(staff, author, act):
    table = TABLE | {("to-draft", "draft"): ["draft"] * 5}
    cases = enumerate(zip(DATES, table[act, "draft"], strict=True))
    for number, (date, after) in some_of(cases, 3):
        new = Post(title=f"Essay {number}", slug=f"essay-{number}", body="Typed.", author=author)
        page = staff.post(ADD, _payload(new, act=act, **dated(date)), follow=True)
        saved = Post.objects.filter(slug=new.slug).first()
        assert (saved.status if saved else REFUSED) == after, date
        assert SAID[after] in page.text if saved else "Typed." in page.text


def test_unknown_act_only_saves(staff, write_as):
    post = write_as("draft")
    save(staff, post, act="no-such-act", body="Typed.")
    assert (state_of(post), Post.objects.get().body) == ("draft", "Typed.")


def test_form_without_a_state_goes_by_the_date(staff, write_as):
    post = write_as("withdrawn")
    given = _payload(post, **dated("none"))
    given.pop("state", None)
    assert staff.post(change(post), given).status_code == 302
    assert state_of(post) == "draft"


def test_brought_back_essay_keeps_its_date(staff, write_as):
    post = write_as("withdrawn")
    save(staff, post, act="bring-back")
    assert Post.objects.get().published_at == post.published_at


def test_unchanged_date_stays_to_the_microsecond(staff, write_as):
    post = write_as("published")
    save(staff, post, title="Another")
    assert Post.objects.get().published_at == post.published_at


@pytest.mark.parametrize("year", ["0001", "0999", "9000", "9999"])
def test_date_that_makes_no_address_is_refused(staff, write_as, year):
    post = write_as("draft")
    page = save(staff, post, published_at_0=f"{year}-12-31", published_at_1="23:59:59")
    assert "Choose a year from 1000 to 8999." in page.text
    assert state_of(post) == "draft"


def test_date_that_leads_to_a_taken_address_is_refused(staff, write, write_as):
    write(slug="margins", published_at=on(2026, 3, 9))
    post = write_as("draft", slug="margins")
    given = {"published_at_0": "2026-03-01", "published_at_1": "12:00:00", "body": "Typed."}
    page = save(staff, post, **given)
    assert "Another essay already has this address." in page.text
    assert "Typed." in page.text
    assert state_of(post) == "draft"


def test_date_frees_a_slug_taken_this_month(staff, write_as, author):
    write_as("draft", slug="margins")
    new = Post(title="Another", slug="margins", body="Typed.", author=author)
    given = _payload(new, published_at_0="2026-03-01", published_at_1="12:00:00")
    assert staff.post(ADD, given).status_code == 302


# --- Actions on several -----------------------------------------------------------------------


@pytest.fixture
def taken(write, write_as):
    """A draft whose address will be taken once it is published."""
    write("Here first", slug="taken", published_at=timezone.now())
    return write_as("draft", "In the way", slug="taken", created_at=on(2026, 1))


def test_publishing_several_is_all_or_none(staff, write_as, taken):
    free = write_as("draft", "Free", created_at=on(2025, 1))
    page = act(staff, "publish", free, taken)
    assert page.status_code == 200
    assert (state_of(free), state_of(taken)) == ("draft", "draft")
    assert "“In the way” stands in the way. Another essay already has this address." in page.text
    assert "Choose another slug." in page.text
    assert f'href="{change(taken)}"' in page.text
    assert "is published" not in page.text
    assert not free.old_addresses.exists()


def test_two_drafts_that_want_one_address_stay(staff, write_as):
    first = write_as("draft", "First", slug="same", created_at=on(2026, 1))
    second = write_as("draft", "Second", slug="same", created_at=on(2026, 2))
    assert "“Second” stands in the way" in act(staff, "publish", first, second).text
    assert (state_of(first), state_of(second)) == ("draft", "draft")


def test_conflicting_essay_is_named(staff, taken):
    assert "“In the way” stands in the way" in act(staff, "publish", taken).text


def test_text_that_cannot_be_rendered_now_is_named(staff, write_as):
    post = write_as("draft", "Long")
    for model in (Post, Revision):
        model.objects.filter(title="Long").update(body="[" * 100_000)
    free = write_as("draft", "Free")
    assert "“Long” stands in the way" in act(staff, "publish", free, post).text
    assert state_of(free) == "draft"


def test_going_back_to_draft_is_all_or_none(staff, write_as):
    public = write_as("published", "Public")
    late = write_as("withdrawn", "Late", slug="same", created_at=on(2026, 1))
    write_as("draft", "First", slug="same", created_at=on(2026, 1))
    page = act(staff, "return_to_draft", public, late)
    assert "“Late” stands in the way" in page.text
    assert (state_of(public), state_of(late)) == ("published", "withdrawn")


@pytest.mark.parametrize(
    ("action", "after", "said"),
    [
        ("publish", ["published"] * 4, "3 essays are published."),
        ("withdraw", ["draft", "scheduled", "withdrawn", "withdrawn"], "1 essay is withdrawn."),
        ("return_to_draft", ["draft"] * 4, "3 essays are drafts again."),
    ],
)
def test_action_does_what_it_says(staff, write_as, action, after, said):
    posts = [write_as(state, state) for state in ("draft", "scheduled", "published", "withdrawn")]
    page = act(staff, action, *posts)
    assert [state_of(post) for post in posts] == after
    assert said in page.text
    assert re.search("1 essay stays as it was|3 essays stay as they were", page.text)


def test_action_is_written_into_the_history(staff, write_as):
    post = write_as("draft")
    act(staff, "publish", post)
    assert "published" in staff.get(f"{LIST}{post.pk}/history/").text


# --- The verbs --------------------------------------------------------------------------------


def test_publishing_remembers_the_address_readers_knew(write_as):
    post = write_as("published", slug="margins", created_at=on(2026, 1))
    known = post.path
    post.return_to_draft()
    assert post.path == "2026/01/margins"
    post.publish(on(2026, 2))
    assert post.path == "2026/02/margins"
    assert OldAddress.objects.filter(path=known, post=post).exists()


def test_refused_verb_leaves_the_essay_as_it_was(write, write_as):
    write(slug="margins", published_at=on(2026, 3, 9))
    post = write_as("draft", slug="margins")
    with pytest.raises(ValidationError, match="already has this address"):
        post.publish(on(2026, 3, 1))
    assert post.status == "draft"


@pytest.mark.parametrize(("verb", "days"), [("publish", 1), ("schedule", -1)])
def test_date_must_fit_the_verb(write_as, verb, days):
    post = write_as("draft")
    with pytest.raises(ValidationError, match="date"):
        getattr(post, verb)(timezone.now() + timedelta(days=days))
    assert state_of(post) == "draft"


def test_address_taken_at_the_same_moment_is_said(write_as, monkeypatch):
    """The other request was stored after this one looked."""
    write_as("draft", slug="margins")
    second = write_as("draft", "Second", slug="margins", created_at=on(2026, 1))
    monkeypatch.setattr(Post, "clean", lambda post: None)
    with pytest.raises(ValidationError, match="Another essay already has this address") as error:
        second.publish()
    assert error.value.message_dict.keys() == {"slug"}
    with pytest.raises(InTheWay, match="“Second” stands in the way"):
        Post.objects.filter(pk=second.pk).publish()
