"""The tag by which the admin warns that mail cannot be sent."""

from datetime import timedelta

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.moments import day_and_time
from comments.models import Mail

register = template.Library()

# If a mail is due for this long and was not tried, no worker runs.
TOO_LONG = timedelta(minutes=10)


@register.simple_tag
def mail_trouble():
    """Return how many mails wait, why and since when; "" while all is well (two queries)."""
    if not settings.MAIL_IS_SET_UP:
        return ""
    failing = Mail.objects.failing()
    if first := failing.first():
        said, since, count = failing.latest("failed_at").error, first.failed_at, failing.count()
    else:
        due = Mail.objects.waiting().filter(due_at__lt=timezone.now() - TOO_LONG)
        if not (first := due.order_by("due_at").first()):
            return ""
        said, since, count = _("no worker takes them"), first.due_at, due.count()
    since = timezone.localtime(since)
    today = since.date() == timezone.localdate()
    if today:
        words = ngettext(
            "%(count)d mail waits: %(why)s since %(time)s.",
            "%(count)d mails wait: %(why)s since %(time)s.",
            count,
        )
    else:
        words = ngettext(
            "%(count)d mail waits: %(why)s since %(day)s.",
            "%(count)d mails wait: %(why)s since %(day)s.",
            count,
        )
    since = {"time": date_format(since, "TIME_FORMAT"), "day": day_and_time(since)}
    return words % ({"count": count, "why": said} | since)
