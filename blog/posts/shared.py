"""The page behind a secret link: a draft as readers will have it, marked as a draft."""

import copy

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.lib.counting import counted
from blog.markup import plain_text
from blog.web.cache_control import PRIVATE

from .models import SharedDraft

# Nobody keeps such a page, finds it, or learns its address from the page that was read before.
HEADERS = {
    "Cache-Control": PRIVATE,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@require_safe
def shared_draft(request, token):
    """Answer with the draft; 410 once its link ended, and the essay itself once it is out."""
    link = SharedDraft.objects.reached_by(token)
    if link is None:
        raise Http404
    if link.post.is_public and not link.revoked_at:
        return with_headers(HttpResponseRedirect(link.post.get_absolute_url()))
    if not link.shows_draft:
        return with_headers(render(request, "posts/no_longer_shared.html", status=410))
    context = {"link": link, "post": shown(link), "nav": "essays"}
    return with_headers(render(request, "posts/shared.html", context))


def shown(link):
    """Return the essay with the text that its link shows, and its tags by their names alone."""
    post = copy.copy(link.post)
    post.title, post.standfirst, post.lang = link.title, link.standfirst, link.lang
    post.body_html, post.annotated_html = link.html, ""
    post.words, post.reading_seconds = counted(plain_text(link.html))
    return post


def with_headers(response):
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
