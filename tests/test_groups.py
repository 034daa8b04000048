"""What somebody may do is chosen on their page: a box for each group, with a sentence."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from blog.accounts.roles import SENTENCES, groups_given_by

pytestmark = pytest.mark.django_db

User = get_user_model()


@pytest.fixture
def nora(db):
    return User.objects.create_user("nora")


def group(name):
    return Group.objects.get(name=name)


def client_of(name, *groups):
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set(map(group, groups))
    client = Client()
    client.force_login(user)
    return client


def save(client, user, **changes):
    where = f"/admin/auth/user/{user.pk}/change/"
    page = client.get(where)
    started = page.context["adminform"].form.initial["started_from"]
    given = {"username": user.username, "is_active": "on", "started_from": started}
    return client.post(where, given | changes)


def test_page_has_a_box_and_a_sentence_for_each(admin_client, nora):
    page = admin_client.get(f"/admin/auth/user/{nora.pk}/change/").text
    for sentence in SENTENCES.values():
        assert str(sentence) in page
    boxes = page.count('type="checkbox" name="groups"')
    assert boxes == Group.objects.count() == 4
    assert page.index("Owner</b>") < page.index("Editor</b>") < page.index("Author</b>")
    owners = client_of("olga", "Owners").get(f"/admin/auth/user/{nora.pk}/change/").text
    assert "user_permissions" not in owners


def test_ticked_box_lets_somebody_in(admin_client, nora):
    for client in (admin_client, client_of("olga", "Owners")):
        User.objects.filter(pk=nora.pk).update(is_staff=False)
        nora.groups.clear()
        save(client, nora, groups=[group("Authors").pk])
        nora.refresh_from_db()
        assert nora.is_staff
        assert [*nora.groups.all()] == [group("Authors")]


def test_superuser_may_keep_somebody_out_whatever_the_groups(admin_client, nora):
    User.objects.filter(pk=nora.pk).update(is_staff=True)
    save(admin_client, nora, groups=[group("Authors").pk])
    nora.refresh_from_db()
    assert not nora.is_staff


def test_nobody_gives_a_group_that_may_more(nora):
    stronger = Group.objects.create(name="Keepers")
    stronger.permissions.add(Permission.objects.get(codename="change_group"))
    nora.groups.add(stronger)
    olga = client_of("olga", "Owners")
    assert "Keepers" not in olga.get(f"/admin/auth/user/{nora.pk}/change/").text
    save(olga, nora, groups=[stronger.pk, group("Authors").pk])
    assert [*nora.groups.all()] == [stronger]  # the form was refused
    save(olga, nora, groups=[group("Authors").pk])
    assert {*nora.groups.all()} == {stronger, group("Authors")}  # hers stay, though not shown


def test_each_group_gives_what_stands_in_it():
    for name, given in (("Owners", 4), ("Editors", 2), ("Authors", 1), ("Moderators", 1)):
        client_of(name.lower(), name)
        user = User.objects.get(username=name.lower())
        assert groups_given_by(user).filter(name__in=SENTENCES).count() == given, name


def test_groups_from_the_start_keep_name_and_place(admin_client):
    for name in SENTENCES:
        where = f"/admin/auth/group/{group(name).pk}/"
        assert 'name="name"' not in admin_client.get(f"{where}change/").text
        assert admin_client.post(f"{where}delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [group("Authors").pk], "post": "yes"}
    admin_client.post("/admin/auth/group/", chosen)
    assert Group.objects.filter(name__in=SENTENCES).count() == 4
