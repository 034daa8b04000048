"""A sentence for each status that a comment has already when somebody wants to decide about it."""

from django.utils.translation import gettext as _


def is_already(status: str, name: str = "") -> str:
    """Return the sentence; with the name of the comment's writer, also that nothing was changed."""
    if name:
        return str(_named()[status] % {"name": name})
    said = {
        "pending": _("It is waiting already."),
        "approved": _("It is approved already."),
        "spam": _("It is spam already."),
        "trash": _("It is in the trash already."),
    }
    return str(said[status])


def _named() -> dict[str, str]:
    return {
        "pending": _("%(name)s’s comment is waiting already. Nothing was changed."),
        "approved": _("%(name)s’s comment is approved already. Nothing was changed."),
        "spam": _("%(name)s’s comment is spam already. Nothing was changed."),
        "trash": _("%(name)s’s comment is in the trash already. Nothing was changed."),
    }
