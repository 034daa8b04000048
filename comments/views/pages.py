"""The pages comments stand on: which one holds a comment, and the answers that show one."""

from django.shortcuts import render
from django.urls import reverse

from blog.posts.views import render_post
from comments.models import RateEvent


def show_thread(request, post, number, *, status=200, **context):
    """Answer with the page of the post that holds page `number` of its thread.

    A form that comes back, for whatever reason but the rates, counts as a text that was checked.
    """
    if request.method == "POST" and context.get("refused") != "rate":
        RateEvent.objects.checked(request.META.get("REMOTE_ADDR", ""))
    if number == 1:
        response = render_post(request, post, status=status, **context)
    else:
        context |= {"post": post, "number": number, "nav": "essays"}
        response = render(request, "comments/thread.html", context, status=status)
    if status != 200 or context.get("preview"):
        response.headers["Cache-Control"] = "private, no-store"
    return response


def place_of(found, page=None):
    """Return the address where a comment stands; one that waits is shown on the essay itself.

    `page` is the page of its thread, where that is known.
    """
    url = found.post.get_absolute_url()
    if (page := page or found.thread_page) > 1:
        url = reverse("thread", args=[found.post.path, page])
    return f"{url}#c{found.pk}"
