"""Admin pages that answer what the database refuses with a sentence, and lose no text."""

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpResponseRedirect

from blog.lib.constraints import REFUSALS, explain
from blog.lib.numbers import number_in


class Explained:
    """A ModelAdmin whose forms, actions and deletions say what the database refused and why.

    A test looks that every ModelAdmin that can change anything is one.
    """

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
