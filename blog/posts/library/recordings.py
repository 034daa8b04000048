"""The list of sounds and films in the admin, and the page of one. They are added at the desk."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.lib.adminforms import Explained
from blog.lib.folded_search import FoldedSearch
from blog.posts.models import FileUse, Recording


class UnusedFilter(admin.SimpleListFilter):
    title = pgettext_lazy("filter", "use")
    parameter_name = "use"

    def lookups(self, request, model_admin):
        return [("none", _("in no essay"))]

    def queryset(self, request, queryset):
        return queryset.unused() if self.value() == "none" else queryset


def essays_with(recordings):
    """Return the essays that play each of these, by its file's name (one query)."""
    found = {recording.file.name: [] for recording in recordings}
    uses = FileUse.objects.current().filter(name__in=found).order_by("-post__created_at", "-post")
    for name, number, title in uses.values_list("name", "post", "post__title"):
        address = reverse("admin:posts_post_change", args=[number])
        found[name].append((address, title or _now("(no title)")))
    return found


class PageOfRecordings(ChangeList):
    """A page of the list, each with the essays that play it."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        essays = essays_with(self.result_list)
        for recording in self.result_list:
            recording.essays = essays[recording.file.name]


@admin.register(Recording)
class RecordingAdmin(Explained, FoldedSearch):
    list_display = ["__str__", "kind", "megabytes", "shown_in", "uploaded_by", "uploaded_at"]
    list_select_related = ["uploaded_by"]
    list_filter = [UnusedFilter, "uploaded_at"]
    list_per_page = 50
    search_fields = ["title", "file"]
    fields = [
        "title",
        "for_an_essay",
        "kind",
        "megabytes",
        "shown_in",
        "uploaded_by",
        "uploaded_at",
    ]
    readonly_fields = fields[1:]

    def has_add_permission(self, request):
        return False

    def get_changelist(self, request, **kwargs):
        return PageOfRecordings

    def get_deleted_objects(self, objs, request):
        recordings = list(objs)
        deleted, counts, lacking, protected = super().get_deleted_objects(recordings, request)
        essays = essays_with(recordings)
        shown = [
            _now("“%(recording)s” is played in “%(post)s”")
            % {"recording": recording, "post": title}
            for recording in recordings
            for _address, title in essays[recording.file.name]
        ]
        return deleted, counts, lacking, [*protected, *shown]

    def delete_queryset(self, request, queryset):
        for recording in queryset:
            recording.delete()

    @admin.display(description=_("kind"))
    def kind(self, recording):
        ending = recording.file.name.rpartition(".")[2].upper()
        return f"{ending} {' × '.join(recording.size)}" if recording.size else ending

    @admin.display(description=_("megabytes"), ordering="bytes")
    def megabytes(self, recording):
        return f"{recording.bytes / 1e6:.1f}"

    @admin.display(description=_("shown in"))
    def shown_in(self, recording):
        essays = getattr(recording, "essays", None)
        if essays is None:
            essays = essays_with([recording])[recording.file.name]
        return format_html_join(", ", '<a href="{}">{}</a>', essays) or _now("no essay")

    @admin.display(description=_("for an essay"))
    def for_an_essay(self, recording):
        player = (
            '<audio controls preload="none" src="{}"></audio>'
            if recording.is_sound
            else '<video controls preload="none" src="{}" class="uploaded"></video>'
        )
        line = '<p><input type="text" class="vLargeTextField" readonly value="{}"></p><p>'
        return format_html(line + player + "</p>", recording.markdown, recording.get_absolute_url())
