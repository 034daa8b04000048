from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext

from blog.accounts.models import Attempt, Invitation, UsedChallenge
from blog.posts.models import Presence


class Command(BaseCommand):
    help = (
        "Forgets who tried to sign in, or was invited, more than 30 days ago, and who had an essay "
        "open a day ago; a worker does so daily."
    )

    def handle(self, **options):
        now = timezone.now()
        count = Attempt.objects.forget(now)
        Presence.objects.forget(now)
        Invitation.objects.forget(now)
        UsedChallenge.objects.forget(now)
        said = ngettext(
            "%(count)d sign-in is forgotten.", "%(count)d sign-ins are forgotten.", count
        )
        self.stdout.write(said % {"count": count})
