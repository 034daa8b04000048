"""Admin forms overwrite nothing that was saved after they were shown, unless asked once more."""

import html
import re

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog.lib.adminforms import STARTED_FROM, Explained
from blog.lib.readonly import ReadOnly
from blog.posts.models import Image, Post, Recording, Tag
from comments.models import BlockRule, Comment

pytestmark = pytest.mark.django_db
SAID = "Somebody saved this after you opened it"


def tag():
    return Tag.objects.create(name="Tools", slug="tools")


def image():
    return Image.objects.create(file=f"{'0' * 32}-1x1.png", alt="A leaf", width=1, height=1)


def sound():
    return Recording.objects.create(file=f"{'0' * 32}.mp3", title="Rain", bytes=1)


def rule():
    return BlockRule.objects.create(kind="words", pattern="casino", note="An old note.")


def group():
    return Group.objects.create(name="Helpers")


def change(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def fields_of(page):
    """Return what the form on a page would send."""
    form = page.context["adminform"].form
    given = {form.add_prefix(name): form[name].value() for name in form.fields}
    return {name: value for name, value in given.items() if value not in (None, False, [])}


# For each form: a row, what one person types, and what another saved meanwhile.
FORMS = {
    "tag": (tag, {"name": "My tools"}, {"name": "Their tools"}),
    "image": (image, {"alt": "A leaf of mine"}, {"alt": "A leaf of theirs"}),
    "rule": (rule, {"note": "My note."}, {"note": "Their note."}),
    "group": (group, {"name": "My group"}, {"name": "Their group"}),
}


@pytest.fixture(params=FORMS)
def case(request):
    make, mine, theirs = FORMS[request.param]
    return make(), mine, theirs


def save_meanwhile(row, theirs):
    type(row).objects.filter(pk=row.pk).update(**theirs)


def now(row, *names):
    row.refresh_from_db()
    return {name: getattr(row, name) for name in names}


def stored_beside(page):
    """Return what the page says is stored, by its label: the words without those struck out."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page.text, re.DOTALL)
    without = {label: re.sub(r"<del>.*?</del>|</?ins>", "", words) for label, words in found}
    return {label: " ".join(html.unescape(words).split()) for label, words in without.items()}


def test_what_was_saved_meanwhile_is_not_overwritten(admin_client, case):
    row, mine, theirs = case
    given = fields_of(admin_client.get(change(row))) | mine
    save_meanwhile(row, theirs)
    page = admin_client.post(change(row), given)
    assert page.status_code == 200
    assert SAID in page.text
    assert now(row, *theirs) == theirs
    typed, stored = *mine.values(), *theirs.values()
    assert html.escape(typed) in page.text
    assert stored in stored_beside(page).values()


def test_saving_again_overwrites_it(admin_client, case):
    row, mine, theirs = case
    given = fields_of(admin_client.get(change(row))) | mine
    save_meanwhile(row, theirs)
    again = fields_of(admin_client.post(change(row), given))
    assert admin_client.post(change(row), again).status_code == 302
    assert now(row, *mine) == mine


def test_second_change_meanwhile_is_refused_again(admin_client):
    row = tag()
    given = fields_of(admin_client.get(change(row))) | {"name": "Mine"}
    save_meanwhile(row, {"name": "First"})
    again = fields_of(admin_client.post(change(row), given))
    save_meanwhile(row, {"name": "Second"})
    assert SAID in admin_client.post(change(row), again).text
    assert now(row, "name") == {"name": "Second"}


def test_unchanged_row_is_saved(admin_client, case):
    row, mine, _theirs = case
    given = fields_of(admin_client.get(change(row))) | mine
    assert admin_client.post(change(row), given).status_code == 302
    assert now(row, *mine) == mine


def test_same_change_of_both_is_no_collision(admin_client, case):
    row, mine, _theirs = case
    given = fields_of(admin_client.get(change(row))) | mine
    save_meanwhile(row, mine)
    assert admin_client.post(change(row), given).status_code == 302


def test_form_that_does_not_say_is_shown_once_more(admin_client, case):
    row, mine, theirs = case
    given = fields_of(admin_client.get(change(row))) | mine
    save_meanwhile(row, theirs)
    del given[STARTED_FROM]
    page = admin_client.post(change(row), given)
    assert "does not say what it started from" in page.text
    assert now(row, *theirs) == theirs
    assert next(iter(theirs.values())) in stored_beside(page).values()
    assert admin_client.post(change(row), fields_of(page)).status_code == 302
    assert now(row, *mine) == mine


def test_differences_are_marked_and_escaped(admin_client):
    row = tag()
    given = fields_of(admin_client.get(change(row))) | {"name": "My tools"}
    save_meanwhile(row, {"name": "<b> tools"})
    page = admin_client.post(change(row), given).text
    assert "<dd><del>My</del> <ins>&lt;b&gt;</ins> tools</dd>" in page


def test_choices_are_shown_in_words(admin_client):
    row = rule()
    given = fields_of(admin_client.get(change(row)))
    other = next(value for value in BlockRule.Outcome.values if value != row.outcome)
    save_meanwhile(row, {"outcome": other})
    row.refresh_from_db()
    page = admin_client.post(change(row), given)
    assert stored_beside(page) == {"Then": row.get_outcome_display()}


def test_rows_of_others_are_shown_in_words(admin_client):
    row = group()
    given = fields_of(admin_client.get(change(row)))
    row.permissions.set(Permission.objects.filter(codename="add_tag"))
    page = admin_client.post(change(row), given)
    assert stored_beside(page) == {"Permissions": "Essays | tag | Can add tag"}


def test_log_names_only_what_was_changed(admin_client, case):
    row, mine, _theirs = case
    admin_client.post(change(row), fields_of(admin_client.get(change(row))) | mine)
    page = admin_client.get(change(row).replace("change", "history")).text
    assert "started" not in page.lower()


@pytest.mark.parametrize("name", ["tag", "image"])
def test_check_costs_no_query(admin_client, name, monkeypatch):
    row = FORMS[name][0]()

    def asked():
        admin_client.get(change(row))
        with CaptureQueriesContext(connection) as queries:
            given = fields_of(admin_client.get(change(row)))
            admin_client.post(change(row), given)
        return len(queries)

    with_check = asked()
    monkeypatch.setattr(Explained, "compares_rows", False)
    assert with_check == asked()


# --- The walk ---------------------------------------------------------------------------------

# Forms that compare by themselves, with the field that says from which version.
BY_VERSION = {Post: "version", Comment: "version"}


@pytest.fixture
def rows(write, say):
    post = write()
    made = [post, say(post), tag(), image(), sound(), rule(), group()]
    made.append(User.objects.create_user("lou"))
    return {type(row): row for row in made}


def test_every_form_with_text_says_what_it_started_from(admin_client, admin_user, rows):
    looked_at = []
    for model, page in admin.site._registry.items():
        if isinstance(page, ReadOnly):
            continue
        assert model in rows, f"make a row of {model.__name__} for this walk"
        request = RequestFactory().get("/")
        request.user = admin_user
        form = page.get_form(request, rows[model], change=True)
        if not any(isinstance(field, forms.CharField) for field in form.base_fields.values()):
            continue
        name = BY_VERSION.get(model, STARTED_FROM)
        text = admin_client.get(change(rows[model])).text
        found = re.findall(rf'<input[^>]* name="{name}"[^>]*>', text)
        assert len(found) == 1, model
        assert re.search(r'value="[^"]+"', found[0]), model
        looked_at.append(model)
    assert len(looked_at) >= 7
