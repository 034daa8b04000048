"""Changing one's own note on a draft, until its author has answered or dealt with it."""

from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from blog.posts.models import Post, SharedDraft
from blog.posts.shared import with_headers
from comments import browser
from comments.forms import DraftNoteForm
from comments.models import DraftNote, RateEvent

from .drafts import Ended, SentNote, ended

# What a change gives a note; the rest stays, as when it was left and on which version.
CHANGED = (
    *("name", "email", "body", "status", "reasons", "fingerprint"),
    *("passage", "passage_before", "passage_after", "passage_start", "passage_state"),
)


def own_note(link, number, key):
    """Return one's own note that can be changed, or None."""
    own = DraftNote.objects.waiting().filter(pk=number, post=link.post_id, browser=key)
    return own.filter(answers=None).first() if key else None


@csrf_exempt  # the signed cookie is SameSite=Lax, so another site's form does not carry it
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, token, number):
    """Show the form with one's own note in it, and keep what was changed."""
    link = SharedDraft.objects.reached_by(token)
    if link is None or not browser.key_of(request):
        raise Http404
    try:
        if not link.takes_notes:
            raise Ended(link)
        return with_headers(changed(request, link, number))
    except Ended as error:
        return with_headers(ended(request, error.link))


def changed(request, link, number):
    own = own_note(link, number, browser.key_of(request))
    if request.method == "POST":
        return ChangedNote(request, link, number, own).take()
    if own is None:
        return HttpResponseRedirect("../../../")
    return ChangedNote(request, link, number, own).offer()


class ChangedNote(SentNote):
    """The page of a note that its writer changes, and what was sent from it."""

    def __init__(self, request, link, number, own):
        super().__init__(request, link)
        self.number, self.own = number, own

    def offer(self):
        own = self.own
        around = own.passage_before, own.passage_after
        choice, _cut = self.choices.quoted(own.passage, *around) or (None, False)
        given = {name: getattr(own, name) for name in ("name", "email", "body")}
        given["beside"] = choice.value if choice else ""
        self.form = DraftNoteForm(post=self.post, choices=self.choices, initial=given)
        return self.page(quoted=None if "all" in self.request.GET else choice)

    def page(self, status=200, **context):
        return super().page(status, **context, editing=self.number)

    def store(self, found):
        with transaction.atomic():
            if wait := RateEvent.objects.take(RateEvent.Kind.COMMENT, self.address):
                return self.come_later(wait)
            try:
                link = SharedDraft.objects.locked(self.link)
            except (SharedDraft.DoesNotExist, Post.DoesNotExist):
                link = None
            if not (link and link.takes_notes):
                raise Ended(link)
            own = own_note(link, self.number, browser.key_of(self.request))
            if own is None:
                return self.again(409, refused="dealt")
            if DraftNote.objects.exclude(pk=own.pk).said_before(found):
                return self.again(409, refused="said")
            if own.is_held:  # others see it only once the author of the draft agrees
                found.status = own.status
                found.reasons = list(dict.fromkeys([*own.reasons, *found.reasons]))
            found.pk = own.pk
            found.find_place(link.html)
            found.save(force_update=True, update_fields=CHANGED)
        name = "w" if found.passage_state == found.Standing.WORDS else "n"
        return HttpResponseRedirect(f"../../../#{name}{found.pk}", status=303)
