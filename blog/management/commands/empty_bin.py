from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext

from blog.posts.models import Post
from blog.posts.models.states import BIN_DAYS


class Command(BaseCommand):
    help = f"Deletes for good the drafts that were thrown away more than {BIN_DAYS} days ago."

    def handle(self, **options):
        drafts = Post.objects.binned(timezone.now() - timedelta(days=BIN_DAYS))
        count = drafts.delete()[1].get(Post._meta.label, 0)
        said = ngettext(
            "%(count)d draft was deleted for good.",
            "%(count)d drafts were deleted for good.",
            count,
        )
        self.stdout.write(said % {"count": count})
