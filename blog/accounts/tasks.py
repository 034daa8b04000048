"""The jobs that mail people about their accounts.

A job is called with numbers alone. Which account somebody meant, if any, only the job finds out, so
a page that asks for a new password takes as long and writes as much whether there is one.
"""

import contextlib

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import get_connection
from django.utils import timezone
from django_tasks import task

from blog.lib.mail_errors import is_nobody_there, mail_error_in_words

from . import letters
from .models import Attempt, Invitation


class NotSent(Exception):
    """The mail server did not take a mail; the message says why and holds no address."""


def deliver(letter):
    """Send a mail; return what the server said if nobody is there, else raise NotSent."""
    server = get_connection()
    try:
        server.open()
        server.send_messages([letter])
    except OSError as error:  # smtplib's errors are OSErrors too
        said = mail_error_in_words(error).replace(letter.to[0], "…")
        if is_nobody_there(error):
            return said
        # `from None`, because the error's own traceback holds the address and would be stored.
        raise NotSent(said) from None
    finally:
        with contextlib.suppress(OSError):
            server.close()
    return ""


@task()
def mail_invitation(number):
    """Mail an invitation, if it is still open and this mail was not sent yet."""
    invited = Invitation.objects.open().filter(pk=number).exclude(email="").first()
    if invited is None or invited.asked_at is None or not settings.MAIL_IS_SET_UP:
        return
    if invited.mailed_at and invited.mailed_at > invited.asked_at:
        return
    try:
        refused = deliver(letters.invitation(invited))
    except NotSent as error:
        invited.record(error=str(error)[:300])
        raise
    if refused:
        invited.record(error=refused[:300])
    else:
        invited.record(mailed_at=timezone.now(), error="")


@task()
def mail_new_passwords(asked, numbers):
    """Mail these accounts a link to set a new password, unless that was done often lately."""
    attempt = Attempt.objects.filter(pk=asked, outcome=Attempt.Outcome.ASKED).first()
    if attempt is None or not numbers or not settings.MAIL_IS_SET_UP:
        return
    if Attempt.objects.mailed_lately(attempt.name):
        return
    people = get_user_model().objects.filter(pk__in=numbers, is_active=True, is_staff=True)
    for user in people.exclude(email="").order_by("pk"):
        deliver(letters.new_password(user))
    attempt.settle(Attempt.Outcome.MAILED)
