from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext

from comments.models import Comment

# What was put into the trash by mistake is missed within a month, or never.
KEPT_FOR = timedelta(days=30)


class Command(BaseCommand):
    help = "Takes away for good what was put into the trash more than 30 days ago."

    def handle(self, **options):
        count = Comment.objects.empty_trash(timezone.now() - KEPT_FOR)
        said = ngettext(
            "%(count)d comment was taken away for good.",
            "%(count)d comments were taken away for good.",
            count,
        )
        self.stdout.write(said % {"count": count})
