"""Links in mails to moderators: one action, usable once, for seven days, by its recipient."""

from datetime import timedelta

import pytest
from conftest import later
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import signing
from django.test import Client
from reading import hidden

from comments.mail.links import absolute, judging_links
from comments.models import Comment, ModerationEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    user = get_user_model().objects.create_user(
        "ann", "ann@example.org", first_name="Ann", last_name="Dale", is_staff=True
    )
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


@pytest.fixture
def held(write, say):
    return say(write(), "Quince *paste*.", status="pending", reasons=["first-comment"])


def link(user, comment, verb):
    """Return the path of the link to do this, as it is mailed now."""
    words = {"approve": "Approve", "spam": "Spam", "trash": "Trash"}
    found = dict(judging_links(user, [comment])[comment.pk])
    return found[words[verb]].removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def get():
    """Open a page as someone without session or cookies, and return its answer."""
    return lambda path: Client(enforce_csrf_checks=True).get(path)


@pytest.fixture
def press():
    """Press the button of a page as someone without session or cookies."""

    def press(path):
        return Client(enforce_csrf_checks=True).post(path, follow=True)

    return press


def state():
    comment = Comment.objects.get()
    return comment.status, ModerationEvent.objects.count()


@pytest.mark.parametrize(
    ("verb", "status"), [("approve", "approved"), ("spam", "spam"), ("trash", "trash")]
)
def test_the_button_does_what_the_link_says(ann, held, press, verb, status):
    page = press(link(ann, held, verb))
    assert page.redirect_chain[0][1] == 303
    event = ModerationEvent.objects.get()
    assert (event.by, event.why, event.after) == (ann, "by mail", status)
    assert state() == (status, 1)


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_changes_nothing(ann, held, method):
    path = link(ann, held, "approve")
    for _ in range(3):
        response = getattr(Client(), method)(path)
        assert response.status_code == 200
    assert state() == ("pending", 0)


def test_page_explains_and_has_one_button(ann, held, get):
    page = get(link(ann, held, "trash")).text
    for words in (
        "Put this comment into the trash?",
        "Quince <em>paste</em>.",
        "Lou Barba",
        "No comment from this browser was approved before.",
        "for thirty days it can be restored",
    ):
        assert words in page
    assert page.count("<button") == page.count("<form") == 1


def test_a_link_works_once(ann, held, press, get):
    path = link(ann, held, "approve")
    press(path)
    again = press(path)
    assert again.status_code == 409
    assert "This comment is judged" in again.text
    for words in ("Ann Dale,", "approved.", "Read it where it stands."):
        assert words in get(path).text
    assert "<button" not in get(path).text
    assert state() == ("approved", 1)


def test_used_link_stays_used_after_undo(ann, held, press):
    path = link(ann, held, "approve")
    press(path)
    Comment.objects.all().undo(ModerationEvent.objects.get().batch, by=ann)
    assert press(path).status_code == 409
    assert state() == ("pending", 2)


def test_other_links_of_the_mail_become_invalid(ann, held, press):
    spam = link(ann, held, "spam")
    press(link(ann, held, "approve"))
    page = press(spam)
    assert page.status_code == 409
    assert "Ann Dale," in page.text
    assert "approved." in page.text
    assert state() == ("approved", 1)


def test_a_comment_judged_elsewhere_says_who_and_what(ann, held, press, get, author):
    path = link(ann, held, "approve")
    held.mark_spam(by=author)
    for page in (get(path).text, press(path).text):
        assert "Ines Marlow," in page
        assert "marked as spam." in page
        assert "change nothing any more" in page
    assert state() == ("spam", 1)


def test_a_link_expires_after_seven_days(ann, held, press, get, monkeypatch):
    path = link(ann, held, "approve")
    with later(monkeypatch, timedelta(days=7, seconds=-60)):
        assert "<button" in get(path).text
    with later(monkeypatch, timedelta(days=7, seconds=60)):
        for page in (get(path), press(path)):
            assert page.status_code == 410
            assert "It was good for seven days" in page.text
            assert "Nothing was changed." in page.text
    assert state() == ("pending", 0)


def test_a_link_that_was_tampered_with_does_nothing(ann, held, press, get):
    path = link(ann, held, "approve")
    token = path.split("/")[-2]
    payload, rest = token.split(":", 1)
    other = link(ann, held, "spam").split("/")[-2].split(":")[0]
    cut, longer = token[:-5], f"{token}x"
    for wrong in (cut, longer, f"{other}:{rest}", payload, "x", token.swapcase()):
        for page in (get(path.replace(token, wrong)), press(path.replace(token, wrong))):
            assert page.status_code == 404
            assert "It is not as we mailed it" in page.text
    assert state() == ("pending", 0)


