from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext

from comments.models import Comment

# Long enough to notice that a comment was put into the trash by mistake.
KEPT_FOR = timedelta(days=30)


class Command(BaseCommand):
    help = "Deletes for good the comments that were put into the trash more than 30 days ago."

    def handle(self, **options):
        count = Comment.objects.empty_trash(timezone.now() - KEPT_FOR)
        said = ngettext(
            "%(count)d comment was deleted for good.",
            "%(count)d comments were deleted for good.",
            count,
        )
        self.stdout.write(said % {"count": count})
