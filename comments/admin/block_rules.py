"""Block rules: each is tried on the newest comments before it is saved."""

from django import forms
from django.contrib import admin, messages
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments.models import BlockRule, Comment

# How many of the newest comments a rule is tried on, and how many of those it meets are named.
TRIED_ON = 1000
NAMED = 5


class BlockRuleForm(forms.ModelForm):
    """Asks once more where a rule would have met comments that a person approved."""

    confirmed = forms.BooleanField(
        label=_("Save it all the same"), required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = BlockRule
        fields = ["kind", "pattern", "outcome", "note"]

    def _post_clean(self):
        # Only after this is the pattern in the form it is compared in.
        super()._post_clean()
        if self.errors:
            return
        newest = Comment.objects.order_by("-created_at", "-pk")[:TRIED_ON]
        self.met = self.instance.met_among(newest)
        approved = [comment for comment in self.met if comment.is_approved]
        if approved and not self.cleaned_data["confirmed"]:
            self.fields["confirmed"].widget = forms.CheckboxInput()
            said = ngettext(
                "It would have met %(count)d approved comment: %(named)s. "
                "Tick this to save it all the same.",
                "It would have met %(count)d approved comments: %(named)s. "
                "Tick this to save it all the same.",
                len(approved),
            )
            named = "; ".join(Truncator(str(comment)).chars(60) for comment in approved[:NAMED])
            self.add_error("confirmed", said % {"count": len(approved), "named": named})


@admin.register(BlockRule)
class BlockRuleAdmin(admin.ModelAdmin):
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
            "Of the newest %(tried)d comments it would have met %(count)d.",
            "Of the newest %(tried)d comments it would have met %(count)d.",
            len(form.met),
        )
        self.message_user(
            request, said % {"tried": TRIED_ON, "count": len(form.met)}, messages.INFO
        )
