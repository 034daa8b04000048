"""The text of a WordPress post as Markdown, and what of it is not as it was."""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils.translation import gettext as _

from blog.lib.languages import tag_of
from blog.lib.listing import labelled, listed
from blog.markup import without_unwanted
from blog.markup.from_html.html_to_markdown import Converted, post_markdown
from blog.markup.tags import in_words
from blog.posts.models.notes import Notes

from .report import Report
from .wordpress_files import Files, OfPost
from .wxr import Item
from .wxr_writer import LANGUAGE, MARKDOWN, NOTES, SUM, sum_of


def text_as_markdown(item: Item, files: Files, where: str) -> Converted:
    """Return a post's text: as Postil exported it, or made of WordPress's HTML."""
    meta = dict(item.meta)
    if MARKDOWN in meta and meta.get(SUM) == sum_of(item["content:encoded"]):
        return Converted(meta[MARKDOWN])
    around = OfPost(files, item.id, where, footnotes_of(meta.get("footnotes", "")))
    return post_markdown(item["content:encoded"], around)


def footnotes_of(kept: str) -> dict[str, str]:
    """Return the HTML of the block editor's footnotes by their ids; {} for what is not them."""
    try:
        found: Any = json.loads(without_unwanted(kept) or "[]")
        rows = [row for row in found if isinstance(row, dict)]
    except (ValueError, TypeError, RecursionError):
        return {}
    return {
        row["id"]: row["content"]
        for row in rows
        if isinstance(row.get("id"), str) and isinstance(row.get("content"), str)
    }


def note_changes(report: Report, what: str, text: Converted) -> None:
    """Report what of a post's text is not as it was."""
    if text.kept:
        report.note(_("Holds blocks that stay HTML"), labelled(what, text.kept))
    if hidden := in_words(text.left_out):
        report.note(
            _("Holds what browsers do not show, which was left out"), labelled(what, hidden)
        )
    if text.as_text:
        names = labelled(what, f"<{'>, <'.join(text.as_text)}>")
        report.note(_("Holds tags that have no place here and show as text"), names)
    if text.escaped:
        report.note(_("Holds text that lost its markup"), what)
    if text.loose_notes:
        heading = _("Holds footnotes that nothing refers to, which now follow the text")
        report.note(heading, labelled(what, text.loose_notes))
    if text.shortcodes:
        names = labelled(what, listed(_with_lines(text)))
        report.note(_("Holds shortcodes, which now show as text"), names)


def _with_lines(text: Converted) -> list[str]:
    """Return each shortcode that is left, with the first line of the text that has it."""
    found = []
    for name in text.shortcodes:
        place = re.search(rf"\[/?{re.escape(name)}\b", text.markdown)
        said = f"[{name}]"
        if place:
            line = text.markdown.count("\n", 0, place.start()) + 1
            said = _("[%(name)s] in line %(line)d") % {"name": name, "line": line}
        found.append(said)
    return found


def notes_of(item: Item) -> str:
    """Return whose notes the essay takes, as Postil exported it."""
    kept = [value for key, value in item.meta if key == NOTES and value in Notes.values]
    return kept[0] if kept else Notes.ON


def language_of(item: Item) -> str:
    """The language that Postil exported with it, or that Polylang keeps as a category; else ""."""
    kept = [value for key, value in item.meta if key == LANGUAGE]
    kept += [nicename for domain, nicename, _name in item.categories if domain == "language"]
    return next(filter(None, map(tag_of, kept)), "")
