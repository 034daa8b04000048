"""How the admin says that something does not run as it should."""

from datetime import timedelta

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.jobs.models import FAILED, SILENT, Job, Sign
from blog.lib.figures import ago, figure
from blog.lib.listing import sentences
from blog.lib.whereabouts import COMMAND

register = template.Library()

# Jobs that are counted at most.
COUNTED = 1000


@register.simple_tag
def upkeep():
    """Return when the last backup was made and how many jobs wait, in words (two queries)."""
    now = timezone.now()
    backup = Sign.objects.filter(name=Sign.BACKUP).values_list("seen_at", flat=True).first()
    said = _("No backup was made yet.")
    if backup:
        day = timezone.localtime(backup)
        is_today = day.date() == timezone.localdate(now)
        when = date_format(day, "TIME_FORMAT" if is_today else "DATETIME_FORMAT")
        said = _("Last backup today at %(time)s.") if is_today else _("Last backup on %(date)s.")
        said %= {"time": when, "date": when}
    waiting = Job.objects.due(now).order_by().values("pk")[: COUNTED + 1].count()
    if not waiting:
        return sentences([said, _("No job waits.")])
    if waiting > COUNTED:
        return sentences([said, _("More than a thousand jobs wait.")])
    jobs = ngettext("%(count)s job waits.", "%(count)s jobs wait.", waiting)
    return sentences([said, jobs % {"count": figure(waiting)}])


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
        said = _("The worker last ran %(ago)s, so nothing is mailed, fetched or learned.")
        found.append((said % {"ago": ago(abs(now - worker), least=2)}, jobs))
    if failed := Job.objects.filter(status=FAILED).count():
        said = ngettext("%(count)s job failed for good.", "%(count)s jobs failed for good.", failed)
        found.append((said % {"count": figure(failed)}, f"{jobs}?status={FAILED}"))
    old = now - timedelta(days=settings.BACKUP_DAYS)
    if settings.BACKUP_DAYS and (backup or user.date_joined) < old:
        said = _("No backup was ever made: %(command)s backup makes one.")
        if backup:
            said = _("The newest backup was made %(ago)s: %(command)s backup makes another.")
        said %= {"ago": backup and ago(now - backup, least=2), "command": COMMAND}
        found.append((said, ""))
    return found
