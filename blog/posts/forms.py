"""The form of an essay in the admin: what its state and its date say together, and whose it is."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

STATE, DATE = "state", "published_at"
BY_DATE, PUBLISH, WITHDRAW, DRAFT = "", "publish", "withdraw", "draft"


class PostForm(forms.ModelForm):
    """Turns what is chosen into one verb of the essay, or says why the choices do not fit.

    `by` is the person who edits; the admin sets it.
    """

    by = None

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            (BY_DATE, _("as the date says")),
            (PUBLISH, _("publish now, or bring back what was withdrawn")),
            (WITHDRAW, _("withdraw: readers are told it is gone")),
            (DRAFT, _("back to draft")),
        ],
        help_text=_(
            "As the date says: none is a draft, one to come schedules it. A withdrawn essay comes "
            "back with a date after it was withdrawn."
        ),
    )

    def clean(self):
        given = super().clean()
        self.refuse_another_author()
        # The date is set by the verb. An unchanged one stays to the microsecond.
        date = given.pop(DATE, None)
        if DATE in self.fields and not {STATE, DATE} & {*self.errors}:
            self.change_state(given.get(STATE, BY_DATE), date)
        return given

    def change_state(self, choice, date):
        changed = DATE in self.changed_data
        try:
            if choice == PUBLISH:
                self.publish(date if changed else None)
            elif choice == WITHDRAW:
                self.withdraw(changed)
            elif choice == DRAFT:
                self.return_to_draft(date if changed else None)
            elif changed:
                self.instance.go_by_date(date, commit=False)
        except ValidationError as error:
            self.add_error(None, error)

    def publish(self, date):
        if date and date > timezone.now():
            said = _now(
                "You chose to publish it now, but this date is to come. Empty the date, or choose "
                "“as the date says” to schedule it."
            )
            raise ValidationError({DATE: said})
        self.instance.publish(date, commit=False)

    def withdraw(self, changed):
        if not self.instance.was_public:
            said = _now(
                "Readers have not seen it yet, so there is nothing to withdraw. Choose “back to "
                "draft” to keep it from them."
            )
            raise ValidationError({STATE: said})
        if changed:
            said = _now(
                "A withdrawn essay keeps the date it was published. Leave the date as it was, or "
                "choose “back to draft”."
            )
            raise ValidationError({DATE: said})
        self.instance.withdraw(commit=False)

    def return_to_draft(self, date):
        if date:
            said = _now("A draft has no date. Empty it, or choose “as the date says”.")
            raise ValidationError({DATE: said})
        self.instance.return_to_draft(commit=False)

    def refuse_another_author(self):
        """Refuse a form that names another author, sent by somebody who may not change authors."""
        named = self.data.get(self.add_prefix("author"))
        if self.by is None or self.by.has_perm("posts.change_author") or not named:
            return
        author = self.instance.author_id or self.by.pk
        if named != str(author):
            said = _now(
                "Only people who may change the author of an essay can give it to somebody else. "
                "Nothing was saved. Ask an editor."
            )
            self.add_error("author" if "author" in self.fields else None, said)
