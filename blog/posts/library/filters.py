"""What the list of pictures can be narrowed to: those that may need something done."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

NO_WORDS, UNUSED, MOVING = "no-description", "unused", "moving"


class NeedsFilter(admin.SimpleListFilter):
    title = _("what it may need")
    parameter_name = "needs"

    def lookups(self, request, model_admin):
        return [
            (NO_WORDS, _("without a description")),
            (UNUSED, _("in no essay")),
            (MOVING, _("moving")),
        ]

    def queryset(self, request, queryset):
        narrow = {
            NO_WORDS: lambda: queryset.filter(alt=""),
            UNUSED: queryset.unused,
            MOVING: lambda: queryset.filter(file__contains=".moving."),
        }
        return narrow.get(self.value(), lambda: queryset)()
