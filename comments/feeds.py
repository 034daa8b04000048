"""Feeds of the newest approved comments: of the whole site and of each essay."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from blog.markup import absolute_links, plain_text
from blog.posts.feeds import AtomWriter, SiteFeed
from blog.posts.models import Post
from comments.models import Comment

# Comments in a feed: enough for a reader that looks once a day, even on a busy day.
NEWEST = 50


class Rss(SiteFeed):
    """The newest comments of the site, or under one essay if its path is given."""

    url_name = "comments-rss"

    def get_object(self, request, path=None):
        named = Post.objects.published().only("title", "path", "created_at")
        return path and get_object_or_404(named, path=path)

    def title(self, post):
        about = post or settings.SITE_TITLE
        return _("Comments on %(title)s") % {"title": about}

    def description(self, post):
        return self.title(post)

    subtitle = description

    def link(self, post):
        return settings.SITE_URL + (f"{post.get_absolute_url()}#comments" if post else "/")

    def feed_guid(self, post):
        """Return the feed's Atom id; the default, its link, is the id of the essays' feed.

        It stays the same when the essay's slug changes, as RFC 4287, 4.2.6, requires.
        """
        if post:
            host = urlsplit(settings.SITE_URL).hostname
            return f"tag:{host},{post.created_at:%Y-%m-%d}:{post.pk}:comments"
        return settings.SITE_URL + reverse("comments-atom")

    def feed_url(self, post):
        if post:
            return settings.SITE_URL + reverse(f"post-{self.url_name}", args=[post.path])
        return settings.SITE_URL + reverse(self.url_name)

    def items(self, post):
        comments = Comment.objects.approved().written().select_related("post")
        # For the whole site, only comments of published posts. EXISTS is checked for each comment,
        # newest first; with a join SQLite would read and sort all comments.
        public = Post.objects.published().filter(pk=OuterRef("post"))
        comments = comments.filter(post=post) if post else comments.filter(Exists(public))
        return comments.defer("post__body", "post__body_html").order_by("-created_at", "-pk")[
            :NEWEST
        ]

    def item_title(self, comment):
        return _("%(name)s on %(title)s") % {"name": comment.shown_name, "title": comment.post}

    def item_link(self, comment):
        return settings.SITE_URL + comment.get_absolute_url()

    def item_guid(self, comment):
        host = urlsplit(settings.SITE_URL).hostname
        return f"tag:{host},{comment.created_at:%Y-%m-%d}:comment-{comment.pk}"

    def item_description(self, comment):
        return plain_text(comment.body_html)[:200]

    def item_pubdate(self, comment):
        return comment.created_at

    item_updateddate = item_pubdate

    def item_extra_kwargs(self, comment):
        base = settings.SITE_URL + comment.post.get_absolute_url()
        return {
            "content": absolute_links(comment.body_html, base),
            "byline": comment.shown_name,
        }


class Atom(Rss):
    feed_type = AtomWriter
    url_name = "comments-atom"
