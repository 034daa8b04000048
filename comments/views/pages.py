"""Finds the page that shows a comment, and answers with a page of a thread."""

from django.shortcuts import render
from django.urls import reverse

from blog.posts.views import show_post
from blog.site.reading import site
from comments import browser
from comments.models import RateEvent


def show_thread(request, post, number, *, status=200, **context):
    """Answer with page `number` of the post's thread; page 1 is the essay itself.

    A form that is given back counts as a checked text, except if a rate limit refused it.
    """
    if request.method == "POST" and context.get("refused") != "rate":
        RateEvent.objects.checked(request.META.get("REMOTE_ADDR", ""))
    if number == 1:
        response = show_post(request, post, status=status, **context)
    else:
        context |= {"post": post, "number": number, "nav": "essays"}
        response = render(request, "comments/thread.html", context, status=status)
    if status != 200 or context.get("preview"):
        response.headers["Cache-Control"] = "private, no-store"
    return response


def show_note(request, post, form, choices, status=200, *, part=None, quoted=None, **context):
    """Answer with the page where a note is written: the words to choose from, and the form.

    They are those of one part of the essay, if `part` is its number, or the words in `quoted`.
    """
    if request.method == "POST" and context.get("refused") != "rate":
        RateEvent.objects.checked(request.META.get("REMOTE_ADDR", ""))
    chosen = quoted or choices.named(form["beside"].value() or "")
    if chosen and part is None and (quoted or not choices.offers(chosen)):
        part = chosen.place.part
    offered = choices.all if part is None else choices.of_part(part)
    if chosen and not choices.offers(chosen):
        offered = [chosen._replace(is_first=True), *offered]
    context |= {"post": post, "form": form, "choices": offered, "is_part": part is not None}
    context |= {"chosen": chosen.value if chosen else "", "token": browser.make_token(post)}
    context |= {"signed_in": browser.signed_in(request), "policy": site().comment_policy}
    template = "comments/_beside.html" if "here" in request.GET else "comments/note.html"
    response = render(request, template, context | {"nav": "essays"}, status=status)
    if request.method == "POST":
        response.headers["Cache-Control"] = "private, no-store"
    return response


def place_of(found, page=None, *, in_thread=False):
    """Return the address where a comment is shown; a waiting one is shown on the essay itself.

    A note is shown beside its words, except with `in_thread`. `page` is the page of its thread, if
    the caller knows it.
    """
    url = found.post.get_absolute_url()
    if not in_thread and (name := name_in_essay(found)):
        return f"{url}#{name}"
    if (page := page or found.thread_page) > 1:
        url = reverse("thread", args=[found.post.path, page])
    return f"{url}#c{found.pk}"


def name_in_essay(found):
    """Return the name of a note's words in the essay, or of the note beside them; "" if none."""
    name = f"{'w' if found.passage_state == found.Standing.WORDS else 'n'}{found.pk}"
    if found.is_approved:
        return name if f'id="{name}"' in found.post.annotated_html else ""
    is_beside = found.passage_state not in (found.Standing.NOT_SET, found.Standing.GONE)
    return name if is_beside and found.status in found.SHOWN_AS_WAITING else ""
