"""The tags by which an essay's template shows its thread, its form and its endpoints."""

import re
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language

from blog.lib.base_path import placed
from blog.lib.listing import listed, quoted
from blog.lib.moments import short_day_and_time
from blog.markup import MarkupError
from blog.markup.elsewhere import with_own_notes
from blog.posts.desk.preview import rendered
from blog.site.reading import site
from blog.web.copying import is_copied
from blog.web.scripts import READERS_SCRIPT
from blog.web.theme.engine import made_by
from comments import browser
from comments.forms import CommentForm
from comments.linkbacks.ours import takes_linkbacks
from comments.linkbacks.receive import endpoints
from comments.models import Comment, ThreadPage, beside
from comments.rendering.ways import with_ways
from comments.text.already import is_already

register = template.Library()
register.filter("is_already", is_already)

# Notes that an author is shown by name before their words go; the others are counted.
MOST_NAMED = 10


@register.simple_tag
def readers_script():
    """Return the script that keeps an unsent comment and offers notes, for a script element."""
    return READERS_SCRIPT


# The Reply link in the stored HTML of each comment, removed when the essay is closed: an essay can
# close by age, without being saved. A comment's own HTML has no class, so this never matches it.
REPLY_LINK = re.compile(r'<p class="answer">.*?</p>', re.DOTALL)


@register.simple_tag(takes_context=True)
def essay_text(context, post):
    """Return the essay's HTML with the notes beside it, its reader's own waiting ones included.

    Where these can be written, each paragraph leads there.
    """
    if context.get("notes_hidden"):
        return mark_safe(placed(with_own_notes(post.body_html, post.pk)))  # noqa: S308 - stored HTML
    own = [note for note in own_waiting_comments(context["request"], post) if note.passage]
    html = placed(beside.with_own(post, own) if own else post.shown_html)
    if browser.may_write_notes(context["request"], post):
        html = with_ways(html, reverse("note", args=[post.path]))
    return mark_safe(with_own_notes(html, post.pk))  # noqa: S308 - stored HTML, and what is made of it


@register.inclusion_tag("admin/comments/_losing.html")
def losing_words(post, newest):
    """Name, to an essay's author, the notes that lose their words once a version is published."""
    try:
        losing = beside.losing_words(post, rendered(newest.body, newest.lang))
    except MarkupError:
        losing = []  # the desk says it
    return {"losing": losing[:MOST_NAMED], "more": max(0, len(losing) - MOST_NAMED)}


@register.simple_tag(takes_context=True)
def offers_notes(context, post):
    """Return whether this reader is shown where notes are written."""
    return browser.may_write_notes(context["request"], post)


@register.inclusion_tag("comments/_comments.html", takes_context=True)
def comment_thread(context, post, number=1):
    """Show page `number` of the thread under `post`, the mentions and the form.

    One query for a reader; one more for a browser whose cookie names comments.
    """
    request = context["request"]
    pages = context.get("thread_pages") or ThreadPage.objects.shown(post, number)
    shown, mentions = pages.get(number), pages.get(ThreadPage.MENTIONS)
    reply_to = context.get("reply_to")
    html = shown.html if shown else ""
    before, after = split_below(html if post.takes_comments else REPLY_LINK.sub("", html), reply_to)
    own = own_waiting_comments(request, post)
    token = browser.make_token(post)
    shared = {
        name: context.get(name)
        for name in ("refused", "wait", "since", "mine", "published", "preview", "editing")
    }
    result = shared | {
        "request": request,
        "signed_in": browser.signed_in(request),
        "post": post,
        "before": mark_safe(placed(before)),  # noqa: S308 - both are stored HTML
        "after": mark_safe(placed(after)),  # noqa: S308
        "mentions": mark_safe(placed(mentions.html)) if mentions else "",  # noqa: S308 - the same
        "waiting": own,
        "reply_to": reply_to,
        "token": token,
        "policy": site().comment_policy,
        "copied": is_copied(),
    }
    result["silent"] = is_quiet(post, result) and not html
    if "comment_form" not in context and not request.COOKIES and not settings.DEBUG:
        depends = settings.MAIL_IS_SET_UP, get_language(), site().version, made_by()
        result["plain_form"] = plain_form(post.path, token, site().comment_policy, *depends)
    else:
        result["form"] = context.get("comment_form") or CommentForm(
            post=post, initial=browser.remembered(request)
        )
    return result | (other_pages(post, number, shown.last) if shown else {})


