"""How the admin says that something does not run as it should."""

from datetime import timedelta

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.jobs.models import FAILED, SILENT, Job, Sign

register = template.Library()


@register.simple_tag
def troubles(user):
    """Return what is amiss, a sentence and the address of more each; [] while all is well.

    Two queries. People who joined more recently than a backup may be old see nothing about backups:
    a new site has none.
    """
    now, jobs = timezone.now(), reverse("admin:jobs_job_changelist")
    found = []
    seen = dict(Sign.objects.values_list("name", "seen_at"))
    worker, backup = seen.get(Sign.WORKER), seen.get(Sign.BACKUP)
    if not worker:
        found.append((_("No worker has ever run, so nothing is mailed, fetched or learned."), jobs))
    elif abs(now - worker) >= SILENT:
        said = _("No worker has run for %s, so nothing is mailed, fetched or learned.")
        found.append((said % timesince(worker, now), jobs))
    if failed := Job.objects.filter(status=FAILED).count():
        said = ngettext("%d job failed for good.", "%d jobs failed for good.", failed) % failed
        found.append((said, f"{jobs}?status={FAILED}"))
    old = now - timedelta(days=settings.BACKUP_DAYS)
    if settings.BACKUP_DAYS and (backup or user.date_joined) < old:
        said = _("No backup was ever made: manage.py backup makes one.")
        if backup:
            said = _("The newest backup is %s old: manage.py backup makes another.")
            said %= timesince(backup, now)
        found.append((said, ""))
    return found
