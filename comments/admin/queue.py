"""The queue: Django's admin list of all comments and mentions, with buttons to judge them."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from blog.lib.adminforms import Explained
from blog.lib.filters import WhenFilter
from blog.lib.folded_search import FoldedSearch
from blog.lib.numbers import number_in
from blog.posts.models import writes_essays
from comments.admin.beside import SetBeside
from comments.admin.counting import FirstRows, by_status, texts_of_counts
from comments.admin.decisions import (
    CHANGED,
    SHOWN_AGAIN,
    act,
    already,
    changed_since_shown,
    give_back,
    reply,
    said_at,
    undo,
    warn,
)
from comments.admin.filters import OriginFilter, StatusFilter
from comments.admin.many import ManyAtOnce
from comments.admin.one import OneComment
from comments.admin.replies import forget_reply, keep_replies, kept_replies
from comments.admin.rows import rows_of
from comments.admin.shown import Shown, posted
from comments.models import Comment

# In these tabs, comments that say the same are folded into one row.
FOLDED = (Comment.Status.PENDING, Comment.Status.SPAM, Comment.Status.TRASH)
# Parameters that are not filters: with any other one, nothing is folded.
TABS_AND_PAGES = {"status", "p", "all"}


class Queue(ChangeList):
    """The list, in which comments that say the same are folded under the first one."""

    def get_queryset(self, request, **kwargs):
        queryset = super().get_queryset(request, **kwargs)
        # A search or filter must find every comment, so nothing is folded then; nor in the tab of
        # approved comments, which were judged already.
        status = next(spec for spec in self.filter_specs if isinstance(spec, StatusFilter))
        self.chosen = status.chosen
        self.folds = self.chosen in FOLDED and not {*request.GET} - TABS_AND_PAGES
        if not self.folds:
            return queryset
        first = Comment.objects.moderated_by(request.user).filter(
            campaign=OuterRef("campaign"), status=OuterRef("status"), pk__lt=OuterRef("pk")
        )
        return queryset.filter(models.Q(campaign="") | ~Exists(first))

    def get_results(self, request):
        super().get_results(request)
        listed, was_shown = list(self.result_list), request.was_shown
        if elsewhere := was_shown.keys() - {comment.pk for comment in listed}:
            # Changed comments that are now in another tab or on another page come first.
            found = self.root_queryset.filter(pk__in=elsewhere)
            listed = [*found.select_related(*self.list_select_related), *listed]
        moderated = Comment.objects.moderated_by(request.user)
        self.rows = rows_of(listed, moderated, fold=self.folds, was_shown=was_shown)


@admin.register(Comment)
class CommentAdmin(Explained, ManyAtOnce, OneComment, SetBeside, FoldedSearch):
    compares_rows = False  # ModerationForm does, by a comment's version
    list_display = ["__str__"]
    list_display_links = None
    list_filter = [StatusFilter, OriginFilter, "kind", ("created_at", WhenFilter)]
    list_select_related = ["post", "parent", "author", "look_alike__post"]
    list_per_page = 50
    paginator = FirstRows
    show_full_result_count = False
    search_fields = ["name", "email", "body", "url", "source", "address"]
    actions = ["approve", "mark_spam", "trash", "restore", "spam_all", "trash_all", "block"]

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
            keep_replies(request)
            if "decide" in request.POST:
                return self.decide(request)
            if "order" in request.POST:
                request.session["queue_order"] = request.POST["order"]
                return HttpResponseRedirect(request.get_full_path())
            if request.POST.get("action") in self.actions and self.ticked(request):
                # Without making the list, which costs more than judging.
                done = getattr(self, request.POST["action"])(request, None)
                return done or HttpResponseRedirect(request.get_full_path())
        was_shown = request.session.pop(CHANGED, {})
        return self.show(request, was_shown={int(pk): was for pk, was in was_shown.items()})

    def show(self, request, *, kept=None, was_shown=None, status=None):
        """Show the list.

        `was_shown` has the earlier versions of comments that changed since they were shown, by
        number; `kept` has a reply that could not be published, by the number of its comment.
        """
        request.was_shown, drawn_at = was_shown or {}, timezone.now().timestamp()
        response = super().changelist_view(
            request,
            {
                "title": _("Comments"),
                "again": kept or {},
                "kept": kept_replies(request) | (kept or {}),
                "order": request.session.get("queue_order", "newest"),
                "statuses": Comment.Status.choices,
                "drawn_at": drawn_at,
            },
        )
        context = getattr(response, "context_data", None) or {}
        if (queue := context.get("cl")) is not None:
            counts = by_status(self.get_queryset(request))
            context |= {"counts": counts, "chosen": queue.chosen, "messages": []}
            context |= texts_of_counts(queue, counts)
            queue.counted = context["counted"]
            said = said_at(request, {row.comment.pk for row in queue.rows})
            context["said"] = said.pop(None, [])
            for row in queue.rows:
                row.said = said.get(row.comment.pk, [])
            response.context_data = context
            response.status_code = status or response.status_code
        return response

    def show_again(self, request, done, shown, **kept):
        """Show the list with the comments that had changed, so that nothing was decided."""
        request.method = "GET"
        changed = [comment.pk for comment in done.changed[:SHOWN_AGAIN]]
        was_shown = {number: shown.versions.get(number, "") for number in changed}
        return self.show(request, was_shown=was_shown, status=409, **kept)

    def decide(self, request):
        """Do what the pressed button says, and continue at the next row.

        The button's value is `verb:comment:status:version:next row`, as shown. On a page made by an
        earlier Postil it has no version, and nothing is decided.
        """
        verb, given, *rest = [*request.POST["decide"].split(":"), "", ""]
        status, version, following = (rest + [""] * 3)[:3]
        if (number := number_in(given)) is None:
            return HttpResponseRedirect(request.get_full_path())
        text = request.POST.get(f"reply-{number}", "")
        comment = self.moderated(request).filter(pk=number).select_related("post").first()
        if comment is None:
            return self.gone(request, text if verb == "reply" else "")
        place = number_in(following)
        alone = verb == "reply" or "folded" not in request.POST
        shown = Shown() if alone else posted(request, number)
        shown.add(number, version, status)
        if verb == "reply":
            return self.reply(request, comment, text, shown, place)
        done = act(request, self.moderated(request), verb, shown, place=place)
        if done and done.changed:
            return self.show_again(request, done, shown)
        goes_on = done and done.events and place
        return HttpResponseRedirect(f"{request.get_full_path()}#c{place if goes_on else number}")

    def gone(self, request, text):
        """Answer a button of a comment that was deleted or that they may not judge."""
        if not text.strip():
            raise Http404
        warn(request, _("This comment was deleted, or you may not judge it any more."))
        give_back(request, text)
        return HttpResponseRedirect(request.get_full_path())

    def reply(self, request, comment, text, shown, place):
        """Publish a reply, or show the list again with the words in the reply box."""
        place = place or comment.pk
        done = reply(request, self.moderated(request), comment, text, shown, place=place)
        if done is True:
            forget_reply(request, comment.pk)
            return HttpResponseRedirect(f"{request.get_full_path()}#c{place}")
        if done is False:
            request.method = "GET"
            return self.show(request, kept={comment.pk: text})
        if done.changed:
            warn(request, changed_since_shown(comment, 1), place=comment.pk)
            return self.show_again(request, done, shown, kept={comment.pk: text})
        # Its row may be in another tab now.
        warn(request, already(done.untouched[0], 1))
        give_back(request, text)
        request.method = "GET"
        return self.show(request, kept={comment.pk: text})

    def moderated(self, request):
        """Return the comments they may judge; raises PermissionDenied if they may judge none."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return Comment.objects.moderated_by(request.user)

    # --- Undo ---------------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.undo_view))
        return [path("undo/", view, name="comments_comment_undo"), *super().get_urls()]

    def undo_view(self, request):
        keep_replies(request)
        done = undo(request, self.moderated(request), request.POST.get("batch", ""))
        back = request.POST.get("back", "").partition("#")[0]
        # Redirect only to this list, with its filters.
        here = reverse("admin:comments_comment_changelist")
        back = back if back.startswith(f"{here}?") else here
        place = ""
        if done and (moved := [*done.changed, *(event.comment for event in done.events)]):
            place = f"#c{moved[0].pk}"
        return HttpResponseRedirect(f"{back}{place}")

    # --- Permissions --------------------------------------------------------------------------

    def has_module_permission(self, request):
        return super().has_module_permission(request) or writes_essays(request.user)

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or self.is_own(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) or self.is_own(request, obj)

    def has_delete_permission(self, request, obj=None):
        in_trash = obj is not None and obj.status == Comment.Status.TRASH
        return in_trash and super().has_delete_permission(request, obj)

    def is_own(self, request, obj):
        """Whether the user is an author, and the comment, if given, is under their own essay."""
        if not writes_essays(request.user):
            return False
        return obj is None or obj.post.author_id == request.user.pk
