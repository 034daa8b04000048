"""Views for writers: post a comment, edit it and withdraw it, without an account or a script."""

import re

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from blog.lib.rates import network_of
from blog.posts.reading import post_at
from blog.web.cache_control import same_for_all
from comments import browser, tasks
from comments.forms import CommentForm, NoteForm
from comments.models import BY_WRITER, Comment, TooLate
from comments.rendering.choices import Choices
from comments.rendering.ways import part_at

from .pages import place_of, show_note, show_thread
from .sent import Sent, refused_origin
from .too_late import answers_too_late


@csrf_exempt  # readers get no cookie; see refused_origin
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, path):
    """Check, screen and store a comment, and redirect its writer to it."""
    post = post_at(path)
    if post is None or not post.is_public:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(f"{post.get_absolute_url()}#form")
    return answer_to(request, post, Sent(request, post))


@csrf_exempt  # readers get no cookie; see refused_origin
@require_http_methods(["GET", "HEAD", "POST"])
@same_for_all
def note(request, path):
    """Show the sentences of an essay with a form for a note beside one, and take such a note.

    `p` in the query is the number of a paragraph, as the essay links to it; `exact`, `prefix` and
    `suffix` quote other words, as in a W3C TextQuoteSelector. With `here` it is the form alone, for
    the margin.
    """
    post = post_at(path)
    if post is None or not post.is_public:
        raise Http404
    choices = Choices(post.body_html)
    if request.method == "POST":
        return answer_to(request, post, Sent(request, post, choices=choices))
    if not (browser.may_write_notes(request, post) and choices.all):
        return HttpResponseRedirect(f"{post.get_absolute_url()}#form")
    given = request.GET
    names = "note_%s" if "here" in given else "id_%s"
    form = NoteForm(post=post, choices=choices, initial=browser.remembered(request), auto_id=names)
    if given.get("exact"):
        words = [given.get(name, "") for name in ("exact", "prefix", "suffix")]
        choice, is_cut = choices.quoted(*words) or (None, False)
        missed = {} if choice else {"refused": "words"}
        return show_note(request, post, form, choices, quoted=choice, cut=is_cut, **missed)
    number = given.get("p", "")
    number = int(number) if re.fullmatch("[0-9]{1,6}", number) else 0
    part = part_at(choices.finder.essay, number)
    return show_note(request, post, form, choices, part=part)


def answer_to(request, post, sent):
    """Store what was sent, if it can be, and answer."""
    if answer := sent.refusal():
        return answer
    new = new_comment(request, post, sent.form.cleaned_data)

    def save(status, reasons):
        new.status, new.reasons = status, reasons
        new.save()
        tasks.received(new, notify=sent.form.cleaned_data["notify"])

    if answer := sent.store(new, save):
        return answer
    # A waiting comment is shown on the essay, which saves the query for its page.
    place = place_of(new, page=None if new.is_approved else 1)
    response = HttpResponseRedirect(place, status=303)
    browser.remember(request, response, new)
    browser.keep_name(request, response, sent.form.cleaned_data)
    return response


@csrf_exempt  # the signed cookie is SameSite=Lax, so another site's form does not carry it
@require_http_methods(["GET", "HEAD", "POST"])
@answers_too_late
def edit(request, number):
    """Change one's own waiting comment within ten minutes; it is screened again."""
    found = own_waiting(request, number)
    if request.method != "POST":
        initial = {name: getattr(found, name) for name in BY_WRITER}
        form = CommentForm(post=found.post, initial=initial | {"parent": found.parent_id})
        return show_thread(request, found.post, 1, comment_form=form, editing=found)
    sent = Sent(request, found.post, editing=found)
    if answer := sent.refusal():
        return answer
    for name in BY_WRITER:
        setattr(found, name, sent.form.cleaned_data[name])
    found.set_fingerprint(browser.key_of(request))
    return sent.store(found, found.correct) or HttpResponseRedirect(place_of(found), status=303)


@csrf_exempt  # the signed cookie is SameSite=Lax, so another site's form does not carry it
@require_http_methods(["GET", "HEAD", "POST"])
@answers_too_late
def withdraw(request, number):
    """Withdraw one's own waiting comment, after a page with one button."""
    found = own_waiting(request, number)
    if request.method != "POST" or refused_origin(request):
        return render(request, "comments/withdraw.html", {"comment": found, "nav": "essays"})
    found.withdraw()
    return HttpResponseRedirect(f"{found.post.get_absolute_url()}#comments", status=303)


def new_comment(request, post, given):
    """Return an unsaved comment with the form's cleaned data, not screened yet."""
    address = request.META.get("REMOTE_ADDR", "")
    new = Comment(post=post, **{name: given[name] for name in ("parent", *BY_WRITER)})
    if choice := given.get("beside"):
        new.stand_at(choice.selector)
    new.network = network_of(address)
    new.address = address if new.network else None
    new.browser = browser.key_of(request) or browser.new_key()
    if browser.signed_in(request):
        new.author = request.user
    new.set_fingerprint(browser.key_of(request))
    return new


def own_waiting(request, number):
    """Return this browser's own comment if it still waits, else raise TooLate."""
    if number not in browser.own_comment_ids(request):
        raise TooLate
    comments = Comment.objects.select_related("post__author", "parent")
    found = comments.filter(pk=number).first()
    if not (found and found.status in Comment.SHOWN_AS_WAITING and found.post.is_public):
        raise TooLate(found)
    return found
