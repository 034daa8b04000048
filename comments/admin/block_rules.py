"""Block rules in the admin; each is tried on the newest comments before it is saved."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blog.lib.adminforms import Explained
from blog.lib.capitals import capitalised
from blog.lib.constraints import refused_in_words
from blog.lib.folded_search import FoldedSearch
from blog.lib.listing import clauses, labelled
from blog.lib.numbers import number_in
from comments.admin.decisions import CHANGED, SHOWN_AGAIN, act
from comments.admin.shown import Shown, carried
from comments.models import BlockRule, Comment

# How many of the newest comments a rule is tried on, and how many matches are named.
TRIED_ON = 1000
NAMED = 5
# Waiting comments that the page lists, and that saving the rule files as spam.
FILED = 200


class Unlabelled(forms.HiddenInput):
    """Hidden, so that no label leads to it."""

    def id_for_label(self, id_):
        return ""


class BlockRuleForm(forms.ModelForm):
    """Asks for confirmation if a rule matches comments that are approved."""

    confirmed = forms.BooleanField(label=_("Save anyway"), required=False, widget=Unlabelled)

    class Meta:
        model = BlockRule
        fields = ["kind", "pattern", "outcome", "note"]

    def _post_clean(self):
        # After this the pattern is normalised.
        super()._post_clean()
        if self.errors:
            return
        newest = Comment.objects.order_by("-created_at", "-pk")[:TRIED_ON]
        self.met = self.instance.met_among(newest)
        approved = [comment for comment in self.met if comment.is_approved]
        if approved and not self.cleaned_data["confirmed"]:
            self.fields["confirmed"].widget = forms.CheckboxInput()
            said = ngettext(
                "It would have matched %(count)d approved comment: %(named)s. "
                "Tick this to save it anyway.",
                "It would have matched %(count)d approved comments: %(named)s. "
                "Tick this to save it anyway.",
                len(approved),
            )
            named = clauses(Truncator(str(comment)).chars(60) for comment in approved[:NAMED])
            self.add_error("confirmed", said % {"count": len(approved), "named": named})


@admin.register(BlockRule)
class BlockRuleAdmin(Explained, FoldedSearch):
    form = BlockRuleForm
    list_display = ["pattern", "kind", "outcome", "note", "created_by", "created_at"]
    list_filter = ["kind", "outcome"]
    list_select_related = ["created_by"]
    search_fields = ["pattern", "note"]
    fields = ["kind", "pattern", "outcome", "note", "confirmed"]

    def save_model(self, request, obj, form, change):
        obj.created_by = obj.created_by or request.user
        super().save_model(request, obj, form, change)
        said = ngettext(
            "It was tried on the newest comments, and would have matched %(count)d.",
            "It was tried on the newest comments, and would have matched %(count)d.",
            len(form.met),
        )
        self.message_user(request, said % {"count": len(form.met)}, messages.INFO)

    # --- Blocking from the queue --------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view(self.propose)
        return [path("propose/", view, name="comments_blockrule_propose"), *super().get_urls()]

    def propose(self, request):
        """Show rules that would match the chosen comments, and make those that are ticked."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        given = map(number_in, request.GET.get("of", "").split(",")[:50])
        numbers = [number for number in given if number is not None]
        chosen = Comment.objects.moderated_by(request.user).filter(pk__in=numbers)
        rules = proposed(chosen)
        if request.method == "POST":
            wanted = request.POST.getlist("rule")
            try:
                self.make(request, [rule for rule in rules if f"{rule.kind}:{rule}" in wanted])
            except ValidationError as error:  # somebody else just made one of them
                return self.refuse(request, error, request.get_full_path())
            return HttpResponseRedirect(reverse("admin:comments_comment_changelist"))
        newest = list(Comment.objects.order_by("-created_at", "-pk")[:TRIED_ON])
        offers = []
        for rule in rules:
            met = rule.met_among(newest)
            approved = sum(comment.is_approved for comment in met)
            label = labelled(
                capitalised(rule.get_kind_display()), format_html("<strong>{}</strong>", rule)
            )
            offers.append({"rule": rule, "label": label, "met": len(met), "approved": approved})
        waiting = met_waiting(request, rules)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Block"),
            "offers": offers,
            "waiting": waiting[:FILED],
            "shown": carried(waiting[:FILED]),
            "more": len(waiting) > FILED,
        }
        return TemplateResponse(request, "admin/comments/blockrule/propose.html", context)

    def make(self, request, rules):
        """Save these rules, and file as spam the waiting comments on the page that they match."""
        with refused_in_words():  # all of them or none
            for rule in rules:
                rule.created_by = request.user
                rule.save()
        said = ngettext("%(n)d rule is made.", "%(n)d rules are made.", len(rules))
        self.message_user(request, said % {"n": len(rules)}, messages.SUCCESS)
        shown = Shown.read(request.POST.get("shown", ""))
        met = [comment.pk for comment in met_waiting(request, rules)]
        if filed := shown.only(met):
            done = act(request, Comment.objects.moderated_by(request.user), "spam", filed)
            if done.changed:
                again = [comment.pk for comment in done.changed[:SHOWN_AGAIN]]
                request.session[CHANGED] = shown.only(again).versions
        if later := len(set(met) - {*shown.versions}):
            said = ngettext(
                "%(count)d comment that matches a rule was not on that page, and waits.",
                "%(count)d comments that match a rule were not on that page, and wait.",
                later,
            )
            self.message_user(request, said % {"count": later}, messages.WARNING)


def met_waiting(request, rules):
    """Return the waiting comments they may judge that match one of the rules, newest first."""
    waiting = Comment.objects.moderated_by(request.user).pending().order_by("-created_at", "-pk")
    return [
        comment
        for comment in waiting.select_related("post", "parent")
        if any(rule.meets(comment) for rule in rules)
    ]


def proposed(comments):
    """Return new rules that match the writers of these comments, without existing ones."""
    rules = {}
    for comment in comments:
        for kind, pattern in (
            (BlockRule.Kind.EMAIL, comment.email),
            (BlockRule.Kind.NETWORK, comment.network or comment.address),
            (BlockRule.Kind.SITE, comment.url_host or comment.source_host),
        ):
            rule = BlockRule(kind=kind, pattern=pattern or "", outcome=BlockRule.Outcome.SPAM)
            try:
                rule.full_clean()
            except ValidationError:
                continue  # the comment has no such value, or the rule exists
            rules[kind, rule.pattern] = rule
    return list(rules.values())
