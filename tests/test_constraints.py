"""Every constraint of every model has a sentence at each form that can meet it.

A new constraint fails the first tests here until it has a sentence, or a reason why no form can
meet it. `pytest -s` prints all of them.
"""

import re
from io import BytesIO

import pytest
from conftest import on
from constraint_walk import BY_CODE_ALONE, WITHOUT_FORM, forms_of, our_models, walk
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.db import DataError, IntegrityError, connection, models, transaction
from django.utils import timezone
from PIL import Image as Pixels

from blog.lib.adminforms import Explained
from blog.lib.constraints import GONE, MISSING, TOO_LONG, explain
from blog.lib.readonly import ReadOnly
from blog.posts.models import Image, OldAddress, Post, Tag
from comments.models import BlockRule, Comment, MailChoice

# --- The walk ---------------------------------------------------------------------------------


def test_every_constraint_has_its_sentence(admin_user):
    found = walk(admin_user)
    for name, sentence in sorted(found.items()):
        reason = BY_CODE_ALONE.get(name)
        print(f"{name}: {sentence or f'– {reason}'}")
    said = [sentence for sentence in found.values() if sentence and not sentence.startswith("–")]
    print(f"{len(found)} constraints, {len(said)} with a sentence, the others met by no form")
    missing = {name for name, sentence in found.items() if not sentence} - {*BY_CODE_ALONE}
    assert missing == set(), (
        "Give each its sentence: violation_error_message of a constraint, or the unique field's "
        "error_messages; or say in BY_CODE_ALONE why no form can meet it."
    )
    assert {name for name in BY_CODE_ALONE if found.get(name, "")} == set()
    assert {*BY_CODE_ALONE} <= {*found}, "what is gone is taken out of the list"


def test_new_constraint_without_a_sentence_is_found(admin_user, monkeypatch):
    new = models.CheckConstraint(condition=models.Q(words__lt=10**6), name="post_is_short")
    monkeypatch.setattr(Post._meta, "constraints", [*Post._meta.constraints, new])
    assert walk(admin_user)["posts.Post.post_is_short"] is None


def test_models_without_a_form_are_known(admin_user):
    without = {model._meta.label for model in our_models() if not forms_of(model, admin_user)}
    assert without == {*WITHOUT_FORM}


def test_every_admin_explains_what_the_database_refuses():
    others = [
        found
        for found in admin.site._registry.values()
        if not isinstance(found, Explained | ReadOnly)
    ]
    assert others == []


# --- Each at the forms that can meet it -------------------------------------------------------


@pytest.fixture
def other(write):
    """An essay and what stands beside it, with which new ones can collide."""
    post = write("Here first", slug="taken", published_at=on(2026, 3))
    Tag.objects.create(name="Taken", slug="taken")
    BlockRule.objects.create(kind="words", pattern="casino")
    Comment(post=post, kind="pingback", source="https://a.example/", name="A").save()
    return post


def _essay(post, **changes):
    given = {
        "title": "Typed title",
        "body": "Typed words.",
        "slug": "typed",
        "kind": "essay",
        "author": post.author_id,
        "published_at_0": "2026-03-05",
        "published_at_1": "12:00:00",
        "old_addresses-TOTAL_FORMS": 0,
        "old_addresses-INITIAL_FORMS": 0,
    }
    return given | changes


def _comment(post, **changes):
    given = {"post": post.pk, "kind": "comment", "status": "pending", "body": "Typed words."}
    return given | {"created_at_0": "2026-03-05", "created_at_1": "12:00:00"} | changes


def _mention(post, **changes):
    given = _comment(post, kind="pingback", source="https://b.example/", title="B", body="")
    return given | changes


def _tag(post, **changes):
    return {"name": "Typed words.", "slug": "typed"} | changes


def _rule(post, **changes):
    given = {"kind": "words", "pattern": "typed", "outcome": "pending", "note": "Typed words."}
    return given | changes


def _user(post, **changes):
    given = {"username": "typed", "usable_password": "false"}
    return given | {"password1": "", "password2": ""} | changes


def _group(post, **changes):
    return {"name": "Typed words."} | changes


