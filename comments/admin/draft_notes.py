"""The notes on a draft at the desk: its author answers them, or takes them into the text.

One form holds them all: whatever is pressed, the words in the other boxes are given back.
"""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.lib.numbers import number_in
from blog.markup import MarkupError, render_comment, trimmed
from blog.posts.admin import PostAdmin
from blog.posts.desk.access import to_write
from blog.posts.desk.history import give_to_draft
from blog.posts.desk.merging import Kind, Merge
from blog.posts.desk.preview import rendered
from blog.posts.desk.sharing import link_to, refresh_shared
from blog.posts.models import Post, Revision, SharedDraft, Text
from comments.forms import check_length
from comments.models import DraftNote
from comments.models.beside import PLACE, standing
from comments.models.draft_note import address_of, set_answers, waiting_in_words
from comments.rendering.places import Finder
from comments.rendering.taking import taken_in
from comments.screening.rules import sentences

PER_PAGE = 30
# An answer is as long as a comment may be in any setting, which the database does not limit.
MOST_ANSWER = 20_000


@dataclass
class Page:
    """What the page shows besides the notes: what was just done, and the words of its boxes."""

    given: dict = field(default_factory=dict)
    at: int | None = None
    trouble: str = ""

    def kept(self, note):
        """Set the words that were typed in the boxes of a note and not used."""
        given = self.given if note.waits else {}  # else it has no boxes
        note.typed = given.pop(f"answer-{note.pk}", "")
        note.words = given.pop(f"words-{note.pk}", note.body)
        note.is_open = same_lines(note.words) != note.body
        note.trouble = self.trouble if self.at == note.pk else ""

    @property
    def lost(self):
        """The words that are left when each note has its own: those of notes that are gone."""
        return [words for name, words in self.given.items() if is_typed(name, words)]


def notes(desk, request, number):
    """Show the notes that wait, or those that are dealt with; do what a button says."""
    post = to_write(desk, request, number)
    if request.method != "POST":
        at = number_in(request.GET.get("at", ""))
        return page_of(desk, request, post, Page(at=at))
    verb, _colon, of = request.POST.get("act", "").partition(":")
    if verb in SEEN_BY:
        let_see(post, SEEN_BY[verb])
        return lead_on(desk, request, post, None)
    found = DraftNote.objects.notes().filter(post=post, pk=number_in(of) or 0).first()
    if found is None or verb not in VERBS:
        return lead_on(desk, request, post, None)
    found.post = post
    trouble = VERBS[verb](desk, request, found)
    return lead_on(desk, request, post, found, trouble or "")


def lead_on(desk, request, post, note, trouble=""):
    """Lead back to the note; with words in other boxes, or trouble, show the page with them."""
    given = {
        name: words
        for name, words in request.POST.items()
        if name.startswith(("answer-", "words-")) and words.strip()
    }
    if note and not trouble:
        given.pop(f"answer-{note.pk}", None)
        given.pop(f"words-{note.pk}", None)
    page = Page(given, note and note.pk, trouble)
    if trouble or typed_in(given):
        return page_of(desk, request, post, page, status=409 if trouble else 200)
    query = request.GET.copy()
    query.pop("at", None)
    if note:
        query["at"] = note.pk
    place = f"?{query.urlencode()}" if query else ""
    return HttpResponseRedirect(f"{address_of(post)}{place}{f'#d{note.pk}' if note else ''}")


def typed_in(given):
    """Return whether boxes hold words that their notes have not."""
    return any(is_typed(name, words) for name, words in given.items())


def is_typed(name, words):
    """Return whether somebody typed this: an answer, or other words than those of the note."""
    if name.startswith("answer-"):
        return True
    number = number_in(name.removeprefix("words-")) or 0
    body = DraftNote.objects.filter(pk=number).values_list("body", flat=True).first()
    return body is not None and body != same_lines(words)


def same_lines(words):
    return words.replace("\r\n", "\n")


# --- The page -----------------------------------------------------------------------------------


def page_of(desk, request, post, page, status=200):
    tab = request.GET.get("show", "")
    of_post = DraftNote.objects.filter(post=post)
    version = number_in(request.GET.get("version", ""))
    shown = of_post.notes()
    if version:
        shown = shown.filter(revision=version)
    elif tab == "done":
        shown = of_post.dealt_with()
    else:
        shown = of_post.waiting()
        if page.at:  # what was just done stays in sight, with a button that undoes it
            shown = of_post.notes().filter(pk=page.at) | shown
    pages = Paginator(shown.in_order().select_related("revision", "taken"), PER_PAGE)
    part = pages.get_page(request.GET.get("page"))
    found = list(part)
    set_answers(found)
    newest = Revision.objects.newest(post)
    place_in(newest, [note for note in found if note.waits])
    for note in found:
        note.why = sentences(note.reasons) if note.is_held else []
        note.is_earlier = note.revision_id and newest and note.revision_id != newest.pk
        page.kept(note)
    waiting = of_post.waiting().count()
    context = {
        **desk.admin_site.each_context(request),
        "title": _("Notes on this draft"),
        "post": post,
        "newest": newest,
        "opts": desk.opts,
        "notes": found,
        "part": part,
        "count": waiting_in_words(waiting) or _("No note waits"),
        "done": of_post.dealt_with().count(),
        "tab": "version" if version else tab,
        "link": link_to(post),
        "lost": page.lost,
    }
    return TemplateResponse(request, "admin/comments/draftnote/list.html", context, status=status)


