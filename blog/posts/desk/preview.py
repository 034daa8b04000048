"""The page that readers would get of a text, saved or not: shown beside it while it is written.

It writes nothing. In the desk it stands in a frame without scripts; it alone may be framed.
"""

import copy
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from blog.lib.alphabets import place_of
from blog.lib.counting import counted as words_in
from blog.lib.languages import site_language
from blog.lib.numbers import number_in
from blog.lib.slugs import slug_of
from blog.markup import MarkupError, plain_text, preview_post
from blog.markup.guards import weight_of
from blog.posts.models import Post, Revision, Tag, Text, key_of
from blog.web.cache_control import PRIVATE
from blog.web.stylesheet import csp_source, sheet, source_of

from .beside import Beside, beside
from .fields import COMMAS
from .looking import counted, things_to_look_at
from .source import paragraphs

# The text is what a sender says it is, so no more tags than a person would write are looked up.
MOST_TAGS = 100

# One text is asked for again while its title, or nothing, changes.
rendered = lru_cache(maxsize=4)(preview_post)


def preview(desk, request):
    """Answer with the page of the text in the form, or of an essay's newest version."""
    given = request.POST if request.method == "POST" else request.GET
    post = post_of(desk, request, given.get("post") or given.get("essay") or "")
    if request.method == "POST":
        post.kind = given.get("kind") if given.get("kind") in Post.Kind.values else post.kind
        text = Text.cleaned(
            title=given.get("title", ""),
            standfirst=given.get("standfirst", ""),
            body=given.get("body", ""),
            tags=COMMAS.split(given.get("tags", ""))[:MOST_TAGS],
            slug=given.get("slug", ""),
            lang=given.get("lang", ""),
        )
    else:
        newest = Revision.objects.newest(post) if post.pk else None
        text = newest.text if newest else Text.of(post)
    return page_of(request, post, text)


def post_of(desk, request, number):
    """Return the essay of a form, or a new one, if this person may write it."""
    if number == "":
        if not desk.has_add_permission(request):
            raise PermissionDenied
        return Post(author=request.user)
    post = number_in(number) and desk.get_object(request, number)
    if not post:
        raise Http404(number)
    if not desk.has_change_permission(request, post):
        raise PermissionDenied
    return post


def page_of(request, post, text):
    """Return the page of an essay with another text."""
    shown = with_text(post, text)
    refused, found, html = None, Beside(), ""
    try:
        html = rendered(text.body, text.lang)
    except MarkupError as error:
        refused = refusal(text.body, str(error))
    else:
        found = beside(text.body, html, things_to_look_at(text.body))
    shown.body_html = html
    shown.words, shown.reading_seconds = words_in(plain_text(html))
    if html != post.body_html:
        shown.annotated_html = ""
    styles = [sheet("preview"), mark_safe(found.style)]  # noqa: S308 - made of numbers
    context = {
        "post": shown,
        "tags": [] if refused else tags_named(text.tags),
        "refused": refused,
        "things": found.things,
        "desk": desk_of(post),
        "styles": styles,
        "found": {
            "blocks": found.lines,
            "things": [thing.data for thing in found.things],
            "counted": counted(found.things),
            "words": shown.words,
            "minutes": shown.minutes,
            "refused": refused,
        },
        "nav": "essays",
    }
    with translation.override(site_language()):
        response = render(request, "admin/posts/desk/preview.html", context)
    for name, value in headers(styles).items():
        response.headers[name] = value
    return response


def with_text(post, text):
    shown = copy.copy(post)
    shown.have_words(text)
    return shown


def headers(styles):
    """Return the headers of a page that this site's own pages may frame, without scripts."""
    policy = settings.SECURE_CSP | {
        "frame-ancestors": ["'self'"],
        "form-action": ["'none'"],
        "script-src": ["'none'"],
        "style-src": [csp_source(), *map(source_of, styles)],
    }
    return {
        "Content-Security-Policy": "; ".join(
            f"{name} {' '.join(values)}" for name, values in policy.items()
        ),
        "X-Frame-Options": "SAMEORIGIN",
        "X-Robots-Tag": "noindex",
        "Cache-Control": PRIVATE,
    }


def tags_named(names):
    """Return tags of these names in the order of a page, new ones as they would be made."""
    known = {tag.key: tag for tag in Tag.objects.like(names)} if names else {}
    made = [
        known.get(key_of(name)) or Tag(name=name, slug=slug_of(name) or "tag") for name in names
    ]
    return sorted(made, key=lambda tag: place_of(tag.name))


def desk_of(post):
    return reverse("admin:posts_post_change", args=[post.pk]) if post.pk else ""


def refusal(body, why):
    """Return what the page says of a text that is not rendered, and where it has to change."""
    found = max(paragraphs(body), key=lambda part: weight_of(part[2]), default=(1, 1, ""))
    number, line, _text = found
    says = _("The text is refused at paragraph %(number)d, so it is not shown. %(why)s")
    return {
        "paragraph": number,
        "line": line,
        "says": says % {"number": number, "why": why},
    }
