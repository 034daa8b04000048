"""What feeds of essays say: all of them, those with a tag, those by one author."""

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from blog.lib.feed_ids import part_of
from blog.markup import feed_html, storable
from blog.posts.models import FeedIdentity, Post, Tag
from blog.site.reading import site

from .enclosures import with_enclosures
from .parts import Entry, Picture
from .view import Source, whole


class Essays(Source):
    """The newest essays. Every address in it is absolute and built from SITE_URL."""

    @property
    def size(self):
        return site().feed_entries

    def feed_id(self, about):
        return FeedIdentity.objects.of("essays")

    def title(self, about):
        return site().title

    def description(self, about):
        return site().tagline

    def home(self, about):
        return reverse("index")

    def rows(self, about):
        essays = Post.objects.published().essays()
        return essays.select_related("author").prefetch_related("tags").defer("body")

    def entries(self, rows):
        return [entry(post) for post in with_enclosures(rows)]


class EssaysWithTag(Essays):
    name = "tag"

    def find(self, slug):
        return get_object_or_404(Tag.objects.public(), slug=slug)

    def where(self, tag):
        return {"slug": tag.slug}

    def feed_id(self, tag):
        return tag.feed_id

    def title(self, tag):
        return f"{tag} · {site().title}"

    def description(self, tag):
        return _("Essays about %(tag)s.") % {"tag": tag}

    def home(self, tag):
        return tag.get_absolute_url()

    def rows(self, tag):
        return super().rows(tag).filter(tags=tag)


class EssaysByAuthor(Essays):
    """Those of one author, by the account's number: a name can change, and may be the sign-in."""

    name = "author"

    def find(self, number):
        return get_object_or_404(authors(), pk=number)

    def where(self, author):
        return {"number": author.pk}

    def feed_id(self, author):
        return part_of(FeedIdentity.objects.of("essays"), f"author-{author.pk}")

    def title(self, author):
        names = {"name": byline(author), "site": site().title}
        return _("Essays by %(name)s · %(site)s") % names

    def description(self, author):
        return _("Essays by %(name)s.") % {"name": byline(author)}

    def rows(self, author):
        return super().rows(author).filter(author=author)


def authors():
    """Return the accounts that readers know essays of, by their names."""
    essays = Post.objects.published().essays().filter(author=OuterRef("pk"))
    users = get_user_model().objects.filter(Exists(essays))
    return users.order_by("first_name", "last_name", "pk")


def byline(author):
    return Post(author=author).byline


def entry(post):
    url = whole(post.get_absolute_url())
    content = feed_html(post.body_html, url, post.pk)
    language = post.other_language
    if language:
        content = format_html('<div lang="{}">\n{}\n</div>', language, mark_safe(content))  # noqa: S308 - our stored HTML
    return Entry(
        id=post.feed_id,
        url=url,
        title=str(post),
        content=content,
        summary=post.summary,
        byline=post.byline,
        published=post.published_at,
        updated=max(post.updated_at, post.published_at),
        language=language,
        tags=[tag.name for tag in post.tags.all()],
        enclosures=post.enclosures,
        picture=picture_of(post),
    )


def picture_of(post):
    """Return the picture that an essay is shown with; None for none."""
    if not post.shared_name:
        return None
    width, height = post.shared_size
    address, alt = post.shared_address, storable(post.shared_alt)
    return Picture(address, post.shared_type, width, height, alt)
