from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django_tasks_db.models import DBTaskResult, get_date_max

from blog.jobs.models import READY, STATUSES, Job
from blog.lib.figures import figure
from blog.lib.readonly import ForOwners

admin.site.unregister(DBTaskResult)


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return STATUSES.items()

    def queryset(self, request, queryset):
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(ForOwners, admin.ModelAdmin):
    """What waits, runs, failed and was done; only to be looked at, and to be tried again."""

    list_display = ["__str__", "state", "attempts", "queued", "next_attempt", "finished"]
    list_filter = [StatusFilter]
    list_per_page = 50
    ordering = ["-enqueued_at"]
    actions = ["try_again"]
    fields = [*list_display, "result", "what_went_wrong"]
    readonly_fields = fields

    @admin.display(description=_("status"), ordering="status")
    def state(self, job):
        return STATUSES[job.status]

    @admin.display(description=_("attempts"))
    def attempts(self, job):
        return job.attempts

    @admin.display(description=pgettext_lazy("job", "enqueued at"), ordering="enqueued_at")
    def queued(self, job):
        return job.enqueued_at

    @admin.display(description=pgettext_lazy("job", "finished at"), ordering="finished_at")
    def finished(self, job):
        return job.finished_at

    @admin.display(description=pgettext_lazy("job", "return value"))
    def result(self, job):
        return job.return_value

    @admin.display(description=_("next attempt"), ordering="run_after")
    def next_attempt(self, job):
        return job.run_after if job.status == READY and job.run_after < get_date_max() else None

    @admin.display(description=_("what went wrong"))
    def what_went_wrong(self, job):
        return format_html("<pre>{}</pre>", job.traceback) if job.traceback else None

    @admin.action(description=_("Try again"))
    def try_again(self, request, queryset):
        count = queryset.try_again(timezone.now())
        said = ngettext(
            "%(count)s failed job is tried again.", "%(count)s failed jobs are tried again.", count
        )
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, said % {"count": figure(count)}, level)
