"""How templates write what machines read: moments, and an essay's structured data."""

import json
from datetime import timedelta
from functools import lru_cache
from urllib.parse import quote, urlsplit

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.encoding import uri_to_iri
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from blog.lib.base_path import based, placed
from blog.lib.figures import ago as long_ago
from blog.lib.figures import comments
from blog.lib.moments import day, day_and_time, short_day_and_time
from blog.markup import direction, with_own_notes
from blog.markup.direction import turns
from blog.media.names import FOLDER, size_of, thumbnail_of
from blog.posts.lists import Entry
from blog.site.reading import site
from blog.web.scripts import EDIT_SCRIPT
from blog.web.theme.engine import made_by

register = template.Library()

# The characters that could end the script element or start markup in it.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def iso(moment):
    """Return a moment for a `datetime` attribute, to the second (HTML takes no microseconds)."""
    return timezone.localtime(moment).isoformat(timespec="seconds")


register.filter("day", day)
register.filter("comments", comments)
register.filter("day_and_time", day_and_time)
register.filter("short_day_and_time", short_day_and_time)


@register.filter
def ago(moment):
    """Return how long ago a moment was, in its largest unit."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return long_ago(timezone.now() - moment)


@register.filter
def bdi(name):
    """Return a name or a title so that its direction turns nothing around it."""
    return format_html("<bdi>{}</bdi>", name) if turns(str(name)) else name


@register.filter(is_safe=True)
def isolated(name):
    """Return the same for plain text."""
    return direction.isolated(str(name))


@register.filter
def as_read(address):
    """Return an address with the letters that its percent signs stand for."""
    return uri_to_iri(address)


@register.filter
def shown(post):
    """Return an essay's text, whose notes can also be found by the ids that feeds have for them."""
    html = with_own_notes(post.shown_html, post.pk) if post.pk else post.shown_html
    return mark_safe(placed(html))  # noqa: S308 - our stored HTML


@register.simple_tag
def lines(entries, template, own=False):
    """Return the lines of a list by a template for one; a process renders each once for its row.

    The template has `post`, and `own` where all are by the author whose page it is.
    """
    made = line.__wrapped__ if settings.DEBUG else line
    clock, base = timezone.get_current_timezone_name(), get_script_prefix()
    depends = get_language(), clock, base, made_by(), site().version
    return [made(entry.row, template, own, *depends) for entry in entries]


# A change of one essay, as by each new comment, has lists made again of lines that are the same.
@lru_cache(maxsize=1000)
def line(row, template, own, *_depends):
    return render_to_string(template, {"post": Entry(row), "own": own})


@register.filter
def lang(post):
    """Return the attribute that says an essay's language, with its space, where it is another."""
    language = post.other_language
    return format_html(' lang="{}"', language) if language else ""


@register.filter
def said_in(post):
    """Return the attributes of an essay's title or standfirst: its direction and its language."""
    return format_html(' dir="{}"{}', post.direction, lang(post))


@register.simple_tag(takes_context=True)
def edit_link(context, post):
    """Return a link to the desk for somebody who may write there; nothing is asked of strangers.

    A script has it lead to the paragraph on screen, and keeps it in sight.
    """
    request = context.get("request")
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    if not (request.user.is_staff and post.is_written_by(request.user)):
        return ""
    address = reverse("admin:posts_post_change", args=[post.pk])
    back = quote(post.get_absolute_url(), safe="")
    request.may_edit = True  # blog.web.middleware then allows the script
    return format_html(
        '<span><a id="edit" href="{}?back={}">{}</a></span>', address, back, _("Edit")
    )


@register.simple_tag(takes_context=True)
def edit_script(context):
    """Return the script of the link to the desk where the page has that; it stands at the end."""
    if not getattr(context.get("request"), "may_edit", False):
        return ""
    return format_html("<script>{}</script>", EDIT_SCRIPT)


@register.simple_tag
def structured_data(post):
    """Return the essay as JSON-LD (schema.org/BlogPosting), safe inside a script element.

    Such a script is data: no browser runs it, so the Content-Security-Policy leaves it alone.
    """
    url = settings.SITE_URL + post.get_absolute_url()
    data = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": post.title,
        "description": post.summary,
        "datePublished": post.published_at.isoformat() if post.published_at else None,
        "dateModified": max(post.updated_at, post.published_at or post.updated_at).isoformat(),
        "author": author_of(post),
        "image": post.shared_address,
        "publisher": {"@type": "Organization", "name": site().title},
        "mainEntityOfPage": url,
        "url": url,
        "wordCount": post.words,
        "commentCount": post.comment_count,
        "inLanguage": post.language,
    }
    given = {name: value for name, value in data.items() if value not in (None, "")}
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(text)  # noqa: S308


def author_of(post):
    said = {"@type": "Person", "name": post.byline}
    if post.kind == post.Kind.ESSAY and getattr(post, "has_others", False):
        said["url"] = settings.SITE_URL + reverse("author", args=[post.author_id])
    return said


@register.simple_tag
def face(picture):
    """Return the picture of a person, small."""
    name = thumbnail_of(picture.file.name)
    width, height = size_of(name)
    return format_html(
        '<img class="face u-photo" src="{}" alt="{}" width="{}" height="{}">',
        *(based(FOLDER + name), picture.alt, width, height),
    )


@register.filter
def host(address):
    """Return an address as people say it: its host, and its path if it has one."""
    parts = urlsplit(address)
    return (parts.hostname or "").removeprefix("www.") + parts.path.rstrip("/")
