"""The field of a model and of a form that holds a slug."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_unicode_slug
from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.lib.slugs import is_slug


def check_slug(value):
    if not is_slug(value):
        raise ValidationError(
            _("Take letters, digits, hyphens and underscores only, in any script."), "invalid"
        )


class SlugFormField(forms.CharField):
    """Takes a slug in any script, and brings it into NFC."""

    default_validators = [check_slug]

    def __init__(self, *, allow_unicode=True, **given):
        super().__init__(**given)

    def to_python(self, value):
        return unicodedata.normalize("NFC", super().to_python(value) or "")


class SlugField(models.SlugField):
    """A slug in any script."""

    def __init__(self, *args, **given):
        super().__init__(*args, **given | {"allow_unicode": True})
        # In place of Django's own, which refuses the marks of letters.
        at = self.validators.index(validate_unicode_slug)
        self.validators[at] = check_slug

    def deconstruct(self):
        # To the database it is what it was, so no table is built again for it.
        name, _path, args, given = super().deconstruct()
        return name, "django.db.models.SlugField", args, given

    def formfield(self, **given):
        return super().formfield(**{"form_class": SlugFormField} | given)


class PlaceField(models.BigIntegerField):
    """A number by which SQLite stores the rows themselves, in that order, without another index."""

    def db_type(self, connection):
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)
