"""A site keeps an owner: no form, action, deletion or statement takes the last one away."""

import threading

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, connections, transaction

from blog.accounts.owners import LAST_OWNER, LastOwnerError, owners
from blog.accounts.roles import OWNERS
from blog.accounts.trigger import keep_trigger

pytestmark = pytest.mark.django_db

User = get_user_model()


def make_owner(name):
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=OWNERS))
    return user


@pytest.fixture
def olga(db):
    return make_owner("olga")


def refused(act):
    """Whether the database or its models refuse an act."""
    try:
        with transaction.atomic():
            act()
    except IntegrityError:
        return True
    return False


def acts_on(user):
    """Yield every way to take the site from an owner in a group."""
    group, everybody = Group.objects.get(name=OWNERS), User.objects.filter(pk=user.pk)
    yield lambda: everybody.update(is_active=False)
    yield lambda: everybody.update(is_staff=False)
    yield user.delete
    yield everybody.delete
    yield User.objects.filter(is_active=True).delete
    yield user.groups.clear
    yield lambda: user.groups.remove(group)
    yield lambda: user.groups.set([])
    yield group.user_set.clear
    yield lambda: group.user_set.remove(user)
    yield lambda: group.user_set.set([])
    yield group.delete
    yield Group.objects.filter(name=OWNERS).delete
    yield lambda: Group(pk=group.pk, name="Former").save()


def test_nothing_takes_the_last_owner_away(olga):
    User.objects.create_user("writer", is_staff=True)
    for number, act in enumerate(acts_on(olga)):
        assert refused(act), number
    assert [*owners()] == [olga]


def test_superuser_who_is_the_last_owner_stays_one(admin_user):
    everybody = User.objects.filter(pk=admin_user.pk)
    for name in ("is_active", "is_staff", "is_superuser"):
        assert refused(lambda name=name: everybody.update(**{name: False})), name
    assert refused(admin_user.delete)
    everybody.update(last_login=None, is_active=True)


def test_one_of_two_owners_goes_by_any_way(olga, admin_user):
    ways = len([*acts_on(olga)])
    for number in range(ways):
        with transaction.atomic():
            olga.groups.add(Group.objects.get_or_create(name=OWNERS)[0])
            assert not refused([*acts_on(olga)][number]) or number == 4  # that one deletes both
            transaction.set_rollback(True)
        olga = User.objects.get(username="olga")


def test_people_who_never_owned_it_come_and_go(olga):
    user = User.objects.create_user("writer", is_staff=True)
    user.groups.add(Group.objects.get(name="Authors"))
    user.groups.clear()
    user.is_active = False
    user.save()
    user.delete()


def test_forms_say_why(client, admin_user):
    client.force_login(admin_user)
    where = f"/admin/auth/user/{admin_user.pk}/"
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    given = {"username": "admin", "is_staff": "on", "is_superuser": "on", "is_active": "on"}
    for missing in ("is_staff", "is_superuser", "is_active"):
        form = {name: value for name, value in (given | dates).items() if name != missing}
        page = client.post(f"{where}change/", form | started_from(client, where))
        assert str(LAST_OWNER) in page.text, missing
    assert str(LAST_OWNER) in client.post(f"{where}delete/", {"post": "yes"}, follow=True).text
    chosen = {"action": "delete_selected", "_selected_action": [admin_user.pk], "post": "yes"}
    assert str(LAST_OWNER) in client.post("/admin/auth/user/", chosen, follow=True).text
    unset = {"usable_password": "false", "unset-password": "1"}
    assert str(LAST_OWNER) in client.post(f"{where}password/", unset).text
    assert [*owners()] == [admin_user]


def started_from(client, where):
    page = client.get(f"{where}change/")
    return {"started_from": page.context["adminform"].form.initial["started_from"]}


def test_last_owner_by_group_keeps_the_box(client, olga):
    client.force_login(olga)
    where = f"/admin/auth/user/{olga.pk}/"
    given = {"username": "olga", "is_active": "on"} | started_from(client, where)
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    assert str(LAST_OWNER) in client.post(f"{where}change/", given | dates).text
    assert [*owners()] == [olga]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite makes tables again")
def test_trigger_comes_back_after_the_table_was_made_again(olga):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER accounts_last_owner")
    keep_trigger(using="default")
    assert refused(lambda: User.objects.filter(pk=olga.pk).update(is_active=False))


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_let_each_other_go_at_once():
    """Both begin before either has ended; one of them is refused, whatever each does."""
    for first, second in (("update", "update"), ("update", "delete"), ("delete", "leave")):
        User.objects.all().update(is_superuser=True, is_active=True, is_staff=True)
        people = [make_owner(f"{name}-{first}-{second}") for name in ("anna", "bert")]
        User.objects.exclude(pk__in=[user.pk for user in people]).delete()
        outcomes = at_once(
            [way(user, act) for user, act in zip(people, (first, second), strict=True)]
        )
        assert sorted(outcomes) == ["done", "refused"], (first, second)
        assert owners().count() == 1


def way(user, act):
    return {
        "update": lambda: User.objects.filter(pk=user.pk).update(is_active=False),
        "delete": lambda: User.objects.filter(pk=user.pk).delete(),
        "leave": lambda: user.groups.clear(),
    }[act]


def at_once(acts):
    """Do these in two transactions that both are open before the first act; return the outcomes."""
    both, outcomes = threading.Barrier(len(acts), timeout=20), []

    def do(act):
        try:
            if connection.vendor == "postgresql":
                with transaction.atomic():
                    both.wait()
                    act()
            else:  # has one writer at a time
                both.wait()
                with transaction.atomic():
                    act()
            outcomes.append("done")
        except (IntegrityError, LastOwnerError):
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
