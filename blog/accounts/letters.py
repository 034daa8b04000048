"""The mails about accounts: an invitation, and a link to set a new password.

They are written when they are sent, so no secret link waits in a job or a row.
"""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.http import base36_to_int
from django.utils.translation import gettext as _

from blog.lib.base_path import home
from blog.lib.languages import in_site_language
from blog.lib.listing import listed
from blog.markup import one_line
from blog.markup.direction import isolated
from blog.site.reading import site
from blog.site.sender import sender
from blog.web.staff_language import language_of

from .roles import called, in_order

# That the link in a mail works by which somebody sets a new password.
HOURS = 3


class NewPasswordTokens(PasswordResetTokenGenerator):
    """Proofs that work until the password, the address or the last sign-in is another."""

    key_salt = "accounts.new_password"

    def check_token(self, user, token):
        if not super().check_token(user, token):
            return False
        made = base36_to_int(token.partition("-")[0])
        return self._num_seconds(self._now()) - made <= HOURS * 3600


tokens = NewPasswordTokens()


def name_of(user):
    return one_line(user.get_full_name() or user.get_username().partition("@")[0])


def compose(kind, to, subject, context):
    language = translation.get_language()
    context |= {
        "site_title": site().title,
        "home": home(),
        "language": language,
        "subject": subject,
        "host": home().partition("://")[2],
    }
    message = EmailMultiAlternatives(
        subject=one_line(subject),
        body=render_to_string(f"mail/{kind}.txt", context).strip() + "\n",
        from_email=sender(),
        to=[to],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": language},
    )
    message.attach_alternative(render_to_string(f"mail/{kind}.html", context), "text/html")
    return message


@in_site_language
def invitation(invited):
    """Return the mail that brings somebody the link of their invitation."""
    roles = [str(called(group)) for group in in_order(invited.groups.all())]
    context = {
        "link": invited.link,
        "by": isolated(name_of(invited.by)) if invited.by else "",
        "roles": listed(roles),
        "until": invited.expires_at,
    }
    title = isolated(one_line(site().title))
    subject = _("You are invited to %(site)s") % {"site": title}
    return compose("invitation", invited.email, subject, context)


def new_password(user):
    """Return the mail that brings somebody a link to set a new password."""
    token = f"{user.pk}.{tokens.make_token(user)}"
    context = {
        "link": settings.SITE_URL + reverse("admin:new_password", args=[token]),
        "name": user.get_username(),
        "hours": HOURS,
    }
    title = isolated(one_line(site().title))
    with translation.override(language_of(user)):
        subject = _("A new password for %(site)s") % {"site": title}
        return compose("new_password", user.email, subject, context)
