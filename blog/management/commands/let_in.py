from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.accounts.devices import make_link_token
from blog.accounts.models import RecoveryCode


class Command(BaseCommand):
    help = (
        "Prints a link for someone whom failed sign-ins by others keep waiting. For ten minutes it "
        "has the browser that opens it counted by itself; it still asks for the password."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="the account's name")
        parser.add_argument(
            "--without-second-step",
            action="store_true",
            help="also takes the account's second step away, for a lost phone",
        )

        parser.add_argument(
            "--join-again",
            action="store_true",
            help="also forgets who signs in to the account at the provider of OpenID Connect",
        )

    @transaction.atomic
    def handle(self, *, name, without_second_step, join_again, **options):
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(_("No account is called %(name)s.") % {"name": name})
        if without_second_step:
            TOTPDevice.objects.filter(user=user).delete()
            RecoveryCode.objects.filter(user=user).delete()
        if join_again:
            user.identities.all().delete()
        link = reverse("admin:let_in", args=[make_link_token(name)])
        self.stdout.write(f"{settings.SITE_URL}{link}")
