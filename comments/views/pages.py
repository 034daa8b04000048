"""Finds the page that shows a comment, and answers with a page of a thread."""

from django.shortcuts import render
from django.urls import reverse

from blog.posts.views import show_post
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


def place_of(found, page=None):
    """Return the address where a comment is shown; a waiting one is shown on the essay itself.

    `page` is the page of its thread, if the caller knows it.
    """
    url = found.post.get_absolute_url()
    if (page := page or found.thread_page) > 1:
        url = reverse("thread", args=[found.post.path, page])
    return f"{url}#c{found.pk}"
