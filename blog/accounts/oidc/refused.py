"""Why nobody is signed in: a sentence for the page, and a reason for the log."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

AWAY = _(
    "%(provider)s cannot be asked now, so nobody was signed in. Try again in a minute. If it goes "
    "on, an owner of this site finds the reason in its log."
)
NOT_USABLE = _(
    "What %(provider)s answered cannot be used, so nobody was signed in. An owner of this site "
    "finds the reason in its log."
)
NOT_PROVEN = _(
    "The answer does not prove that it comes from %(provider)s and is meant for this site, so "
    "nobody was signed in. Sign in once more. If it goes on, an owner of this site finds the "
    "reason in its log."
)
OTHER_TIME = _(
    "The answer of %(provider)s has run out, or comes from the future, so nobody was signed in. "
    "Sign in once more. If it goes on, a clock is wrong: there or here."
)
TOO_MANY = _(
    "Too many sign-ins failed from this network, so this one was not checked. Try again in an hour."
)
STOPPED_THERE = _("The sign-in at %(provider)s was stopped there, so nobody was signed in.")
OTHER_SIGN_IN = _(
    "This answer does not belong to a sign-in that was begun in this browser in the last ten "
    "minutes, or it was used before. Sign in once more."
)


class Refused(Exception):
    """Nobody is signed in. `said` goes on the page, `why` into the log; neither holds a token."""

    def __init__(self, said: str | Promise, why: str, status: int = 403) -> None:
        super().__init__(why)
        self.said, self.why, self.status = said, why, status

    @property
    def sentence(self) -> str:
        return str(self.said) % {"provider": settings.OIDC_NAME}


def shown(value: object) -> str:
    """Return what somebody else wrote as a log may hold it: short, and on one line."""
    return ascii(value)[:120]