def place_in(newest, notes):
    """Set where notes stand in what was written last, which no link may show; saves nothing."""
    if not (newest and notes):
        return
    try:
        finder = Finder(rendered(newest.body, newest.lang))
    except MarkupError:
        return
    for note in notes:
        for name, value in zip(PLACE, standing(finder, note.selector), strict=True):
            setattr(note, name, value)


# --- Who sees them ------------------------------------------------------------------------------

SEEN_BY = {
    "seen-by-all": SharedDraft.Notes.ALL,
    "seen-by-author": SharedDraft.Notes.AUTHOR,
    "none": SharedDraft.Notes.NONE,
}


def let_see(post, who):
    SharedDraft.objects.of(post).live().update(notes=who)


# --- What is done with one ----------------------------------------------------------------------


def answer(desk, request, note):
    """Store an answer; return why not, if so."""
    words = trimmed(same_lines(request.POST.get(f"answer-{note.pk}", "")))
    if not words:
        return _("The answer is empty. Write something first.")
    try:
        check_length(words, MOST_ANSWER)
        render_comment(words)
    except (ValidationError, MarkupError) as error:
        return " ".join(getattr(error, "messages", [str(error)]))
    with transaction.atomic():
        # So that its writer cannot take it back meanwhile, with the answer.
        Post.objects.select_for_update().only("pk").get(pk=note.post_id)
        if not DraftNote.objects.filter(pk=note.pk).exists():
            return _("Its writer took this note back.")
        note.answer(words, request.user)
    return ""


def take(desk, request, note, *, after=False):
    """Take words into what was written last, as a version of its own; return why not, if so."""
    words = request.POST.get(f"words-{note.pk}", note.body)
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=note.post_id)
        if not DraftNote.objects.waiting().filter(pk=note.pk).exists():
            return ""  # it was pressed twice
        newest = Revision.objects.newest(post)
        text = newest.text if newest else Text.of(post)
        body = taken_in(text.body, text.lang, note.selector, words, after=after)
        if body is None:
            return by_hand(post)
        kept = keep(request, post, text._replace(body=body))
        note.become(note.Status.TAKEN, taken=kept)
    refresh_shared(post)
    return ""


def take_after(desk, request, note):
    return take(desk, request, note, after=True)


def undo(desk, request, note):
    """Take words out of the text again; what was written since stays. Return why not, if so."""
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=note.post_id)
        if not DraftNote.objects.filter(pk=note.pk, status=note.Status.TAKEN).exists():
            return ""
        text = without(note, Revision.objects.newest(post))
        if text is None:
            return by_hand(post)
        keep(request, post, text)
        note.reopen()
    refresh_shared(post)
    return ""


def without(note, newest):
    """Return the newest text without what was taken in; None where it was changed since."""
    if note.taken is None or note.taken.before is None:
        return None
    merge = Merge(note.taken.text, note.taken.before.text, newest.text)
    both = [row.kind for row in merge.rows] + [*merge.lines.values()]
    return None if Kind.BOTH in both else merge.text()


def keep(request, post, text):
    kept = Revision.objects.keep(post, text, by=request.user, kind=Revision.Kind.SAVED)
    give_to_draft(post, kept)
    return kept


def by_hand(post):
    desk = reverse("admin:posts_post_change", args=[post.pk])
    said = _("The text has changed too much there. Nothing was changed: do it <a>by hand</a>.")
    before, _tag, rest = said.partition("<a>")
    inside, _tag, after = rest.partition("</a>")
    return format_html('{}<a href="{}">{}</a>{}', before, desk, inside, after)


def verb(name):
    """Return what a button does that only sets a note's status."""

    def done(desk, request, note):
        getattr(note, name)()

    return done


VERBS = {
    "answer": answer,
    "replace": take,
    "after": take_after,
    "undo": undo,
    "done": verb("finish"),
    "reopen": verb("reopen"),
    "hold": verb("hold"),
    "clear": verb("clear"),
}


# --- In the admin of essays, which never imports comments ---------------------------------------


def addresses(desk):
    view = desk.admin_site.admin_view(
        require_http_methods(["GET", "HEAD", "POST"])(
            lambda request, number: notes(desk, request, number)
        )
    )
    return [path("<int:number>/notes/", view, name="posts_post_notes")]


def add_counts(posts):
    """Set how many notes wait on each essay of a page of the list (one query)."""
    counts = DraftNote.objects.counts_of([post.pk for post in posts])
    for post in posts:
        post.notes_waiting = counts.get(post.pk, 0)


def notes_said(post):
    """Return a link to the notes that wait on an essay, for the list."""
    said = waiting_in_words(getattr(post, "notes_waiting", 0))
    return format_html('<a href="{}">{}</a>', address_of(post), said) if said else ""


notes_said.short_description = gettext_lazy("notes")
notes_said.empty_value_display = ""
PostAdmin.further_addresses.append(addresses)
PostAdmin.further_facts.append(add_counts)
PostAdmin.list_display.append(notes_said)
