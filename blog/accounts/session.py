"""From a password or a passkey to a session, with the second step between where there is one.

Nobody is signed in before both steps are done, so nothing else on the site has to ask for the
second. Between them the session holds who is half way in, for ten minutes.
"""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model, login
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import devices_for_user, user_has_device

from blog.lib.figures import figure

from .devices import remember_device
from .models import Attempt, RecoveryCode

# The session's keys: who gave a password and no code yet, and whether a second step was taken.
HALF_WAY, TOOK_SECOND_STEP = "half_way", "took_second_step"
HALF_WAY_AGE = 600  # seconds
# Of a session begun at the provider (oidc/views.py): whose, and where that is ended there.
SIGNED_IN_BY = "signed_in_by"

careful = (sensitive_post_parameters(), csrf_protect, never_cache)


def begin_session(request, user, attempt, onward):
    """Sign in a person who gave a right password, or ask for the second step before."""
    if not (user_has_device(user) or settings.STAFF_SECOND_STEP == "required"):
        return let_in(request, user, attempt, onward)
    request.session.flush()
    request.session[HALF_WAY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "attempt": attempt.pk if attempt else None,
        "next": onward,
        "at": int(time.time()),
    }
    page = "second_step" if user_has_device(user) else "set_up_second_step"
    return redirect(f"admin:{page}")


def half_way(request):
    """Return who gave the right password here lately, and what is known of it; else two None."""
    half = request.session.get(HALF_WAY)
    if not half or time.time() - half["at"] > HALF_WAY_AGE:
        return None, None
    user = get_user_model().objects.filter(pk=half["user"], is_active=True, is_staff=True).first()
    if user is None or user.get_session_auth_hash() != half["hash"]:
        return None, None
    return user, half


def arrive(request, user, half):
    """Sign in a person who gave the right code."""
    attempt = Attempt.objects.filter(pk=half["attempt"]).first()
    request.session.pop(HALF_WAY)
    return let_in(request, user, attempt, half["next"], second_step=True)


def let_in(request, user, attempt, onward, *, second_step=False):
    """Begin a session, and say so if someone else seems to know the password."""
    request.session.pop(HALF_WAY, None)  # somebody else's, where a passkey came after a password
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[TOOK_SECOND_STEP] = second_step
    if attempt:
        if stopped := attempt.stopped_lately():
            said = ngettext(
                "Since you last signed in, someone typed your right password %(count)s time and "
                "went no further. If that was not you, change it.",
                "Since you last signed in, someone typed your right password %(count)s times and "
                "went no further. If that was not you, change it.",
                stopped,
            )
            messages.warning(request, said % {"count": figure(stopped)})
        attempt.settle(Attempt.Outcome.SUCCEEDED)
    response = HttpResponseRedirect(onward)
    remember_device(request, response, user.get_username())
    return response


def slowed(response, form):
    """Answer 429, with how long to wait, where a form was refused for coming too soon."""
    if form.is_bound and form.wait:
        response.status_code = 429
        response.headers["Retry-After"] = str(form.wait)
    return response


def may_lose(user, device):
    """Return whether an account may do without this second step, having others or needing none.

    A passkey of an address that the site had before is none that anybody can take.
    """
    if settings.STAFF_SECOND_STEP != "required":
        return True
    others = (each for each in devices_for_user(user) if each != device)
    return any(getattr(each, "is_of_here", True) for each in others)


def note(user, said):
    """Write into the history of an account what its own person changed."""
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, said, single_object=True)


def take_second_steps(user):
    """Take every second step from an account: the app, the passkeys and the recovery codes."""
    for device in devices_for_user(user, confirmed=None):
        device.delete()
    RecoveryCode.objects.filter(user=user).delete()
