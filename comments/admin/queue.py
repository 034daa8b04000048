"""The queue: every comment, pingback and webmention, judged in the stock admin's list."""

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from blog.readonly import ReadOnly
from comments.models import Comment, ModerationEvent
from comments.screening import sentences

from .counting import MOST, FirstRows, by_status
from .decisions import act, reply, undo
from .filters import OriginFilter, StatusFilter
from .rows import rows_of

# What is looked through for what to do with it; under the other tabs each comment has its row.
FOLDED = (Comment.Status.PENDING, Comment.Status.SPAM, Comment.Status.TRASH)


class Queue(ChangeList):
    """The list, in which those who say the same stand folded under the first of them."""

    def get_queryset(self, request, **kwargs):
        queryset = super().get_queryset(request, **kwargs)
        # Whoever looks for one name wants it found, not folded under another; and what readers
        # see was judged already.
        status = next(spec for spec in self.filter_specs if isinstance(spec, StatusFilter))
        self.chosen = status.chosen
        searching = self.query or request.GET.get("from")
        self.folds = not searching and self.chosen in FOLDED
        if not self.folds:
            return queryset
        first = Comment.objects.filter(
            campaign=OuterRef("campaign"), status=OuterRef("status"), pk__lt=OuterRef("pk")
        )
        return queryset.filter(models.Q(campaign="") | ~Exists(first))

    def get_results(self, request):
        super().get_results(request)
        self.rows = rows_of(list(self.result_list), fold=self.folds)


