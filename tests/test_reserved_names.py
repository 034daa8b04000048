"""Nobody appears as the author or as staff who is not signed in."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from comments.models import Comment
from comments.screening.rules import Submission, screen, sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None
    settings.COMMENT_POLICY = "publish-all"


@pytest.fixture
def post(write):
    return write()


def user(name, **details):
    return get_user_model().objects.create_user(name, **details)


def status_of(send, name, **more):
    send(name=name, body=f"I am {name!r}.", **more)
    return Comment.objects.latest("pk").status


@pytest.fixture
def known(send, client):
    """A browser whose comments were approved before."""
    send(body="First of all.")
    Comment.objects.get().approve(by=user("mo"))


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "name",
    ["Ines Marlow", "\u200fInes Marlow", "Іnеs Маrlоw", "lnes Mar1ow", "Ines Marlow™"],
)
def test_a_known_browser_is_held_as_the_author(send, settings, name):
    settings.COMMENT_POLICY = "hold-first"
    assert status_of(send, "Lou Barba") == "approved"
    assert status_of(send, name) == "pending"
    reasons = Comment.objects.latest("pk").reasons
    assert reasons == ["reserved-name:Ines Marlow"]
    said = "The name reads as that of Ines Marlow, and its writer was not signed in."
    assert sentences(reasons) == [said]


def test_names_of_staff_are_held_and_others_not(send):
    user("mod-7", first_name="Mo", last_name="Berg", is_staff=True)
    user("editor@example.org", is_staff=True)
    user("gone", first_name="Gus", last_name="Gone", is_staff=True, is_active=False)
    user("reader", first_name="Rita", last_name="Reader")
    names = ("Mo Berg", "mod-7", "Editor", "ines", "Gus Gone", "Rita Reader", "Lou")
    held = [status_of(send, name) == "pending" for name in names]
    assert held == [True, True, True, True, False, False, False]


def test_byline_of_an_account_without_name_is_reserved(send, author, settings):
    get_user_model().objects.update(first_name="", last_name="")
    settings.SITE_AUTHOR = "Ada Quill"
    assert status_of(send, "ada quill") == "pending"


def test_an_author_without_staff_status_is_held(send):
    get_user_model().objects.update(is_staff=False)
    assert status_of(send, "Ines Marlow") == "pending"
    assert status_of(send, "ines") == "pending"


def test_signed_in_people_keep_their_own_names(post, author):
    # Staff who may approve are screened by no rule.
    assert not author.has_perm("comments.change_comment")
    comment = Comment(post=post, name="Ines Marlow", body="Mine.", author=author)
    assert judged(comment) == "approved"
    comment.author = user("other", is_staff=True)
    assert judged(comment) == "pending"


def judged(comment):
    return screen(Submission(comment, trap="", blocks=[], known=True, staff=False))[0]


def test_an_edit_cannot_take_the_authors_name(send, client, settings):
    settings.COMMENT_POLICY = "hold-all"
    send()
    number = Comment.objects.get().pk
    client.post(f"/comments/{number}/edit/", {"body": "I agree.", "name": "Ines Marlow"})
    assert "reserved-name:Ines Marlow" in Comment.objects.get().reasons


def test_first_name_equal_to_user_name_is_reserved_once(send, client):
    user("lou", first_name="Louisa", last_name="Berg", is_staff=True)
    assert status_of(send, "Lou") == "pending"
    Comment.objects.get().approve(by=user("mo"))
    send(name="Lou", body="And another thing.")
    assert Comment.objects.latest("pk").status == "approved"
    send(name="Lou", body="A stranger.", by=Client())
    assert Comment.objects.latest("pk").status == "pending"
    send(name="Louisa Berg", body="Not even here.")
    assert Comment.objects.latest("pk").status == "pending"


def test_names_are_cleaned_wherever_they_enter(send, say, post):
    send(name="\u200fLou\u202e Bar\u00adba", body="By the form.")
    assert Comment.objects.get().name == "Lou Barba"
    assert say(post, "By the admin or an import.", name="A\u200db\u2066c").name == "Abc"
    assert say(post, "Another.", name="علی\u200cرضا").name == "علی\u200cرضا"


def test_a_name_that_shows_nothing_is_asked_for(send):
    for name in ("\u200f\u200d", "\u3164", "\u2800", "\ufe0f"):
        response = send(name=name)
        assert response.status_code == 400
        assert "Add a name, or a nickname." in response.text


def test_an_endless_name_is_refused_in_words(send):
    response = send(name="A" + "\u200d" * 500_000)
    assert response.status_code == 400
    assert "This name is too long." in response.text
