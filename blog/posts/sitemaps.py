"""sitemap.xml: every published essay and page, and the tags (sitemaps.org/protocol.html)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.encoding import iri_to_uri

from .feeds.essays import authors
from .models import Post, Tag, has_several_authors


class SiteSitemap(Sitemap):
    """A sitemap whose addresses are built from SITE_URL, never from the Host header."""

    def get_protocol(self, protocol=None):
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc

    def location(self, item):
        # A sitemap takes addresses escaped only, and a slug may be in any script.
        return iri_to_uri(item.get_absolute_url())


class PostSitemap(SiteSitemap):
    def items(self):
        return Post.objects.published().only("path", "updated_at", "published_at", "kind")

    def lastmod(self, post):
        return max(post.updated_at, post.published_at)


class TagSitemap(SiteSitemap):
    def items(self):
        essays = Q(posts__in=Post.objects.published().essays())
        tags = Tag.objects.annotate(newest=Max("posts__published_at", filter=essays))
        return tags.filter(newest__isnull=False).order_by("slug")

    def lastmod(self, tag):
        return tag.newest


class AuthorSitemap(SiteSitemap):
    """The pages of authors, which there are where several write."""

    def items(self):
        if not has_several_authors():
            return []
        essays = Q(posts__in=Post.objects.published().essays())
        return authors().annotate(newest=Max("posts__published_at", filter=essays))

    def location(self, author):
        return reverse("author", args=[author.pk])

    def lastmod(self, author):
        return author.newest


class FrontSitemap(SiteSitemap):
    def items(self):
        return ["index", "archive", "tags"]

    def location(self, name):
        return reverse(name)


SITEMAPS = {
    "posts": PostSitemap,
    "tags": TagSitemap,
    "authors": AuthorSitemap,
    "front": FrontSitemap,
}
