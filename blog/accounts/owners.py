"""A site always has an owner: somebody who may sign in to the admin and do everything there.

What an update would take from the last one, a trigger refuses (migrations/0003), from anywhere.
What a deletion or a change of groups would, is refused here, in its own transaction. All of these
take turns by one lock, so that two owners cannot each let the other one go at the same moment.
"""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.signals import m2m_changed, pre_delete, pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from blog.lib.constraints import OF_TRIGGERS

from .roles import OWNERS

# What the trigger calls itself, and the number of the lock that it takes in PostgreSQL.
RULE, LOCK = "last_owner", 7_305_011
LAST_OWNER = _(
    "This is the last owner of the site, so nothing was changed. Make somebody else an owner first."
)
OF_TRIGGERS[RULE] = LAST_OWNER


class LastOwnerError(IntegrityError):
    """Refused, as nobody would be left to run the site."""

    def __init__(self):
        # As the trigger says it on SQLite.
        super().__init__(f"CHECK constraint failed: {RULE}")


def owners():
    """Return the people who may sign in and run the site."""
    member = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=OWNERS)
    may = Q(is_superuser=True) | Exists(member)
    return get_user_model().objects.filter(may, is_active=True, is_staff=True).order_by("pk")


def is_last_owner(user):
    """Whether nobody would run the site without this person."""
    found = list(owners().values_list("pk", flat=True)[:2])
    return found == [user.pk]


def wait_for_turn():
    """Let no other transaction change who owns the site until this one ends.

    SQLite has one that writes at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def refuse_without(leaving):
    """Raise if among the owners there are some who leave, and no others."""
    wait_for_turn()
    found = set(owners().values_list("pk", flat=True))
    if found and not found - set(leaving):
        raise LastOwnerError


@receiver(pre_delete, sender=User, dispatch_uid="accounts.last_owner")
def keep_an_owner(instance, origin=None, **kwargs):
    """Refuse to delete the last one, also together with the others."""
    together = getattr(origin, "model", None) is User
    refuse_without(origin.values_list("pk", flat=True) if together else [instance.pk])


def owners_by_group_alone():
    return owners().filter(is_superuser=False)


@receiver(m2m_changed, sender=User.groups.through, dispatch_uid="accounts.last_owner")
def keep_an_owner_in_the_group(instance, action, reverse, pk_set, **kwargs):
    if action not in ("pre_remove", "pre_clear"):
        return
    group = Group.objects.filter(name=OWNERS).first()
    if group is None:
        return
    if reverse:  # people are taken out of a group
        if instance.pk == group.pk:
            alone = owners_by_group_alone().values_list("pk", flat=True)
            refuse_without({*alone} & pk_set if pk_set else alone)
    elif (pk_set is None or group.pk in pk_set) and not instance.is_superuser:
        refuse_without([instance.pk])


@receiver(pre_delete, sender=Group, dispatch_uid="accounts.last_owner")
def keep_the_group(instance, **kwargs):
    if instance.name == OWNERS:
        refuse_without(owners_by_group_alone().values_list("pk", flat=True))


@receiver(pre_save, sender=Group, dispatch_uid="accounts.last_owner")
def keep_the_groups_name(instance, raw=False, **kwargs):
    """Refuse another name for it where people own the site by being in it."""
    named = not raw and instance.pk and instance.name != OWNERS
    if named and Group.objects.filter(pk=instance.pk, name=OWNERS).exists():
        refuse_without(owners_by_group_alone().values_list("pk", flat=True))
