"""Admin pages that answer what the database refuses with a sentence, and lose no text."""

import json

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpResponseRedirect
from django.templatetags.static import static
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.translation import gettext as _

from blog.lib.capitals import capitalised
from blog.lib.constraints import REFUSALS, explain
from blog.lib.deleting import deleted_with
from blog.lib.differences import Budget, marked
from blog.lib.listing import listed
from blog.lib.numbers import number_in

# The hidden field that says what a form started from (templates/admin/change_form.html).
STARTED_FROM = "started_from"


class Explained:
    """A ModelAdmin whose forms, actions and deletions say what the database refused and why.

    And they overwrite nothing that somebody else saved since the form was shown. A test looks that
    every ModelAdmin that can change anything is one.
    """

    # False where the form compares versions by itself.
    compares_rows = True

    def get_object(self, request, object_id, from_field=None):
        """Return the row, locked if the request changes it: no other save comes in between."""
        changing = request.method == "POST" and transaction.get_connection().in_atomic_block
        if not (self.compares_rows and changing):
            return super().get_object(request, object_id, from_field)
        field = self.opts.get_field(from_field) if from_field else self.opts.pk
        locked = self.get_queryset(request).select_for_update(of=("self",))
        try:
            return locked.get(**{field.name: field.to_python(object_id)})
        except (self.model.DoesNotExist, ValidationError, ValueError):
            return None

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (*REFUSALS, ValidationError) as error:
            # Nothing was saved. The same form is shown again, with what was typed.
            request.refusal = error if isinstance(error, ValidationError) else explain(error)
        for file in request.FILES.values():
            file.seek(0)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if change and self.compares_rows:
            form = compared_with_row(form)
        refusal = getattr(request, "refusal", None)
        return form if refusal is None else refused(form, refusal)

    def changelist_view(self, request, extra_context=None):
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        if isinstance(self.model._meta.pk, models.IntegerField):
            # A value that is not the number of a row chooses nothing; our pages send none.
            request.POST = request.POST.copy()
            given = request.POST.getlist(ACTION_CHECKBOX_NAME)
            rows = [number for number in given if number_in(number) is not None]
            request.POST.setlist(ACTION_CHECKBOX_NAME, rows)
        try:
            # An action does all of what it was asked, or nothing.
            with transaction.atomic():
                return super().changelist_view(request, extra_context)
        except (*REFUSALS, ValidationError) as error:
            return self.refuse(request, error, request.get_full_path())

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except REFUSALS as error:
            return self.refuse(request, error, request.path)

    def get_deleted_objects(self, objs, request):
        return deleted_with(objs, request, self.admin_site)

    def refuse(self, request, error, path):
        """Say why nothing was changed, and lead back to the page."""
        error = error if isinstance(error, ValidationError) else explain(error)
        for sentence in error.messages:
            self.message_user(request, sentence, messages.ERROR)
        return HttpResponseRedirect(path)


def refused(form, refusal):
    """Return the form class with a refusal of the database among its errors."""

    class Refused(form):
        def _post_clean(self):
            super()._post_clean()
            if not self.errors:  # else the form found by itself what the database refused
                add(self, refusal)

    return Refused


def add(form, refusal):
    """Add each sentence at its field, or above the form where that has no such field."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for field, errors in refusal.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)


# --- What was saved meanwhile -----------------------------------------------------------------


def compared_with_row(form):
    """Return the form class with a check that its row is still as it was when it was shown.

    If it is not, nothing is saved: the form is shown again, with what was typed, what is stored by
    now, and the digest of that. So a second press does overwrite it, knowingly. A form that does
    not say how its row was is taken for one that may be old.
    """

    class Compared(form):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            names = [name for name in self.fields if name in self.initial]
            self.fields[STARTED_FROM] = forms.CharField(required=False, widget=forms.HiddenInput)
            # Read before the form changes the instance; it costs no query.
            self.initial[STARTED_FROM] = digest({name: self.initial[name] for name in names})
            self.meanwhile = []

        def clean(self):
            given = super().clean()
            name = self.add_prefix(STARTED_FROM)
            shown, stored = self.data.get(name), self.initial[STARTED_FROM]
            if shown == stored:
                return given
            differing = [each for each in self.changed_data if each != STARTED_FROM]
            if not differing:
                return given  # what is to be saved is what is stored
            self.meanwhile = [stored_beside(self, each) for each in differing]
            self.data = self.data.copy()
            self.data[name] = stored
            raise ValidationError(because_unknown() if shown is None else because_newer())

    return Compared


def because_newer():
    return _(
        "Somebody saved this after you opened it, so nothing was saved now. What you typed is "
        "still below, and here is what is stored. Save again to have yours in its place."
    )


def because_unknown():
    """Say why a form is refused that was shown before forms said what they started from."""
    return _(
        "This form is older than the site and does not say what it started from, so nothing was "
        "saved now. What you typed is still below, and here is what is stored. Save again to have "
        "yours in its place."
    )


def digest(values):
    """Return a short name for the values of a row's fields."""
    plain = {name: plain_value(value) for name, value in values.items()}
    said = json.dumps(plain, sort_keys=True, default=str)
    return salted_hmac("blog.lib.adminforms", said, algorithm="sha256").hexdigest()[:32]


def plain_value(value):
    """Return the value of a field as text; of several rows, their numbers in order."""
    if isinstance(value, list | tuple | set | models.QuerySet):
        return sorted(str(getattr(each, "pk", each)) for each in value)
    return str(getattr(value, "name", value))


def stored_beside(form, name):
    """Return a field's label, what is stored in it, and that with what differs from mine marked."""
    field = form.fields[name]
    stored = in_words(field, form.initial.get(name))
    typed = in_words(field, form.cleaned_data.get(name, form[name].value()))
    return capitalised(field.label or name), stored, marked(typed, stored, Budget())


def yes_or_no(value):
    """Return what Django shows for it in lists, with words that are translated."""
    icon = static(f"admin/img/icon-{'yes' if value else 'no'}.svg")
    return format_html('<img src="{}" alt="{}">', icon, _("Yes") if value else _("No"))


def in_words(field, value):
    """Return the value of a form's field as its page shows it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(field, forms.ModelChoiceField):
        several = isinstance(field, forms.ModelMultipleChoiceField)
        keys = (value if several else [value]) or []
        rows = [getattr(each, "pk", each) for each in keys]
        found = field.queryset.filter(pk__in=[row for row in rows if row not in (None, "")])
        return listed(found)
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): label for key, label in field.choices}
        return str(labels.get(str(value), value))
    return "" if value is None else str(value)
