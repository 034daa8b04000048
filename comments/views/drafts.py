"""Notes on a shared draft: written by name, without an account or a script, for its author.

A person with the link may be signed in here, but is nobody in particular: no session is read. What
is typed comes back with every refusal, also of a link that ended meanwhile.
"""

import re

from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from blog.lib.rates import network_of
from blog.markup import render_comment, trimmed
from blog.posts.models import Post, SharedDraft
from blog.posts.shared import with_headers
from blog.web.returned import from_another_site
from comments import browser
from comments.forms import DraftNoteForm
from comments.models import DraftNote, RateEvent
from comments.rendering.choices import Choices
from comments.rendering.ways import part_at
from comments.screening.drafts import screen_note


class Ended(Exception):
    """The link takes no notes now; `link` is as it is stored, None for none."""

    def __init__(self, link):
        super().__init__(link)
        self.link = link


@csrf_exempt  # the secret of its address is all that it proves
@require_http_methods(["GET", "HEAD", "POST"])
def note(request, token):
    """Show a draft's sentences with a form for a note beside one, and take such a note.

    What its query says is as for notes on essays (writing.py).
    """
    link = SharedDraft.objects.reached_by(token)
    try:
        return with_headers(answer(request, link))
    except Ended as error:
        return with_headers(ended(request, error.link))


def answer(request, link):
    if not (link and link.takes_notes):
        raise Ended(link)
    sent = SentNote(request, link)
    return sent.take() if request.method == "POST" else sent.offer()


def ended(request, link):
    """Say that a link takes no notes, and give back what was typed.

    Answers 404 where there is neither a link nor any words.
    """
    words = trimmed(request.POST.get("body", ""))
    is_out = bool(link) and link.post.is_public and not link.revoked_at
    is_shown = bool(link) and link.shows_draft
    if not words:
        if link is None:
            raise Http404
        # Both lead on from there; but what a script asks for is a form for this draft or none.
        if (is_out or is_shown) and "here" not in request.GET:
            return HttpResponseRedirect("../")
    context = {"words": words, "is_shown": is_shown, "nav": "essays"}
    context["essay"] = link.post.get_absolute_url() if is_out else ""
    status = 404 if link is None else 409 if is_out or is_shown else 410
    return render(request, "comments/draft_note_ended.html", context, status=status)


