from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.accounts.oidc.flow import back_address
from blog.accounts.oidc.provider import provider, turn
from blog.accounts.oidc.refused import Refused
from blog.lib.listing import labelled


class Command(BaseCommand):
    help = (
        "Prints the addresses to enter at a provider of OpenID Connect. Where OIDC_ISSUER is set, "
        "also asks it for its description of itself and its keys, and says what is wrong there."
    )

    def handle(self, **options):
        after = settings.SITE_URL + reverse("admin:login")
        channel = settings.SITE_URL + reverse("oidc_signed_out")
        for said, address in (
            (_("Redirect address"), back_address()),
            (_("Address after signing out"), after),
            (_("Back-channel sign-out"), channel),
        ):
            self.stdout.write(labelled(said, address))
        if not settings.OIDC_ISSUER:
            return
        try:
            with turn() as clock:
                found = len(provider.keys(clock))
        except Refused as refused:
            raise CommandError(refused.why) from refused
        said = ngettext(
            "%(issuer)s answers, with %(count)d key.",
            "%(issuer)s answers, with %(count)d keys.",
            found,
        )
        self.stdout.write(said % {"issuer": settings.OIDC_ISSUER, "count": found})
