"""Every comment, pingback and webmention, in the admin."""

from django.contrib import admin, messages
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments.models import Comment
from comments.screening import sentences


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
    # Django 6 takes an address without a scheme for https; so do we.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    raw_id_fields = ["parent", "author"]
    actions = ["approve", "spam", "trash"]
    fieldsets = [
        (None, {"fields": ["post", "kind", "status", "body", "passage"]}),
        (_("Who"), {"fields": ["name", "email", "url", "author", "address"]}),
        (
            _("What was noticed"),
            {"fields": ["why", "look_alike", "likeness", "repeats", "same_words"]},
        ),
        (_("Where"), {"fields": ["parent", "source", "title", "created_at"]}),
    ]

    @admin.display(description=_("the same words, in all"))
    def same_words(self, comment):
        return Comment.objects.same_words(comment).count() or "–"

    def get_readonly_fields(self, request, obj=None):
        # What a comment stands by stays, so that no thread loses answers and no page goes stale.
        found = ["why", "look_alike", "likeness", "repeats", "same_words"]
        fixed = ["post", "kind", "parent", "source", "title", "created_at"]
        return [*fixed, *found] if obj else found

    @admin.display(description=_("why it was held"))
    def why(self, comment):
        return " ".join(sentences(comment.reasons)) or "–"

    def delete_queryset(self, request, queryset):
        # One by one, so that each leaves the page and the search index too.
        for comment in queryset:
            comment.delete()

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