def test_link_works_for_one_purpose_only(ann, held, press):
    token = link(ann, held, "approve").split("/")[-2]
    for what in ("confirm", "refuse", "stop"):
        assert press(f"/comments/mail/{what}/{token}/").status_code == 404


@pytest.mark.parametrize("how", ["left the group", "was switched off", "was deleted"])
def test_link_of_a_former_moderator_is_refused(ann, held, press, get, how):
    path = link(ann, held, "approve")
    if how == "left the group":
        ann.groups.clear()
    elif how == "was switched off":
        ann.is_active = False
        ann.save()
    else:
        ann.delete()
    for page in (get(path), press(path)):
        assert page.status_code == 403
        assert "may no longer judge this comment" in page.text
        assert "Quince" not in page.text
    assert state() == ("pending", 0)


def test_link_to_a_deleted_comment_is_explained(ann, held, get):
    path = link(ann, held, "approve")
    held.delete()
    response = get(path)
    assert response.status_code == 410
    assert "no longer here" in response.text


def test_page_address_is_hidden_from_caches_and_other_sites(ann, held, get):
    path = link(ann, held, "approve")
    for response in (get(path), get(f"{path[:-9]}/")):
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in response.text
        assert not response.cookies


def test_link_gives_no_other_power(ann, held, press):
    """The link signs nobody in, and works for no other comment."""
    client = Client()
    client.post(link(ann, held, "approve"))
    assert not client.cookies
    assert client.get("/admin/comments/comment/").status_code == 302


# --- What was changed since it was mailed -----------------------------------------------------


def correct(held, body="Casino *paste*."):
    changed = Comment.objects.get(pk=held.pk)
    changed.body = body
    changed.correct("pending", [])


def earlier_link(ann, held):
    """Return a link as it was mailed before links carried a version."""
    token = signing.dumps([ann.pk, held.pk, "approve", 0], salt="comments.mail.judge")
    return absolute("mail-judge", token).removeprefix("http://127.0.0.1:8000")


@pytest.mark.parametrize("verb", ["approve", "spam", "trash"])
def test_link_decides_only_the_version_mailed(ann, held, press, get, verb):
    path = link(ann, held, verb)
    correct(held)
    page = press(path)
    assert page.status_code == 409
    assert state() == ("pending", 1), "the change alone is recorded"
    for answer in (page, get(path)):
        assert "This comment was changed" in answer.text
        assert "<del>Quince</del> <ins>Casino</ins>" in answer.text
        assert answer.text.count('name="decide"') == 3


@pytest.mark.parametrize(("verb", "status"), [("approve", "approved"), ("spam", "spam")])
def test_fresh_buttons_decide_the_changed_text(ann, held, get, verb, status):
    path = link(ann, held, "approve")
    correct(held)
    given = hidden(get(path).text, "shown") | {"decide": verb}
    assert Client().post(path, given).status_code == 303
    assert state()[0] == status


def test_fresh_buttons_decide_no_later_text(ann, held, get):
    path = link(ann, held, "approve")
    correct(held)
    given = hidden(get(path).text, "shown") | {"decide": "approve"}
    correct(held, "Roulette.")
    response = Client().post(path, given)
    assert response.status_code == 409
    assert "<ins>Roulette</ins>." in response.text
    assert state()[0] == "pending"


def test_change_after_opening_the_page_is_noticed(ann, held, get):
    path = link(ann, held, "approve")
    given = hidden(get(path).text, "shown")
    correct(held)
    assert Client().post(path, given).status_code == 409
    assert state()[0] == "pending"


def test_earlier_link_shows_the_text_and_decides_nothing(ann, held, press, get):
    path = earlier_link(ann, held)
    for page in (get(path), press(path)):
        assert "Judge this comment?" in page.text
        assert "Quince <em>paste</em>." in page.text
        assert page.text.count('name="decide"') == 3
    assert state() == ("pending", 0)


def test_button_of_an_earlier_links_page_decides(ann, held, get):
    path = earlier_link(ann, held)
    given = hidden(get(path).text, "shown") | {"decide": "trash"}
    assert Client().post(path, given).status_code == 303
    assert state() == ("trash", 1)


def test_a_link_gives_no_other_verb(ann, held):
    path = link(ann, held, "spam")
    response = Client().post(path, {"decide": "approve", "shown": held.version})
    assert response.status_code == 409
    assert state() == ("pending", 0)


def test_change_by_direct_write_is_noticed(ann, held, press):
    path = link(ann, held, "approve")
    Comment.objects.update(body="Casino.")
    page = press(path)
    assert page.status_code == 409
    assert "How it was is not known any more" in page.text
    assert state() == ("pending", 0)
