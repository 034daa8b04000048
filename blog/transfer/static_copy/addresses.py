"""Every public address of the site, a kind at a time."""

import re
from urllib.parse import quote

from django.db.models import F, Q
from django.urls import reverse

from blog.posts.feeds.essays import authors
from blog.posts.models import Forward, OldAddress, Post, Tag
from comments.models import Comment
from comments.views.pages import place_of

FEEDS = ("feed.xml", "atom.xml", "feed.json")
# Not asked for further pages, nor by anybody's old addresses.
ALONE = ("/archive/", "/tags/", "/feeds/", "/search/", "/about/", "/sitemap.xml", "/robots.txt")
ALONE += ("/site.webmanifest", "/favicon.ico")
# Lists and feeds, each of which may go on: with how its next page is named.
LISTS = ("/", *(f"/{file}" for file in FEEDS), *(f"/comments/{file}" for file in FEEDS))
OF_WORDPRESS = ("/feed/", "/feed/rss/", "/feed/rss2/", "/feed/atom/")
_NEXT = re.compile(rb'rel="next"|"next_url"')


def page_of(address, number):
    """Return the address of a further page of a list or a feed."""
    start, _slash, file = address.rpartition("/")
    return f"{start}/page/{number}/{file}"


def goes_on(answer):
    return _NEXT.search(answer.body) is not None


def of_dates():
    """Yield the archives of years and months."""
    dates = Post.objects.published().essays().order_by("published_at")
    for year in dates.datetimes("published_at", "year"):
        yield f"/{year.year:04d}/"
    for month in dates.datetimes("published_at", "month"):
        yield f"/{month.year:04d}/{month.month:02d}/"


def of_tags():
    """Yield each tag's lists, with the starts of addresses that it had before."""
    for tag in Tag.objects.public().order_by("pk"):
        old = [f"/tags/{quote(slug)}/" for slug in tag.old_slugs.values_list("slug", flat=True)]
        start = reverse("tag", args=[tag.slug])
        yield start, [start, *(f"{start}{file}" for file in FEEDS)], old


def of_authors():
    for author in authors():
        start = reverse("author", args=[author.pk])
        yield from (start, *(f"{start}{file}" for file in FEEDS))


def published():
    return (
        Post.objects.published()
        .order_by("pk")
        .defer("body", "body_html", "standfirst")
        .iterator(chunk_size=50)
    )


def of_threads(post):
    """Yield the feeds of an essay's comments, which may go on."""
    return (f"/{quote(post.path)}/comments/{file}" for file in FEEDS)


def comments_of(post):
    """Yield each comment that readers see, its number and where its address leads.

    The third is where it stands in the thread, for one that stands beside words of the essay too.
    """
    found = Comment.objects.filter(post=post).filter(
        Q(status=Comment.Status.APPROVED) | Q(line__isnull=False)
    )
    found = found.annotate(on=F("line__page__number")).only(
        *("post", "status", "kind", "passage_state", "parent")
    )
    for comment in found.order_by("pk").iterator(chunk_size=500):
        comment.post = post
        page = comment.on or (comment.thread_page if post.thread_stale else 1)
        thread = place_of(comment, page, in_thread=True)
        yield comment.pk, place_of(comment, page), thread


def withdrawn():
    """Yield the addresses of what was published once, and taken back.

    Pages come last: the last answer is shown for all, and every essay is on a page.
    """
    taken = Post.objects.filter(withdrawn_at__isnull=False).order_by("kind", "pk")
    yield from (f"/{quote(path)}/" for path in taken.values_list("path", flat=True).iterator())


def old():
    """Yield addresses of former days, as they are kept: paths, or queries of the front page."""
    yield from OldAddress.objects.order_by("path").values_list("path", flat=True).iterator()
    yield from Forward.objects.order_by("path").values_list("path", flat=True).iterator()


def above_old():
    """Yield the parts of old addresses that hold others, where they look like names of files."""
    for path in old():
        parts = path.strip("/").split("/")
        for count in range(1, len(parts)):
            if "." in parts[count - 1]:
                yield "/".join(parts[:count])
