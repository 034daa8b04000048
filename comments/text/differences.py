"""Says what changed of a comment since it was shown, word by word, for moderators."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from blog.lib.differences import Budget, marked

# The labels of the fields of a comment that can change.
LABELS = {
    "body": _("text"),
    "name": _("name"),
    "email": _("email"),
    "url": _("website"),
    "passage": _("set beside"),
    "source": _("source"),
    "title": _("title of the source"),
}


def changes_of(
    comment: Any, version: str, work: Budget | None = None
) -> list[tuple[str, str]] | None:
    """Return the changes since an earlier version, as (label, marked text); None if not known.

    One query.
    """
    if (was := comment.as_shown(version)) is None:
        return None
    work = work or Budget()
    return [
        (label, marked(was[name], getattr(comment, name), work))
        for name, label in LABELS.items()
        if was[name] != getattr(comment, name)
    ]
