"""How the essay page, which knows nothing of comments, shows its thread and its form."""

import re
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from blog.web.scripts import DRAFT_SCRIPT
from comments import browser
from comments.forms import CommentForm
from comments.linkbacks.ours import takes_linkbacks
from comments.linkbacks.receive import endpoints
from comments.models import Comment, ThreadPage

register = template.Library()


@register.simple_tag
def draft_script():
    """Return the script that keeps what is being written, to stand in a script element."""
    return DRAFT_SCRIPT


# The Reply link of each stored comment, which a closed essay goes without: age and the site's
# setting close essays that nobody saves. No comment's own HTML has a class.
ANSWER = re.compile(r'<p class="answer">.*?</p>', re.DOTALL)


@register.inclusion_tag("comments/_comments.html", takes_context=True)
def comment_thread(context, post, number=1):
    """Show page `number` of the thread under `post`, the mentions and the form.

    One query for a reader; one more for a browser that proves it wrote something here.
    """
    request = context["request"]
    pages = context.get("thread_pages") or ThreadPage.objects.shown(post, number)
    shown = pages.get(number)
    reply_to = context.get("reply_to")
    html = shown.html if shown else ""
    before, after = split_below(html if post.takes_comments else ANSWER.sub("", html), reply_to)
    own = own_waiting(request, post)
    token = browser.make_token(post)
    shared = {
        name: context.get(name)
        for name in ("refused", "wait", "since", "mine", "published", "preview", "editing")
    }
    result = shared | {
        "request": request,
        "signed_in": browser.signed_in(request),
        "post": post,
        "before": mark_safe(before),  # noqa: S308 - both are stored HTML
        "after": mark_safe(after),  # noqa: S308
        "mentions": pages.get(ThreadPage.MENTIONS),
        "waiting": own,
        "reply_to": reply_to,
        "token": token,
        "policy": settings.COMMENT_POLICY,
    }
    if "comment_form" not in context and not request.COOKIES and not settings.DEBUG:
        result["plain_form"] = plain_form(
            post.path, token, settings.COMMENT_POLICY, settings.MAIL_IS_SET_UP
        )
    else:
        result["form"] = context.get("comment_form") or CommentForm(
            post=post, initial=browser.remembered(request)
        )
    return result | (other_pages(post, number, shown.last) if shown else {})


def other_pages(post, number, last):
    """Return the addresses of the pages of a thread beside page `number`, for the template."""
    found = {}
    if number < last:
        found |= {"newer_url": page_url(post, number + 1), "newest_url": page_url(post, last)}
    if number > 1:
        found["older_url"] = page_url(post, number - 1)
    return found


@lru_cache(maxsize=500)
def plain_form(path, token, policy, *depends):
    """Return the form as whoever is new here gets it: the same for an hour, for all of them.

    A quarter of what a missed page costs, and most misses are of a page that was made before.
    """
    form = CommentForm(post=None)
    given = {"post": {"path": path}, "token": token, "policy": policy, "form": form}
    return mark_safe(render_to_string("comments/_form.html", given))  # noqa: S308 - a template's


@register.simple_tag(takes_context=True)
def linkback_links(context, post):
    """Name the endpoints that take mentions of `post`; the middleware then does so in headers.

    The first element is spelled as Pingback 1.0, 2.2 wants it, which clients look for as text.
    """
    if not takes_linkbacks(post):
        return ""
    context["request"].takes_linkbacks = True
    pingback, webmention = endpoints()
    return format_html(
        '<link rel="pingback" href="{}">\n<link rel="webmention" href="{}">', pingback, webmention
    )


def split_below(html, comment):
    """Return the stored HTML up to the end of a comment's article, and the rest."""
    start = html.find(f' id="c{comment.pk}"') if comment else -1
    if start < 0:
        return html, ""
    # No comment's own HTML can hold the end of an article: the cleaners know no such tag.
    end = html.index("</article>", start) + len("</article>")
    return html[:end], html[end:]


def own_waiting(request, post):
    """Return what this browser proves it wrote here and a moderator has not judged yet."""
    numbers = browser.own_comment_ids(request)
    if not numbers:
        return []
    waiting = Comment.objects.written().filter(pk__in=numbers, post=post)
    waiting = list(waiting.filter(status__in=Comment.SHOWN_AS_WAITING).select_related("parent"))
    for comment in waiting:
        comment.post = post
    return waiting


def page_url(post, number):
    """Return the address of page `number` of the thread; the first page is on the essay itself."""
    if number == 1:
        return f"{post.get_absolute_url()}#comments"
    return f"{reverse('thread', args=[post.path, number])}#comments"


@register.filter
def when(moment, post):
    """Return day and time; with its year only where that is not the essay's."""
    moment = timezone.localtime(moment)
    published = post.published_at and timezone.localtime(post.published_at)
    if published and published.year == moment.year:
        return date_format(moment, "j M, H:i")
    return date_format(moment, "j M Y, H:i")
