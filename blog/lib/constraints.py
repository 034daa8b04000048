"""The sentence for each constraint of the database.

A sentence stands with its constraint: `violation_error_message` of those in a model's Meta,
`error_messages["unique"]` of a unique field. Django's forms say it where they can see that
the constraint is broken. They cannot where the form leaves the field out, or where another request
was first; then the database raises an error, which becomes the same sentence here.
"""

import re
from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

# What the database refuses of what somebody sent.
REFUSALS = (IntegrityError, DataError, models.ProtectedError, models.RestrictedError)

CHANGED_MEANWHILE = _(
    "Somebody else changed the same thing at the same moment, so nothing was saved. "
    "Look at it, then save again."
)
GONE = _("Something chosen here was deleted meanwhile, so nothing was saved. Choose again.")
TOO_LONG = _("Something here is too long or too large to be stored. Shorten it, then save again.")
MISSING = _("“%(field)s” is empty. Fill it in, then save again.")
STILL_USED = _("This cannot be deleted: “%(used_by)s” still needs it. Delete or change that first.")
# The sentences of what triggers refuse, which stand in no model: by the name that a trigger gives
# as that of a constraint. The app that makes one puts its sentence here.
OF_TRIGGERS = {}


@contextmanager
def refused_in_words():
    """Run the block in a transaction; raise ValidationError where the database refuses it."""
    try:
        with transaction.atomic():
            yield
    except REFUSALS as error:
        raise explain(error) from error


def explain(error):
    """Return a ValidationError that says what the database refused, at its field if one is known.

    The field is the one a person fills in: a model's `entered_as` names it where the constraint is
    on another.
    """
    if isinstance(error, models.ProtectedError | models.RestrictedError):
        objects = getattr(error, "protected_objects", None) or error.restricted_objects
        return ValidationError(STILL_USED % {"used_by": next(iter(objects))})
    if isinstance(error, DataError):
        return ValidationError(TOO_LONG)
    model, name, columns = broken_by(error)
    if name in OF_TRIGGERS:
        return ValidationError(OF_TRIGGERS[name])
    if model is None:
        return ValidationError(GONE if is_about_foreign_key(error) else CHANGED_MEANWHILE)
    for constraint in model._meta.constraints:
        same = name == constraint.name or (columns and columns == columns_of(model, constraint))
        if same and has_sentence(constraint):
            return at_field(model, columns, constraint.get_violation_error_message())
    if is_about_foreign_key(error):
        return ValidationError(GONE)
    if is_about_null(error) and columns:
        field = field_of(model, columns[0])
        return at_field(model, columns, MISSING % {"field": field.verbose_name})
    if len(columns) == 1 and (field := field_of(model, columns[0])).unique:
        return at_field(model, columns, model().unique_error_message(model, (field.name,)))
    return ValidationError(CHANGED_MEANWHILE)


def has_sentence(constraint):
    """Return whether a constraint of a model's Meta has a sentence of its own."""
    return constraint.violation_error_message != constraint.default_violation_error_message


def at_field(model, columns, sentence):
    """Return the error at the one field it is about, or at none where it is about several."""
    field = field_of(model, columns[0]).name if len(columns) == 1 else NON_FIELD_ERRORS
    return ValidationError({getattr(model, "entered_as", {}).get(field, field): [sentence]})


# --- What the databases' errors say ---------------------------------------------------------------


def broken_by(error):
    """Return the model, the constraint's name and its columns, as far as the error names them."""
    diag = getattr(error.__cause__, "diag", None)
    if diag is None:
        return broken_on_sqlite(str(error))
    columns = [diag.column_name] if diag.column_name else []
    # "Key (kind, pattern)=(words, x) already exists.", in whatever language the server speaks.
    if found := re.search(r"\(([^()]+)\)=\(", diag.message_detail or ""):
        columns = [column.strip('" ') for column in found[1].split(",")]
    return model_of(diag.table_name), diag.constraint_name, columns


def broken_on_sqlite(said):
    kind, _colon, what = said.partition(" constraint failed: ")
    if index := re.fullmatch("index '(.+)'", what):
        return model_with(index[1]), index[1], []
    if kind == "CHECK":
        return model_with(what), what, []
    if kind in ("UNIQUE", "NOT NULL"):
        places = [place.rpartition(".") for place in what.split(", ")]
        table = places[0][0]
        return model_of(table), None, [column for _table, _dot, column in places] if table else []
    return None, None, []


def model_of(table):
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)


def model_with(name):
    """Return the model that has a constraint of this name."""
    return next(
        (
            model
            for model in apps.get_models()
            if any(constraint.name == name for constraint in model._meta.constraints)
        ),
        None,
    )


def columns_of(model, constraint):
    fields = getattr(constraint, "fields", ())
    return [model._meta.get_field(name).column for name in fields]


def field_of(model, column):
    return next(field for field in model._meta.concrete_fields if field.column == column)


def is_about_foreign_key(error):
    return is_kind(error, "23503", "FOREIGN KEY")


def is_about_null(error):
    return is_kind(error, "23502", "NOT NULL")


def is_kind(error, sqlstate, word):
    return getattr(error.__cause__, "sqlstate", None) == sqlstate or str(error).startswith(word)
