from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext

from blog.jobs.slices import delete
from comments.models import AddressUse, Mail, MailAddress
from comments.models.mail import KEEP_SENT
from comments.tasks import try_again


class Command(BaseCommand):
    help = "Retries mails that failed for a day, and deletes mails older than a month."

    def handle(self, **options):
        now = timezone.now()
        count = try_again(now)
        said = ngettext("%(count)d mail is tried again.", "%(count)d mails are tried again.", count)
        self.stdout.write(said % {"count": count})
        count = Mail.objects.forget(now)
        said = ngettext("Forgot %(count)d mail.", "Forgot %(count)d mails.", count)
        self.stdout.write(said % {"count": count})
        # Addresses that were not confirmed in this time are deleted.
        unanswered = MailAddress.objects.filter(confirmed_at=None, refused_at=None)
        lately = now - KEEP_SENT
        unanswered = unanswered.exclude(subscriptions__created_at__gte=lately)
        unasked = Mail.objects.waiting().filter(kind=Mail.Kind.CONFIRM).values("to")
        delete(unanswered.exclude(asked_at__gte=lately).exclude(email__in=unasked))
        AddressUse.objects.forget(now)