class CommentForm(forms.ModelForm):
    reason_given = forms.CharField(
        label=_("Why"), required=False, max_length=300, help_text=_("Kept in the history.")
    )


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    form = CommentForm
    list_display = ["__str__"]
    list_display_links = None
    list_filter = [StatusFilter, OriginFilter, "kind", "created_at"]
    list_select_related = ["post", "parent", "author", "look_alike__post"]
    list_per_page = 50
    paginator = FirstRows
    show_full_result_count = False
    search_fields = ["name", "email", "body", "url", "source", "address"]
    autocomplete_fields = ["post"]
    # Django 6 takes an address without a scheme for https; so do we.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    raw_id_fields = ["parent", "author"]
    actions = ["approve", "mark_spam", "trash", "restore", "spam_all", "trash_all", "block"]
    # What a moderator may change; what a comment stands by stays, so that no thread loses answers
    # and no page goes stale.
    editable = ["body", "name", "email", "url", "passage"]
    found = ["why", "look_alike", "likeness", "repeats", "same_words", "history"]
    fixed = [
        "post",
        "kind",
        "status",
        "parent",
        "author",
        "address",
        "source",
        "title",
        "created_at",
    ]

    class Media:
        js = ["js/admin/queue.js"]

    # --- The list -----------------------------------------------------------------------------

    def get_changelist(self, request, **kwargs):
        return Queue

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.user.has_perm("comments.view_comment"):
            return queryset
        return queryset.moderated_by(request.user)

    def get_ordering(self, request):
        newest_first = request.session.get("queue_order") != "oldest"
        return ["-created_at", "-pk"] if newest_first else ["created_at", "pk"]

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST":
            if "decide" in request.POST:
                return self.decide(request)
            if "order" in request.POST:
                request.session["queue_order"] = request.POST["order"]
                return HttpResponseRedirect(request.get_full_path())
            if request.POST.get("action") in self.actions and self.ticked(request):
                # Judged without the list, which costs more than the judging.
                done = getattr(self, request.POST["action"])(request, None)
                return done or HttpResponseRedirect(request.get_full_path())
        return self.show(request)

    def show(self, request, kept=None):
        """Show the list; `kept` are replies that could not be published, by their comment."""
        response = super().changelist_view(
            request,
            {
                "title": _("Comments"),
                "kept": kept or {},
                "order": request.session.get("queue_order", "newest"),
                "statuses": Comment.Status.choices,
            },
        )
        if (queue := getattr(response, "context_data", {}).get("cl")) is not None:
            response.context_data["counts"] = by_status(self.get_queryset(request))
            response.context_data["chosen"] = queue.chosen
        return response

    def decide(self, request):
        """Do what the pressed button says, `verb:comment:status seen:next row`, and go on there."""
        try:
            verb, number, seen, following = request.POST["decide"].split(":")
            comment = get_object_or_404(self.moderated(request), pk=int(number))
        except ValueError:
            return HttpResponseRedirect(request.get_full_path())
        if verb == "reply":
            text = request.POST.get(f"reply-{number}", "")
            if not (said := reply(request, comment, text, seen=seen)):
                request.method = "GET"  # the list again, with what was written in its box
                return self.show(request, kept={comment.pk: text})
        else:
            chosen = self.moderated(request).filter(pk=comment.pk)
            if "folded" in request.POST and comment.campaign:
                chosen |= self.moderated(request).filter(campaign=comment.campaign, status=seen)
            said = act(request, chosen, verb, seen=seen)
        place = f"#c{following}" if said and following.isdecimal() else f"#c{number}"
        return HttpResponseRedirect(request.get_full_path() + place)

    def moderated(self, request):
        """Return what may be judged here, or refuse whoever may judge nothing."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return Comment.objects.moderated_by(request.user)

    # --- Many at once -------------------------------------------------------------------------

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # nothing is deleted for good in one step
        return actions

    def ticked(self, request):
        """Return the numbers of the rows ticked on this page; none where all pages are meant."""
        if request.POST.get("select_across") == "1":
            return []
        given = request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME)
        return [int(number) for number in given if number.isdecimal()]

    def chosen(self, request, queryset):
        """Return what was ticked, with what stood folded under it.

        What left the list since it was shown, because someone else decided about it, is among it.
        """
        numbers = self.ticked(request) or list(queryset.values_list("pk", flat=True)[:MOST])
        chosen = self.moderated(request).filter(pk__in=numbers)
        if "folded" not in request.POST:
            return chosen
        groups = set(chosen.exclude(campaign="").values_list("campaign", "status"))
        for campaign, status in groups:
            chosen = chosen | self.moderated(request).filter(campaign=campaign, status=status)
        return chosen

    def seen(self, request):
        """Return the status that what was ticked had when it was shown; None for several."""
        status = request.GET.get("status", Comment.Status.PENDING)
        return status if status in Comment.Status.values and "folded" in request.POST else None

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve(self, request, queryset):
        act(request, self.chosen(request, queryset), "approve", seen=self.seen(request))

    @admin.action(description=_("Mark as spam"), permissions=["change"])
    def mark_spam(self, request, queryset):
        act(request, self.chosen(request, queryset), "spam", seen=self.seen(request))

    @admin.action(description=_("Put into the trash"), permissions=["change"])
    def trash(self, request, queryset):
        act(request, self.chosen(request, queryset), "trash", seen=self.seen(request))

    @admin.action(description=_("Restore"), permissions=["change"])
    def restore(self, request, queryset):
        act(request, self.chosen(request, queryset), "restore")

    @admin.action(
        description=_("Mark everything from these addresses as spam"), permissions=["change"]
    )
    def spam_all(self, request, queryset):
        chosen = self.chosen(request, queryset)
        act(request, self.moderated(request).from_same_senders(chosen), "spam")

    @admin.action(
        description=_("Put everything from these addresses into the trash"), permissions=["change"]
    )
    def trash_all(self, request, queryset):
        chosen = self.chosen(request, queryset)
        act(request, self.moderated(request).from_same_senders(chosen), "trash")

    @admin.action(description=_("Block…"), permissions=["change"])
    def block(self, request, queryset):
        chosen = self.chosen(request, queryset)
        numbers = ",".join(str(pk) for pk in chosen.values_list("pk", flat=True)[:50])
        return HttpResponseRedirect(f"{reverse('admin:comments_blockrule_propose')}?of={numbers}")

    # --- Undo ---------------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.undo_view))
        return [path("undo/", view, name="comments_comment_undo"), *super().get_urls()]

    def undo_view(self, request):
        undo(request, self.moderated(request), request.POST.get("batch", ""))
        back = request.POST.get("back", "")
        # Only to a list of ours, with its filters.
        here = reverse("admin:comments_comment_changelist")
        return HttpResponseRedirect(back if back.startswith((f"{here}?", f"{here}#")) else here)

    # --- One comment --------------------------------------------------------------------------

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [
                (None, {"fields": ["post", "kind", "status", "body", "passage"]}),
                (_("Who"), {"fields": ["name", "email", "url", "author", "address"]}),
                (_("Where"), {"fields": ["parent", "source", "title", "created_at"]}),
            ]
        return [
            (None, {"fields": ["post", "kind", "status", "body", "passage", "reason_given"]}),
            (_("Who"), {"fields": ["name", "email", "url", "author", "address"]}),
            (_("What was noticed"), {"fields": self.found[:-1]}),
            (_("What was decided"), {"fields": ["history"]}),
            (_("Where"), {"fields": ["parent", "source", "title", "created_at"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return [*self.fixed, *self.found] if obj else self.found

    def save_model(self, request, obj, form, change):
        if not change:
            return super().save_model(request, obj, form, change)
        given = form.cleaned_data
        changed = {name: given[name] for name in form.changed_data if name in self.editable}
        obj.edit(by=request.user, why=given.get("reason_given", ""), **changed)

    def response_change(self, request, obj):
        if verb := request.POST.get("decide"):
            act(request, self.moderated(request).filter(pk=obj.pk), verb, seen=obj.status)
            return HttpResponseRedirect(reverse("admin:comments_comment_changelist"))
        return super().response_change(request, obj)

    def get_deleted_objects(self, objs, request):
        objects, counts, refused, protected = super().get_deleted_objects(objs, request)
        refused.discard(ModerationEvent._meta.verbose_name)  # its history goes with a comment
        return objects, counts, refused, protected

    @admin.display(description=_("the same words, in all"))
    def same_words(self, comment):
        count = Comment.objects.same_words(comment).count()
        if not count:
            return "–"
        url = reverse("admin:comments_comment_changelist")
        return format_html('<a href="{}?from=campaign:{}">{}</a>', url, comment.campaign, count)

    @admin.display(description=_("why it was held"))
    def why(self, comment):
        return " ".join(sentences(comment.reasons)) or "–"

    @admin.display(description=_("history"))
    def history(self, comment):
        events = comment.events.select_related("by")
        return render_to_string("admin/comments/comment/_history.html", {"events": events})

    # --- Who may ------------------------------------------------------------------------------

    def has_module_permission(self, request):
        return super().has_module_permission(request) or request.user.has_perm("posts.change_post")

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or self.is_own(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) or self.is_own(request, obj)

    def has_delete_permission(self, request, obj=None):
        in_trash = obj is not None and obj.status == Comment.Status.TRASH
        return in_trash and super().has_delete_permission(request, obj)

    def is_own(self, request, obj):
        """Whether an author asks: of no comment in particular, or of one under an own essay."""
        if not request.user.has_perm("posts.change_post"):
            return False
        return obj is None or obj.post.author_id == request.user.pk


@admin.register(ModerationEvent)
class ModerationEventAdmin(ReadOnly, admin.ModelAdmin):
    """The log: who decided what, when and why. Nothing here can be changed."""

    list_display = ["at", "action", "about", "before", "after", "by", "why"]
    list_display_links = None
    list_filter = ["action", ("by", admin.RelatedOnlyFieldListFilter), "at"]
    list_select_related = ["comment__post", "by"]
    search_fields = ["why", "comment__name", "comment__email", "by__username"]
    show_full_result_count = False

    @admin.display(description=_("comment"))
    def about(self, event):
        url = reverse("admin:comments_comment_change", args=[event.comment_id])
        return format_html('<a href="{}">{}</a>', url, event.comment)
