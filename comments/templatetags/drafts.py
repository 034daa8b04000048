"""The tags by which a shared draft shows its notes, and the desk how many wait."""

from collections import Counter

from django import template
from django.db.models import Count, Q
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.base_path import placed
from blog.markup import plain_text, with_own_notes
from comments import browser
from comments.models import DraftNote
from comments.models.beside import MOST_BESIDE, MOST_ON_WORDS
from comments.models.draft_note import address_of, set_answers, waiting_in_words
from comments.rendering.margin import Answer, ReaderNote, annotate
from comments.rendering.ways import with_ways

register = template.Library()


@register.simple_tag(takes_context=True)
def draft_text(context, post):
    """Return a shared draft's HTML with the notes beside it that its reader may see."""
    html, notes = placed(post.shown_html), notes_for(context)
    on_words, given = Counter(), []
    for note in notes:
        on_words[note.passage_start] += 1
        if note.waits and on_words[note.passage_start] <= MOST_ON_WORDS:
            given.append(in_margin(note))
    html = (given and annotate(html, given)) or html
    if context["link"].takes_notes:
        html = with_ways(html, "notes/")
    return mark_safe(with_own_notes(html, post.pk))  # noqa: S308 - stored HTML, and what is made of it


@register.inclusion_tag("comments/_draft_notes.html", takes_context=True)
def draft_notes(context):
    """List these notes below the text, each in full with its answers."""
    return {"notes": notes_for(context), "link": context["link"], "own": key_in(context)}


def notes_for(context):
    """Return the notes that are shown; no query where there can be none, else two."""
    if (kept := context.get("draft_notes")) is not None:
        return kept
    link, key, found = context["link"], key_in(context), []
    if link.takes_notes and (key or link.notes == link.Notes.ALL):
        found = list(DraftNote.objects.shown_by(link, key).in_order()[:MOST_BESIDE])
        set_answers(found)
    context.dicts[0]["draft_notes"] = found  # a page asks twice
    return found


def key_in(context):
    return browser.key_of(context["request"])


def in_margin(note):
    answers = [
        Answer(answer.name, plain_text(answer.html), f"#d{note.pk}", by_author=True)
        for answer in note.said
    ]
    text = plain_text(note.html)
    url = f"#d{note.pk}"
    return ReaderNote(note.pk, note.selector, note.name, text, url, answers=tuple(answers[:3]))


# --- At the desk ----------------------------------------------------------------------------------


@register.simple_tag
def notes_waiting(post, is_shared):
    """Return a link to the notes on an essay, with how many wait; "" without any (one query)."""
    if not post.pk:
        return ""
    count = Count("pk", filter=Q(status__in=DraftNote.WAITING))
    found = DraftNote.objects.notes().filter(post=post).aggregate(waiting=count, all=Count("pk"))
    if not (found["all"] or is_shared):
        return ""
    said = waiting_in_words(found["waiting"]) or _("Notes")
    return format_html('<a class="notes" href="{}">{}</a>', address_of(post), said)


@register.filter
def notes_on(revision):
    """Return a link to the notes that were left on a version; "" without any (one query)."""
    count = DraftNote.objects.notes().filter(revision=revision).count()
    if not count:
        return ""
    said = ngettext("%(count)d note was left on it.", "%(count)d notes were left on it.", count)
    said %= {"count": count}
    address = f"{address_of(revision.post)}?version={revision.pk}"
    return format_html('<a href="{}">{}</a>', address, said)