ADD = {
    _essay: "/admin/posts/post/add/",
    _comment: "/admin/comments/comment/add/",
    _mention: "/admin/comments/comment/add/",
    _tag: "/admin/posts/tag/add/",
    _rule: "/admin/comments/blockrule/add/",
    _user: "/admin/auth/user/add/",
    _group: "/admin/auth/group/add/",
}
# What is sent, and the constraint that refuses it. Where the sentence is not the constraint's own,
# a form of ours finds it first and says more.
BROKEN = [
    (_essay, {"slug": "taken"}, "posts.Post.path"),
    (_tag, {"slug": "taken"}, "posts.Tag.slug"),
    (_rule, {"pattern": "casino"}, "comments.BlockRule.block_rule_once"),
    (_mention, {"source": ""}, "comments.Comment.comment_source_iff_linkback"),
    (_comment, {"title": "T"}, "comments.Comment.comment_source_iff_linkback"),
    (_mention, {"source": "https://a.example/"}, "comments.Comment.comment_source_once_per_post"),
    (_user, {"username": "ines"}, "A user with that username already exists."),
    (_group, {"name": "Moderators"}, "Group with this Name already exists."),
]


def send(client, make, post, **changes):
    client.raise_request_exception = True
    return client.post(ADD[make], make(post, **changes))


def rows():
    found = [Post, Tag, BlockRule, Comment, User, Group]
    return [model.objects.count() for model in found]


@pytest.mark.parametrize("make", ADD)
def test_form_that_breaks_nothing_is_saved(admin_client, other, make):
    assert send(admin_client, make, other).status_code == 302


@pytest.mark.parametrize("looking", [True, False], ids=["form", "database"])
@pytest.mark.parametrize(
    ("make", "changes", "name"), BROKEN, ids=lambda value: getattr(value, "__name__", None)
)
def test_form_says_what_it_broke(
    admin_client, admin_user, other, make, changes, name, looking, monkeypatch
):
    """The form finds it; or, where another request was first, the database."""
    if not looking:
        for check in ("full_clean", "clean", "validate_unique", "validate_constraints"):
            monkeypatch.setattr(models.Model, check, lambda *args, **kwargs: None)
        monkeypatch.setattr(Post, "clean", lambda post: None)
        monkeypatch.setattr(Comment, "clean", lambda comment: None)
        if make is _user:
            monkeypatch.setattr(
                "django.contrib.auth.forms.UserCreationForm.clean_username", name_of
            )
    sentence = walk(admin_user).get(name, name)
    before = rows()
    answer = send(admin_client, make, other, **changes)
    assert answer.status_code == 200
    assert sentence in unescaped(answer)
    assert rows() == before
    for value in make(other, **changes).values():
        assert str(value) in unescaped(answer)


def name_of(form):
    return form.cleaned_data["username"]


def unescaped(answer):
    return answer.content.decode().replace("&quot;", '"').replace("&#x27;", "'")


@pytest.mark.parametrize("make", ADD)
def test_empty_and_too_long_fields_are_said(admin_client, admin_user, other, make):
    given = make(other)
    model = admin.site._registry[model_at(ADD[make])].model
    form = forms_of(model, admin_user)[0]
    for name, field in form.base_fields.items():
        if field.required and given.get(name):
            answer = admin_client.post(ADD[make], given | {name: ""})
            assert "This field is required." in answer.text, name
        if getattr(field, "max_length", None) and name in given:
            answer = admin_client.post(ADD[make], given | {name: "x" * (field.max_length + 1)})
            assert re.search("errorlist[^>]*><li>[^<]{15}", answer.text), name


def model_at(path):
    return apps.get_model(*path.split("/")[2:4])


def test_image_that_came_twice_at_once_is_said(admin_client, monkeypatch):
    def picture():
        file = BytesIO()
        Pixels.new("RGB", (2, 2)).save(file, "PNG")
        file.seek(0)
        file.name = "quince.png"
        return {"file": file, "alt": "Typed words."}

    assert admin_client.post("/admin/posts/image/add/", picture()).status_code == 302
    monkeypatch.setattr("django.db.models.query.QuerySet.first", lambda queryset: None)
    monkeypatch.setattr(models.Model, "validate_unique", lambda *args, **kwargs: None)
    answer = admin_client.post("/admin/posts/image/add/", picture())
    assert "This picture is here already. Look for it under Pictures." in answer.text
    assert "Typed words." in answer.text
    assert Image.objects.count() == 1


