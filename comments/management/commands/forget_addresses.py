from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext

from comments.models import Comment, DraftNote, RateEvent


class Command(BaseCommand):
    help = (
        "Forgets the network addresses of comments older than COMMENT_ADDRESS_DAYS, and the keys of"
        " browsers after 180 days."
    )

    def handle(self, **options):
        count = Comment.objects.forget_addresses()
        said = ngettext("Forgot %(count)d address.", "Forgot %(count)d addresses.", count)
        self.stdout.write(said % {"count": count})
        DraftNote.objects.forget_addresses()
        RateEvent.objects.forget(timezone.now())
        count = Comment.objects.forget_browsers() + DraftNote.objects.forget_browsers()
        if count:
            said = ngettext("Forgot %(count)d browser.", "Forgot %(count)d browsers.", count)
            self.stdout.write(said % {"count": count})
