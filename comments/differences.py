"""What differs between two texts that are nearly the same, word by word, for a moderator's eye."""

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from rapidfuzz.distance import Levenshtein


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
