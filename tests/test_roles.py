"""What each group may do: every address of the admin, asked by a person of each.

A new address, or a new action of a list, fails here until tests/support/roles.py says whose it is.
"""

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from roles import ACTIONS, OWN, PAGE, ROLES, letters_of, written
from test_private_by_default import addresses, only_answers  # noqa: F401 - fixtures

from blog.accounts.models import Attempt
from blog.accounts.roles import SENTENCES
from blog.posts.models import Image, Post, Recording
from blog.site.models import SiteVersion
from blog.transfer.moving.models import Move
from comments.models import BlockRule, Comment, Mail, ModerationEvent

pytestmark = pytest.mark.django_db

# Refused, not found, or sent away because they have no such row.
CLOSED = {302, 403, 404, 405}


@pytest.fixture
def people(db):
    """A browser of a person in each group, and of one in none, by the first letter."""
    made = {}
    for name in (*SENTENCES, "nobody"):
        user = get_user_model().objects.create_user(name.lower(), is_staff=True)
        if name in SENTENCES:
            user.groups.add(Group.objects.get(name=name))
        made[name[0]] = Client(raise_request_exception=False)
        made[name[0]].force_login(user)
    return made


@pytest.fixture
def rows(addresses):  # noqa: F811
    """Something of everything that the admin lists."""
    comment = Comment.objects.get()
    author = comment.post.author
    SiteVersion.objects.create(pk=1)
    Image.objects.create(pk=1, file="a.png", width=1, height=1, uploaded_by=author)
    Recording.objects.create(pk=1, file="a.mp3", title="Rain", bytes=1)
    BlockRule.objects.create(pk=1, kind="words", pattern="casino", created_by=author)
    ModerationEvent.objects.create(
        pk=1, comment=comment, action="approve", before="pending", after="approved"
    )
    Mail.objects.create(pk=1, kind="confirm", to="a@example.org", about="1")
    Move.objects.create(pk=1, kind="wordpress", name="blog.xml", bytes=1)
    Attempt.objects.create(pk=1, name="ines", key="x")
    post = comment.post
    # PostgreSQL goes on counting where other tests stopped.
    numbers = {"post": post.pk, "comment": comment.pk, "tag": post.tags.get().pk}
    numbers |= {"user": author.pk, "group": Group.objects.first().pk}
    found = {f"/{name}/1/": f"/{name}/{number}/" for name, number in numbers.items()}
    return found | {"/do/x/": "/do/remove-demo/", "/begin/x/": "/begin/imprint/"}


# Everybody's own, or no page of the admin's: those that people arrive by, without an account.
LEFT_OUT = {"login", "logout", "let_in", "second_step", "(?P<url>.*)$", "<path:object_id>/"}
LEFT_OUT |= {"invitation", "new_password", "admin_password_reset"}
LEFT_OUT |= {"oidc_begin", "oidc_back", "oidc_signed_out"}
LEFT_OUT |= {"passkey_sign_in", "passkey_options", "passkey", "remove_passkey"}


def is_open(client, method, path):
    response = getattr(client, method)(path)
    if response.streaming:
        b"".join(response)
    return response.status_code not in CLOSED


def answers(client, asked, rows):
    """Return by the name of each address whether it shows something, and whether it takes it."""
    found = {}
    for path, name in asked:
        if path.startswith("/admin/") and name not in LEFT_OUT:
            for shown, there in rows.items():
                path = path.replace(shown, there)
            found[name] = [is_open(client, method, path) for method in ("get", "post")]
    return found


OTHERS = pytest.mark.long("authors are those who may do some of it; the others take 15 s")


@pytest.mark.parametrize("letter", ["A", *(pytest.param(each, marks=OTHERS) for each in "OEMn")])
@pytest.mark.usefixtures("only_answers")
def test_each_address_is_open_to_its_groups(addresses, rows, people, letter):  # noqa: F811
    found, expected = answers(people[letter], addresses, rows), letters_of(ROLES)
    assert found.keys() == expected.keys()
    assert found == {
        name: [letter in letters for letters in open_to] for name, open_to in expected.items()
    }


@pytest.mark.usefixtures("only_answers")
def test_authors_may_do_more_with_their_own(addresses, rows, people):  # noqa: F811
    author = get_user_model().objects.get(username="authors")
    Post.objects.update(author=author)
    found, others = answers(people["A"], addresses, rows), letters_of(ROLES)
    more = {
        name: tuple("A" if now and "A" not in may else "" for now, may in zip(*both, strict=True))
        for name in found
        if (both := (found[name], others[name]))
    }
    assert {name: may for name, may in more.items() if any(may)} == letters_of(OWN)


def test_each_action_of_a_list_is_offered_to_its_groups(people, rf):
    found = {}
    for model, admin in site._registry.items():
        for letter, client in people.items():
            request = rf.get("/")
            request.user = get_user_model().objects.get(pk=client.session["_auth_user_id"])
            if admin.has_view_permission(request):
                for name in admin.get_actions(request):
                    found.setdefault(f"{model._meta.label}.{name}", "")
                    found[f"{model._meta.label}.{name}"] += letter
    assert found == ACTIONS


def test_docs_have_the_table():
    assert written(PAGE.read_text()) == PAGE.read_text()


@pytest.fixture
def anna(people):
    return get_user_model().objects.get(username="authors")


def test_authors_go_on_with_their_own_alone(people, anna, write):
    own, other = write("Mine", author=anna, published_at=None), write("Not mine")
    page = people["A"].get("/admin/posts/post/").text
    assert "Mine" in page
    assert "Not mine" not in page
    assert people["A"].get(f"/admin/posts/post/{own.pk}/change/").status_code == 200
    assert people["A"].get(own.get_absolute_url()).status_code == 200
    chosen = {"action": "withdraw", "_selected_action": [own.pk, other.pk]}
    people["A"].post("/admin/posts/post/", chosen)
    other.refresh_from_db()
    assert other.is_public


def test_authors_judge_comments_on_their_own_alone(people, anna, write, say):
    say(write("Mine", author=anna), "Under mine.", status="pending")
    say(write("Not mine"), "Under others.", status="pending")
    page = people["A"].get("/admin/comments/comment/").text
    assert "Under mine." in page
    assert "Under others." not in page


def test_owners_make_nobody_a_superuser(people, anna, admin_user):
    where = f"/admin/auth/user/{anna.pk}/change/"
    assert 'name="is_superuser"' not in people["O"].get(where).text
    given = {"username": "authors", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    people["O"].post(where, given | dates)
    anna.refresh_from_db()
    assert not anna.is_superuser
    for act in ("change", "delete", "password"):
        answer = people["O"].get(f"/admin/auth/user/{admin_user.pk}/{act}/")
        assert answer.status_code in (302, 403, 404)


def test_each_group_says_what_it_is_for(people):
    page = people["O"].get("/admin/auth/group/").text
    assert all(str(sentence) in page for sentence in SENTENCES.values())
