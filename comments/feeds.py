"""What feeds of approved comments say: of the whole site and of each essay."""

from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from blog.lib.feed_ids import part_of
from blog.markup import feed_html, plain_text
from blog.posts.feeds.parts import Entry
from blog.posts.feeds.view import MOST_PAGES, Source, whole
from blog.posts.models import FeedIdentity, Post
from blog.site.reading import site
from comments.models import Comment


class Comments(Source):
    """The newest comments of the site."""

    name = "comments"
    # Enough for a reader that looks once a day, even on a busy day.
    size = 50
    # A database counts up to the first comment of a page, so no page is a million away.
    most_pages = 200

    def feed_id(self, about):
        return FeedIdentity.objects.of("comments")

    def title(self, about):
        return _("Comments on %(title)s") % {"title": site().title}

    def description(self, about):
        return self.title(about)

    def home(self, about):
        return reverse("index")

    def rows(self, about):
        # Only comments of published posts. EXISTS is checked for each comment, newest first; with
        # a join SQLite would read and sort all comments.
        public = Post.objects.published().filter(pk=OuterRef("post"))
        return newest().filter(Exists(public))

    def entries(self, rows):
        return [entry(comment) for comment in rows]


class CommentsOnPost(Comments):
    name = "post-comments"
    most_pages = MOST_PAGES  # an index has them in order

    def find(self, path):
        named = Post.objects.published().only("title", "path", "feed_id")
        return get_object_or_404(named, path=path)

    def where(self, post):
        return {"path": post.path}

    def feed_id(self, post):
        return part_of(post.feed_id, "comments")

    def title(self, post):
        about = _("Comments on %(title)s") % {"title": post}
        return f"{about} · {site().title}"

    def home(self, post):
        return f"{post.get_absolute_url()}#comments"

    def rows(self, post):
        return newest().filter(post=post)


def newest():
    comments = Comment.objects.approved().written().select_related("post")
    comments = comments.defer("post__body", "post__body_html", "post__annotated_html")
    return comments.order_by("-created_at", "-pk")


def entry(comment):
    post = comment.post
    return Entry(
        # Rows that a program wrote past this code have no id of their own.
        id=comment.feed_id or part_of(post.feed_id, f"comment-{comment.pk}"),
        url=whole(comment.get_absolute_url()),
        title=_("%(name)s on %(title)s") % {"name": comment.shown_name, "title": post},
        content=feed_html(comment.body_html, whole(post.get_absolute_url()), comment.pk),
        summary=plain_text(comment.body_html)[:200],
        byline=comment.shown_name,
        published=comment.created_at,
        updated=comment.created_at,
    )
