"""Which account a person at the provider has here, and what they may do with it.

By issuer and subject once they are joined; before that by verified address alone, once. Who has no
account needs an invitation to that address, or a claim that gives a group.
"""

import logging
import re

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from blog.accounts.arriving import RESERVED
from blog.accounts.models import Invitation
from blog.accounts.owners import LastOwnerError
from blog.markup.names import name_of_person
from blog.net.names import ascii_name

from .models import Identity
from .refused import OTHER_SIGN_IN, Refused
from .tokens import text_of

logger = logging.getLogger(__name__)

CLOSED = _("Your account here is closed. An owner of this site can open it again.")
NOBODY = _(
    "You are signed in at %(provider)s, and have no account here. Ask an owner of this site to "
    "invite the address that %(provider)s knows you by."
)
NOT_VERIFIED = _(
    "%(provider)s does not say that your e-mail address was verified, so no account here can be "
    "joined to it. Verify it there, then sign in once more."
)
SEVERAL = _(
    "Several accounts here have the address that %(provider)s knows you by, so none was joined to "
    "it. An owner of this site can change that."
)
TAKEN = _(
    "The account with your address belongs to somebody else at %(provider)s, so you were not "
    "signed in. An owner of this site can change that."
)
TYPED = _(
    "Your account here has an address that was typed and never verified, so it was not joined. "
    "Have a new password mailed to it first (“Forgot your password?”), then sign in at "
    "%(provider)s."
)
NO_ROLE = _(
    "Nothing that you may do here is left: %(provider)s names no group of yours that has a place "
    "on this site. Ask an owner of it."
)
NO_INVITATION = _(
    "This invitation is not open any more, or is for another address than the one that "
    "%(provider)s knows you by. Ask for a new one."
)
_TO_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
LONGEST_NAME = 150
# Sign-in names that are made here: ASCII alone, so that none looks like somebody else's.
USABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


def address_key(email):
    """Return what is equal for two spellings of one address; "" for what is none.

    Only A to Z lose their case: other letters that look like them make other addresses.
    """
    local, _at, domain = email.strip().rpartition("@")
    domain = ascii_name(domain)
    usable = local and domain and len(email) <= 254 and email.isprintable() and " " not in local
    return f"{local.translate(_TO_LOWER)}@{domain}" if usable else ""


def verified_address(claims):
    """Return the address that the provider says somebody verified; "" without one."""
    email = text_of(claims, "email")
    return email.strip() if claims.get("email_verified") is True and address_key(email) else ""


def values_of(claims, name):
    """Return the values of a claim; a dot leads into it (realm_access.roles), if need be."""
    found = claims
    if name in claims:
        found = claims[name]
    else:
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    found = found if isinstance(found, list) else [found]
    return {str(each).lower() if isinstance(each, bool) else str(each) for each in found}


def holds(claims, rules):
    """Whether one of these pairs of a claim and a value is so."""
    return any(value in values_of(claims, name) for name, value in rules)


def groups_by(claims):
    """Return the groups that claims give by OIDC_ROLES, and those that do not exist here."""
    names = {group for group, *rule in settings.OIDC_ROLES if holds(claims, [rule])}
    groups = list(Group.objects.filter(name__in=names))
    for name in names - {group.name for group in groups}:
        logger.warning("OpenID Connect: OIDC_ROLES names the group %r, which is not here", name)
    return groups


def admitted(claims, invitation=""):
    """Return who these claims are of, joined to an account that is made if need be; or Refused."""
    try:
        with transaction.atomic():
            identity = known(claims) or joined(claims, invitation)
            follow(identity, claims)
    except IntegrityError as error:
        # The same person a moment ago, in another window.
        raise Refused(OTHER_SIGN_IN, "somebody was joined at the same moment", 409) from error
    # Looked at when what claims took is taken.
    user = get_user_model().objects.get(pk=identity.user_id)
    if settings.OIDC_ROLES and not (user.is_superuser or user.get_all_permissions()):
        raise Refused(NO_ROLE, f"account {user.pk} may do nothing here")
    return identity


def known(claims):
    """Return the identity by issuer and subject; an address plays no part."""
    same = Identity.objects.filter(issuer=settings.OIDC_ISSUER, subject=claims["sub"])
    identity = same.select_related("user").first()
    if identity:
        refuse_closed(identity.user)
    return identity


def refuse_closed(user):
    if not (user.is_active and user.is_staff):
        raise Refused(CLOSED, f"account {user.pk} is closed")