# --- Deleting, and what was deleted meanwhile -------------------------------------------------


def test_user_with_essays_is_kept_and_named(admin_client, other):
    path = f"/admin/auth/user/{other.author_id}/delete/"
    answer = admin_client.post(path, {"post": "yes"})
    assert answer.status_code == 200
    assert "Here first" in answer.text
    assert get_user_model().objects.filter(pk=other.author_id).exists()


@pytest.mark.parametrize("several", [True, False])
def test_row_needed_meanwhile_is_kept(admin_client, other, several, monkeypatch):
    """The confirmation page was shown before the essay was written."""
    none = ([], {}, set(), [])
    monkeypatch.setattr(
        "blog.accounts.admin.UserAdmin.get_deleted_objects", lambda *args: none, raising=False
    )
    given = {"action": "delete_selected", "_selected_action": [other.author_id], "post": "yes"}
    path = "/admin/auth/user/" if several else f"/admin/auth/user/{other.author_id}/delete/"
    answer = admin_client.post(path, given, follow=True)
    assert "This cannot be deleted: “Here first” still needs it." in answer.text
    assert get_user_model().objects.filter(pk=other.author_id).exists()


def test_choice_that_was_deleted_meanwhile_is_said(admin_client, other):
    answer = send(admin_client, _essay, other, author="999")
    assert "is not one of the available choices" in answer.text
    assert "Typed words." in answer.text


def test_two_choices_of_mail_at_once_are_one(admin_client, admin_user, monkeypatch):
    page = "/admin/comments/mailchoice/"
    admin_client.post(page, {"when": "daily"})
    monkeypatch.setattr(MailChoice, "of", classmethod(lambda cls, user: cls(user=user)))
    assert admin_client.post(page, {"when": "never"}).status_code == 302
    assert MailChoice.objects.get().when == "never"


def test_rules_proposed_twice_at_once_are_said(admin_client, other, say, monkeypatch):
    comment = say(other, email="eve@example.org", address="192.0.2.7", network="192.0.2.0/24")
    BlockRule.objects.create(kind="network", pattern="192.0.2.0/24")
    monkeypatch.setattr(BlockRule, "full_clean", lambda rule: rule.clean())
    page = f"/admin/comments/blockrule/propose/?of={comment.pk}"
    given = {"rule": ["email:eve@example.org", "network:192.0.2.0/24"]}
    answer = admin_client.post(page, given, follow=True)
    assert "This rule already exists." in answer.text
    assert not BlockRule.objects.filter(kind="email").exists(), "all of them or none"


# --- What each database says ------------------------------------------------------------------


def refusal(change):
    with pytest.raises((IntegrityError, DataError)) as caught, transaction.atomic():
        change()
    return explain(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"path": "2026/03/taken"}, {"slug": ["Another essay already has this address."]}),
        ({"slug": ""}, {"__all__": ["An essay needs a slug, the last part of its address."]}),
        ({"author": None}, {"author": [str(MISSING % {"field": "author"})]}),
        ({"words": -1}, {"__all__": ["Somebody else changed the same thing"]}),
    ],
)
def test_error_of_the_database_becomes_its_sentence(other, write, changes, said):
    post = write()
    error = refusal(lambda: Post.objects.filter(pk=post.pk).update(**changes))
    found = getattr(error, "message_dict", {"__all__": error.messages})
    assert found.keys() == said.keys()
    for field, (sentence,) in said.items():
        assert found[field][0].startswith(sentence)


def test_withdrawn_without_a_date_is_said(write):
    post = write()
    gone = {"withdrawn_at": timezone.now(), "published_at": None}
    error = refusal(lambda: Post.objects.filter(pk=post.pk).update(**gone))
    assert "keeps the date it was published" in error.messages[0]


def test_text_too_long_for_its_column_is_said(other):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes texts of any length")
    error = refusal(lambda: Tag.objects.update(name="x" * 101))
    assert error.messages == [str(TOO_LONG)]


@pytest.mark.django_db(transaction=True)
def test_row_that_is_gone_is_said():
    """Both databases look for it when the transaction ends."""
    error = refusal(lambda: OldAddress.objects.create(path="x", post_id=10**6))
    assert error.messages == [str(GONE)]
