"""The page of one comment in the admin: edit its text, see its history, and judge it."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models, transaction
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from blog.markup import trimmed
from comments.admin.decisions import act, already
from comments.admin.rows import Row
from comments.admin.shown import Shown
from comments.models import Comment
from comments.screening.rules import sentences


class ModerationForm(forms.ModelForm):
    """Refuses to save if the comment was changed after the form was shown."""

    # A list that is filled by a search has nothing to choose from at first.
    use_required_attribute = False

    reason_given = forms.CharField(
        label=_("Why"), required=False, max_length=300, help_text=_("Kept in the history.")
    )
    # The version of the comment when this form was shown.
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    # Its status when this form was shown: someone else may have decided since.
    shown_status = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Read before the form changes the instance.
        self.stored = self.instance.version if self.instance.pk else ""
        self.initial |= {"version": self.stored, "shown_status": self.instance.status}
        self.row = None
        if "body" in self.fields:
            self.fields["body"].strip = False  # code may begin with spaces
        if "created_at" in self.fields:
            date, time = self.fields["created_at"].widget.widgets
            date.attrs["aria-label"], time.attrs["aria-label"] = _("Date"), _("Time")

    def clean_body(self):
        return trimmed(self.cleaned_data["body"].replace("\r\n", "\n"))

    def clean(self):
        given = super().clean()
        if not self.instance.pk:
            return given
        shown, status = given.get("version", ""), given.get("shown_status", "")
        if shown == self.stored and ("decide" not in self.data or status == self.instance.status):
            return given
        stored = Comment.objects.get(pk=self.instance.pk)
        # The form that is shown again is for the comment as it is now.
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = self.stored
        self.data[self.add_prefix("shown_status")] = stored.status
        if shown == self.stored:
            raise forms.ValidationError([already(stored, 1), _("What you typed is still below.")])
        self.row = Row(comment=stored, records=[], was_shown=shown)
        raise forms.ValidationError(
            _(
                "This comment was changed after this page was made. Nothing was saved or "
                "decided: read it again. What you typed is still below."
            )
        )


class EssaySelect(AutocompleteSelect):
    """Its box has what is chosen as its only name for screen readers, so words are there first."""

    def build_attrs(self, *args, **kwargs):
        return super().build_attrs(*args, **kwargs) | {"data-placeholder": _("Choose an essay")}


class OneComment(admin.ModelAdmin):
    """The part of CommentAdmin about a single comment."""

    form = ModerationForm
    # As in Django 6: an address without a scheme gets https.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    autocomplete_fields = ["post"]
    raw_id_fields = ["parent", "author"]
    # What a moderator may change. Post, parent and status are not among them, because changing
    # them here would break the thread.
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

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "post":
            kwargs["widget"] = EssaySelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_object(self, request, object_id, from_field=None):
        """Return the comment, with its row locked if the request changes it."""
        found = super().get_object(request, object_id, from_field)
        changing = request.method == "POST" and transaction.get_connection().in_atomic_block
        if found is None or not changing:
            return found
        return Comment.objects.select_for_update(of=("self",)).filter(pk=found.pk).first()

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
            shown = Shown()
            # As just saved: the form has checked under the lock that nothing else had changed.
            shown.add(obj.pk, obj.version, obj.status)
            act(request, self.moderated(request), verb, shown)
            return HttpResponseRedirect(reverse("admin:comments_comment_changelist"))
        return super().response_change(request, obj)

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