def joined(claims, invitation):
    """Join somebody who comes for the first time to an account, or make one; raises Refused."""
    address = verified_address(claims)
    user = account_at(address) if address else None
    if user:
        refuse_closed(user)
        if Identity.objects.filter(issuer=settings.OIDC_ISSUER, user=user).exists():
            raise Refused(TAKEN, f"account {user.pk} is joined to somebody else already")
        if Invitation.objects.typed_by(user).exists():
            raise Refused(TYPED, f"the address of account {user.pk} was typed, and never verified")
        logger.info("OpenID Connect: account %s is joined by its address", user.pk)
    else:
        user = made(claims, address, invitation)
    return Identity.objects.create(user=user, issuer=settings.OIDC_ISSUER, subject=claims["sub"])


def account_at(address):
    """Return the account that has this address, None without one; raises Refused for several."""
    key = address_key(address)
    people = get_user_model().objects.exclude(email="").only("pk", "email")
    found = [user.pk for user in people if address_key(user.email) == key]
    if len(found) > 1:
        raise Refused(SEVERAL, f"accounts {', '.join(map(str, found))} have one address")
    return get_user_model().objects.get(pk=found[0]) if found else None


def made(claims, address, token):
    """Make an account for who was invited, or has a group by claim; raises Refused."""
    invited = invitation_for(address, token)
    if invited is None and not groups_by(claims):
        email = text_of(claims, "email")
        said = NOBODY if address or not email else NOT_VERIFIED
        raise Refused(said, "nobody invited them, and no claim gives a group")
    user = get_user_model()(
        username=username_for(claims, address),
        first_name=name_in(claims),
        email=address or (invited.email if invited else ""),
        is_staff=True,
    )
    user.set_unusable_password()
    user.save()
    if invited:
        if not invited.use(user):
            raise Refused(NO_INVITATION, f"invitation {invited.pk} was used meanwhile", 410)
        user.groups.set(invited.groups.all())
        if address:  # which is verified
            Invitation.objects.typed_by(user).update(email=address)
    by = f"invitation {invited.pk}" if invited else "a claim"
    logger.info("OpenID Connect: account %s is made, by %s", user.pk, by)
    return user


def invitation_for(address, token):
    """Return the open invitation that somebody opened, or that is for their address.

    One that names an address is for that address alone, even by its link.
    """
    key = address_key(address)
    if token:
        invited = Invitation.objects.by_token(token)
        usable = invited and invited.is_open and invited.is_given
        if not usable or (invited.email and address_key(invited.email) != key):
            raise Refused(NO_INVITATION, "the invitation is not open, or for another address", 410)
        return invited
    for invited in Invitation.objects.open().exclude(email="").order_by("-pk"):
        if key and address_key(invited.email) == key and invited.is_given:
            return invited
    return None


def name_in(claims):
    """Return the name that readers are to see; an empty one can be filled in on *Your page*."""
    name = claims.get("name") if isinstance(claims.get("name"), str) else ""
    return name_of_person(name[:500])[:LONGEST_NAME]


def username_for(claims, address):
    """Return a sign-in name that is free and is not the site's own voice."""
    wanted = text_of(claims, "preferred_username").partition("@")[0] or address.partition("@")[0]
    if not USABLE.fullmatch(wanted):
        wanted = "person"
    people = get_user_model().objects
    for number in range(1, 1000):
        name = wanted if number == 1 else f"{wanted}{number}"
        taken = people.filter(username__iexact=name).exists()
        if not taken and name.casefold() not in RESERVED:
            return name
    raise Refused(NOBODY, "no sign-in name was free", 409)


def follow(identity, claims):
    """Give the groups that claims give now, and take those that only they gave before.

    What an owner gave here stays until an owner takes it. The last owner stays one.
    """
    user = identity.user
    given = {group.name: group for group in groups_by(claims)}
    gone = set(identity.given) - set(given)
    held = set(user.groups.values_list("name", flat=True))
    if new := [group for name, group in given.items() if name not in held]:
        user.groups.add(*new)
        said = ", ".join(sorted(group.name for group in new))
        logger.info("OpenID Connect: account %s is put into %s by a claim", user.pk, said)
    kept = [name for name in sorted(gone & held) if not taken(user, name)]
    identity.given = sorted([*given, *kept])
    identity.save(update_fields=["given"])


def taken(user, name):
    """Take somebody out of a group; return whether it was done, which the last owner prevents."""
    try:
        with transaction.atomic():
            user.groups.remove(*Group.objects.filter(name=name))
    except LastOwnerError:
        why = "OpenID Connect: account %s stays in %s, as the site's last owner"
        logger.warning(why, user.pk, name)
        return False
    logger.info("OpenID Connect: account %s is taken out of %s: no claim gives it", user.pk, name)
    return True
