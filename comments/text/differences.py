"""What differs between two texts that are nearly the same, word by word, for a moderator's eye."""

from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from rapidfuzz.distance import Levenshtein

# What of a comment may change, in the words under which it is shown.
LABELS = {
    "body": _("text"),
    "name": _("name"),
    "email": _("email"),
    "url": _("website"),
    "passage": _("set beside"),
    "source": _("source"),
    "title": _("title of the source"),
}


def marked(earlier: str, later: str) -> SafeString:
    """Return `later` as HTML, with what was added in <ins> and what was left out in <del>."""
    before, after = earlier.split(), later.split()
    parts = []
    for step in Levenshtein.opcodes(before, after):
        gone = " ".join(before[step.src_start : step.src_end])
        new = " ".join(after[step.dest_start : step.dest_end])
        if step.tag == "equal":
            parts.append(conditional_escape(new))
            continue
        if gone:
            parts.append(format_html("<del>{}</del>", gone))
        if new:
            parts.append(format_html("<ins>{}</ins>", new))
    return mark_safe(" ".join(parts))  # noqa: S308 - each part is escaped above


def changes_of(comment: Any, version: str) -> list[tuple[str, str]] | None:
    """Return what differs from an earlier version, as (label, marked text); None if not known.

    One query.
    """
    if (was := comment.as_shown(version)) is None:
        return None
    return [
        (label, marked(was[name], getattr(comment, name)))
        for name, label in LABELS.items()
        if was[name] != getattr(comment, name)
    ]