def other_pages(post, number, last):
    """Return the addresses of the pages before and after page `number`, for the template."""
    found = {}
    if number < last:
        found |= {"newer_url": page_url(post, number + 1), "newest_url": page_url(post, last)}
    if number > 1:
        found["older_url"] = page_url(post, number - 1)
    return found


def is_quiet(post, shown):
    """Whether it is a page such as an imprint, which takes no comments and has none."""
    is_closed = post.kind == post.Kind.PAGE and not post.takes_comments
    return is_closed and not any(shown[name] for name in ("refused", "waiting", "mentions"))


@lru_cache(maxsize=500)
def plain_form(path, token, policy, *depends):
    """Return the form for readers without a cookie, which is the same for all of them for an hour.

    Rendering it is a quarter of the cost of a page that is not cached.
    """
    form = CommentForm(post=None)
    given = {"post": {"path": path}, "token": token, "policy": policy, "form": form, "site": site()}
    return mark_safe(render_to_string("comments/_form.html", given))  # noqa: S308 - a template's


@register.simple_tag(takes_context=True)
def linkback_links(context, post):
    """Name the endpoints for mentions of `post`; the middleware adds them to the headers too.

    The first element is spelled exactly as in Pingback 1.0, 2.2, because clients search for that
    text.
    """
    if not takes_linkbacks(post):
        return ""
    context["request"].takes_linkbacks = True
    pingback, webmention = endpoints()
    return format_html(
        '<link rel="pingback" href="{}">\n<link rel="webmention" href="{}">', pingback, webmention
    )


def split_below(html, comment):
    """Split the stored HTML after the article of a comment."""
    start = html.find(f' id="c{comment.pk}"') if comment else -1
    if start < 0:
        return html, ""
    # A comment's own HTML cannot hold this tag, because cleaning removes it.
    end = html.index("</article>", start) + len("</article>")
    return html[:end], html[end:]


def own_waiting_comments(request, post):
    """Return the waiting comments under `post` that this browser's cookie proves it wrote."""
    numbers = browser.own_comment_ids(request)
    if not numbers:
        return []
    if (kept := getattr(request, "own_waiting", None)) is not None:
        return kept
    waiting = Comment.objects.written().filter(pk__in=numbers, post=post)
    waiting = list(waiting.filter(status__in=Comment.SHOWN_AS_WAITING).select_related("parent"))
    for comment in waiting:
        comment.post = post
    request.own_waiting = waiting  # a page asks twice, and is about one essay
    return waiting


def page_url(post, number):
    """Return the address of page `number` of the thread; the first page is the essay's."""
    if number == 1:
        return f"{post.get_absolute_url()}#comments"
    return f"{reverse('thread', args=[post.path, number])}#comments"


@register.filter
def when(moment, post):
    """Return day and time, with the year only if the essay is from another year."""
    moment = timezone.localtime(moment)
    published = post.published_at and timezone.localtime(post.published_at)
    if published and published.year == moment.year:
        return short_day_and_time(moment)
    return short_day_and_time(moment, year=True)


@register.filter
def other_places(comment, url):
    """Return the other words that a comment is about, as links within the essay."""
    return listed(
        quoted(format_html('<a href="{}{}">{}</a>', url, fragment, Truncator(words).chars(160)))
        for words, fragment in comment.also_on
    )
