"""The log of decisions in the admin."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.lib.filters import WhenFilter, WhomFilter
from blog.lib.folded_search import FoldedSearch
from blog.lib.readonly import GoesAlong
from comments.models import Comment, ModerationEvent


@admin.register(ModerationEvent)
class ModerationEventAdmin(GoesAlong, FoldedSearch):
    """The log: who decided what, when and why. Nothing here can be changed."""

    list_display = ["at", "action", "about", "status_before", "status_after", "by", "why"]
    list_display_links = None
    list_filter = ["action", ("by", WhomFilter), ("at", WhenFilter)]
    list_select_related = ["comment__post", "by"]
    search_fields = ["why", "comment__name", "comment__email", "by__username"]
    show_full_result_count = False

    @admin.display(description=pgettext_lazy("status before a decision", "from"))
    def status_before(self, event):
        return dict(Comment.Status.choices).get(event.before, event.before)

    @admin.display(description=pgettext_lazy("status after a decision", "to"))
    def status_after(self, event):
        return dict(Comment.Status.choices).get(event.after, event.after)

    @admin.display(description=_("comment"))
    def about(self, event):
        url = reverse("admin:comments_comment_change", args=[event.comment_id])
        return format_html('<a href="{}">{}</a>', url, event.comment)
