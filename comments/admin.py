"""Every comment, pingback and webmention, in the admin."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .models import Comment


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ["__str__", "post", "kind", "status", "created_at"]
    list_filter = ["status", "kind", "created_at"]
    list_select_related = ["post"]
    list_per_page = 50
    search_fields = ["name", "email", "body", "url", "source", "address"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    autocomplete_fields = ["post"]
    raw_id_fields = ["parent", "author"]
    actions = ["approve", "spam", "trash"]
    fieldsets = [
        (None, {"fields": ["post", "kind", "status", "body", "passage"]}),
        (_("Who"), {"fields": ["name", "email", "url", "author", "address"]}),
        (_("Where"), {"fields": ["parent", "source", "title", "created_at", "reasons"]}),
    ]

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve(self, request, queryset):
        self.move(request, queryset, Comment.Status.APPROVED)

    @admin.action(description=_("Mark as spam"), permissions=["change"])
    def spam(self, request, queryset):
        self.move(request, queryset, Comment.Status.SPAM)

    @admin.action(description=_("Put into the trash"), permissions=["change"])
    def trash(self, request, queryset):
        self.move(request, queryset, Comment.Status.TRASH)

    def move(self, request, queryset, status):
        comments = list(queryset.exclude(status=status).select_related("post", "parent", "root"))
        for comment in comments:
            comment.status = status
            comment.save()
        said = ngettext(
            "%(count)d comment is now %(status)s.",
            "%(count)d comments are now %(status)s.",
            len(comments),
        )
        self.message_user(
            request, said % {"count": len(comments), "status": status.label}, messages.SUCCESS
        )
