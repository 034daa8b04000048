"""Who mails of this site come from."""

from email.utils import parseaddr

from django.conf import settings

from blog.lib.env import mailbox

from .reading import site


def sender():
    """Return the sender: unless EMAIL_FROM says so, the site under its name of now."""
    if "EMAIL_FROM" in settings.SET_IN_ENVIRONMENT:
        return settings.DEFAULT_FROM_EMAIL
    return mailbox(site().title, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
