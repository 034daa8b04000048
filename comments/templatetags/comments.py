"""How the essay page, which knows nothing of comments, shows its thread."""

from django import template
from django.db.models import Max, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from comments.models import ThreadPage

register = template.Library()


@register.inclusion_tag("comments/_comments.html")
def comment_thread(post, number=1):
    """Show page `number` of the thread under `post`, and the mentions (one query)."""
    of_post = ThreadPage.objects.filter(post=post)
    last = of_post.order_by().values("post").annotate(last=Max("number")).values("last")
    pages = of_post.filter(number__in=[number, ThreadPage.MENTIONS])
    # The number of the last page comes along, so that the links below the thread cost no query.
    pages = {page.number: page for page in pages.annotate(last=Subquery(last))}
    shown = pages.get(number)
    context = {"post": post, "page": shown, "mentions": pages.get(ThreadPage.MENTIONS)}
    if shown and number < shown.last:
        context["newer_url"] = page_url(post, number + 1)
        context["newest_url"] = page_url(post, shown.last)
    if shown and number > 1:
        context["older_url"] = page_url(post, number - 1)
    return context


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
