"""The queue's actions, which judge many ticked comments at once."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blog.lib.numbers import number_in
from comments.admin.counting import MOST
from comments.admin.decisions import STATUSES, act, warn
from comments.admin.shown import Shown, carried, on_page, posted

# At most this many comments from the same networks and browsers are listed and decided at once.
LISTED = 200


class ManyAtOnce(admin.ModelAdmin):
    """The actions of CommentAdmin."""

    actions = ["approve", "mark_spam", "trash", "restore", "spam_all", "trash_all", "block"]

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # nothing is deleted for good in one step
        return actions

    def ticked(self, request):
        """Return the numbers of the rows ticked on this page; none if all pages were selected."""
        if request.POST.get("select_across") == "1":
            return []
        given = map(number_in, request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME))
        return [number for number in given if number is not None]

    def chosen(self, request, queryset):
        """Return the ticked comments as shown, with those folded under them."""
        numbers = self.ticked(request)
        if not numbers:
            return self.all_chosen(request, queryset)
        shown = Shown()
        for number in numbers:
            rows = posted(request, number)
            shown.update(rows if "folded" in request.POST else rows.only([number]))
        return shown

    def all_chosen(self, request, queryset):
        """Return what “select all” selects: all comments listed when the page was made.

        Those on the page itself are taken as they were shown. Of the others, those that came or
        changed later are left out, and a message says so.
        """
        rows = queryset.filter(pk__in=list(queryset.values_list("pk", flat=True)[:MOST]))
        listed = self.moderated(request).filter(pk__in=rows.values("pk"))
        if "folded" in request.POST:
            groups = listed.exclude(campaign="").values_list("campaign", "status").distinct()
            for campaign, status in groups:
                listed |= self.moderated(request).filter(campaign=campaign, status=status)
        try:
            drawn_at = float(request.POST.get("drawn_at", ""))
        except ValueError:
            drawn_at = 0.0
        shown, later = on_page(request), 0
        for comment in listed:
            if comment.pk in shown.versions:
                continue
            if comment.updated_at.timestamp() <= drawn_at:
                shown.add(comment.pk, comment.version, comment.status)
            else:
                later += 1
        if later:
            said = ngettext(
                "%(count)d comment came or was changed after this page was made, and was left out.",
                "%(count)d comments came or were changed after this page was made, and were left "
                "out.",
                later,
            )
            warn(request, said % {"count": later})
        return shown

    def judge_chosen(self, request, queryset, verb):
        shown = self.chosen(request, queryset)
        done = act(request, self.moderated(request), verb, shown)
        return self.show_again(request, done, shown) if done.changed else None

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve(self, request, queryset):
        return self.judge_chosen(request, queryset, "approve")

    @admin.action(description=_("Mark as spam"), permissions=["change"])
    def mark_spam(self, request, queryset):
        return self.judge_chosen(request, queryset, "spam")

    @admin.action(description=_("Put into the trash"), permissions=["change"])
    def trash(self, request, queryset):
        return self.judge_chosen(request, queryset, "trash")

    @admin.action(description=_("Restore"), permissions=["change"])
    def restore(self, request, queryset):
        return self.judge_chosen(request, queryset, "restore")

    @admin.action(
        description=_("Mark everything from these networks and browsers as spam…"),
        permissions=["change"],
    )
    def spam_all(self, request, queryset):
        return self.judge_senders(request, queryset, "spam")

    @admin.action(
        description=_("Put everything from these networks and browsers into the trash…"),
        permissions=["change"],
    )
    def trash_all(self, request, queryset):
        return self.judge_senders(request, queryset, "trash")

    def judge_senders(self, request, queryset, verb):
        """List what else came from the same networks and browsers, and ask before judging it."""
        shown = self.chosen(request, queryset)
        moderated = self.moderated(request)
        chosen = moderated.filter(pk__in=shown.versions)
        others = moderated.from_same_senders(chosen).exclude(status=STATUSES[verb])
        others = others.exclude(pk__in=shown.versions).order_by("-created_at", "-pk")
        listed = list(others.select_related("post", "parent")[: LISTED + 1])
        if not listed:
            done = act(request, moderated, verb, shown)
            return self.show_again(request, done, shown) if done.changed else None
        chosen = chosen.select_related("post", "parent").order_by("-created_at", "-pk")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Everything from these networks and browsers"),
            "action": "mark_spam" if verb == "spam" else verb,
            "chosen": [(comment, carried([comment])) for comment in chosen[:LISTED]],
            "others": [(comment, carried([comment])) for comment in listed[:LISTED]],
            "more": len(listed) > LISTED,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/comments/comment/senders.html", context)

    @admin.action(description=_("Block…"), permissions=["change"])
    def block(self, request, queryset):
        numbers = ",".join(map(str, [*self.chosen(request, queryset).versions][:50]))
        return HttpResponseRedirect(f"{reverse('admin:comments_blockrule_propose')}?of={numbers}")
