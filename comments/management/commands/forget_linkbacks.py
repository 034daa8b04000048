from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext

from comments.models import Linkback


class Command(BaseCommand):
    help = "Forgets pingbacks and webmentions that were rejected more than a day ago."

    def handle(self, **options):
        count = Linkback.objects.forget(timezone.now())
        said = ngettext("Forgot %(count)d linkback.", "Forgot %(count)d linkbacks.", count)
        self.stdout.write(said % {"count": count})