class SentNote:
    """The page of a draft where a note is written, and what was sent from it."""

    def __init__(self, request, link):
        self.request, self.link, self.post = request, link, link.post
        self.address = request.META.get("REMOTE_ADDR", "")
        self.choices = Choices(link.html)

    # --- Asked for ------------------------------------------------------------------------------

    def offer(self):
        given = self.request.GET
        if not self.choices.all and "here" not in given:
            return HttpResponseRedirect("../")
        known = {**browser.remembered(self.request)}
        how = {"initial": known, "auto_id": "note_%s" if "here" in given else "id_%s"}
        self.form = DraftNoteForm(post=self.post, choices=self.choices, **how)
        if given.get("exact"):
            words = [given.get(name, "") for name in ("exact", "prefix", "suffix")]
            choice, is_cut = self.choices.quoted(*words) or (None, False)
            missed = {} if choice else {"refused": "words"}
            return self.page(quoted=choice, cut=is_cut, **missed)
        number = given.get("p", "")
        number = int(number) if re.fullmatch("[0-9]{1,6}", number) else 0
        return self.page(part=part_at(self.choices.finder.essay, number))

    def page(self, status=200, *, part=None, quoted=None, **context):
        choices = self.choices
        chosen = quoted or choices.named(self.form["beside"].value() or "")
        if chosen and part is None and (quoted or not choices.offers(chosen)):
            part = chosen.place.part
        offered = choices.all if part is None else choices.of_part(part)
        if chosen and not choices.offers(chosen):
            offered = [chosen._replace(is_first=True), *offered]
        context |= {"link": self.link, "post": self.post, "title": self.link.title}
        context |= {"form": self.form, "choices": offered, "is_part": part is not None}
        context |= {"chosen": chosen.value if chosen else ""}
        context |= {"token": browser.make_token(self.post), "nav": "essays"}
        name = "_draft_note_beside" if "here" in self.request.GET else "draft_note"
        return render(self.request, f"comments/{name}.html", context, status=status)

    # --- Sent -----------------------------------------------------------------------------------

    def take(self):
        """Store what was sent, if it can be, and answer."""
        wait = RateEvent.objects.wait(RateEvent.Kind.CHECK, self.address)
        given = {"post": self.post, "choices": self.choices, "too_soon": bool(wait)}
        self.form = DraftNoteForm(self.request.POST, **given)
        is_valid = self.form.is_valid()
        if wait:
            return self.come_later(wait)
        if from_elsewhere(self.request):
            return self.again(403, refused="origin")
        if not is_valid:
            return self.again(400, refused="errors")
        given = self.form.cleaned_data
        age = browser.token_age(given["token"], self.post)
        if age is None or age > browser.LONGEST:
            return self.again(400, refused="expired")
        if "preview" in self.request.POST:
            return self.again(200, preview=render_comment(given["body"]))
        return self.store(self.new(given))

    def new(self, given):
        """Return an unsaved note with the form's cleaned data, screened."""
        found = DraftNote(post=self.post, **{name: given[name] for name in ("name", "email")})
        found.body, key = given["body"], browser.key_of(self.request)
        found.stand_at(given["beside"].selector)
        found.browser = key or browser.new_key()
        found.identify(key, network_of(self.address))
        screen_note(found, trap=given["subject"], address=self.address, browser=key)
        return found

    def store(self, found):
        if DraftNote.objects.said_before(found):
            return self.again(409, refused="said")
        with transaction.atomic():
            # Checked again, now that requests take turns. The rate comes first, as for comments,
            # whose transactions wait for an essay after it.
            if wait := RateEvent.objects.take(RateEvent.Kind.COMMENT, self.address):
                return self.come_later(wait)
            try:
                link = SharedDraft.objects.locked(self.link)
            except (SharedDraft.DoesNotExist, Post.DoesNotExist):
                link = None
            if not (link and link.takes_notes):
                raise Ended(link)
            if DraftNote.objects.said_before(found):
                return self.again(409, refused="said")
            found.leave(link)
        # To its words or the note beside them; by these names a script knows that it was posted.
        name = "w" if found.passage_state == found.Standing.WORDS else "n"
        response = HttpResponseRedirect(f"../#{name}{found.pk}", status=303)
        browser.remember_key(self.request, response, found.browser)
        return response

    def again(self, status, **context):
        """Answer with the form, filled in as it was sent."""
        RateEvent.objects.checked(self.address)
        return self.page(status, **context)

    def come_later(self, wait):
        response = self.page(429, refused="rate", wait=wait)
        response.headers["Retry-After"] = str(wait)
        return response


def from_elsewhere(request):
    """Return whether another site's page sent this.

    These pages tell nobody their address, so browsers name no origin with what they send; only
    those that are old, or not asked by https, name no Sec-Fetch-Site either.
    """
    says_site = "Sec-Fetch-Site" in request.headers
    if not says_site and request.headers.get("Origin") == "null":
        return False
    return from_another_site(request)


# --- Taking one's own back ----------------------------------------------------------------------


@csrf_exempt  # the signed cookie is SameSite=Lax, so another site's form does not carry it
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request, token, number):
    """Delete one's own note, after a page with one button, while its author has not touched it."""
    link, key = SharedDraft.objects.reached_by(token), browser.key_of(request)
    if link is None or not key:
        raise Http404
    own = DraftNote.objects.waiting().filter(pk=number, post=link.post_id, browser=key)
    own = own.filter(answers=None)
    if request.method == "POST" and not from_elsewhere(request):
        with transaction.atomic():
            # So that nobody answers it meanwhile, whose words would go along.
            Post.objects.select_for_update().only("pk").get(pk=link.post_id)
            DraftNote.objects.filter(pk__in=[*own.values_list("pk", flat=True)]).delete()
    elif found := own.first():
        context = {"note": found, "title": link.title, "nav": "essays"}
        return with_headers(render(request, "comments/draft_note_back.html", context))
    return with_headers(HttpResponseRedirect("../../", status=303))
