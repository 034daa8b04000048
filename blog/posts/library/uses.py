"""Where pictures are shown: read for a page of them at once."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from blog.lib.listing import and_more, listed
from blog.posts.models import FileUse, Post

# Essays that are named for one picture; the others are counted.
NAMED = 3


@dataclass(frozen=True)
class Link:
    """An essay that shows a picture, and where it is written."""

    title: str
    address: str


@dataclass
class Uses:
    """Where one picture is shown. `before` are essays of which only earlier versions show it."""

    now: list[Link] = field(default_factory=list)
    before: list[Link] = field(default_factory=list)
    shared: list[Link] = field(default_factory=list)

    # The same as lists of links, for sentences.

    @property
    def some_now(self):
        return and_more(links(self.now[:NAMED]), max(0, len(self.now) - NAMED))

    @property
    def some_before(self):
        return listed(links(self.before[:NAMED]))

    @property
    def all_before(self):
        return listed(links(self.before))

    @property
    def all_shared(self):
        return listed(links(self.shared))


def links(essays):
    """Return links to where essays are written."""
    return [
        format_html('<a href="{}"><bdi>{}</bdi></a>', essay.address, essay.title)
        for essay in essays
    ]


def uses_of(images):
    """Return the Uses of each picture by its file's name (two queries, however many there are)."""
    found = {image.file.name: Uses() for image in images}
    rows = FileUse.objects.filter(name__in=found).order_by("-post__created_at", "-post")
    for name, is_current, *post in rows.values_list("name", "is_current", "post", "post__title"):
        (found[name].now if is_current else found[name].before).append(link(*post))
    names = {image.pk: image.file.name for image in images}
    chose = Post.objects.filter(picture__in=names).order_by("-created_at", "-pk")
    for image, *post in chose.values_list("picture", "pk", "title"):
        found[names[image]].shared.append(link(*post))
    return found


def link(number, title):
    address = reverse("admin:posts_post_change", args=[number])
    return Link(title or _("(no title)"), address)
