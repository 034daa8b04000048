"""The picture an essay is shown with elsewhere: what the desk offers, and what it will be."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from blog.lib.base_path import based
from blog.markup import MarkupError
from blog.media.names import FOLDER, size_of, thumbnail_of
from blog.posts.cards import drawn
from blog.posts.models import Image, Revision, names_in
from blog.web.cache_control import PRIVATE

from .preview import post_of, rendered, with_text

# Pictures of the text that are offered, and how many of those uploaded last.
OF_TEXT, LAST = 12, 6


@dataclass(frozen=True)
class Offer:
    """One choice. `value` is what the form sends, "" for none."""

    value: str
    label: str
    thumbnail: str
    checked: bool = False


def offers(post, newest, chosen):
    """Return the choices, "by itself" first (three queries). `chosen` is what the form holds."""
    chosen = str(chosen or "")
    names = names_in(newest.body) if newest else set()
    images = {
        str(image.pk): image
        for image in [
            *Image.objects.filter(file__in=names).order_by("pk")[:OF_TEXT],
            *Image.objects.all()[:LAST],
            *Image.objects.filter(pk=chosen if chosen.isdecimal() else None),
        ]
    }
    by_itself = shown(post, newest, None)
    return [
        Offer("", label_by_itself(by_itself), by_itself.thumbnail, chosen not in images),
        *(
            Offer(
                number,
                label(image),
                thumbnail(image.file.name),
                number == chosen,
            )
            for number, image in images.items()
        ),
    ]


@dataclass(frozen=True)
class Shown:
    """What is shown: the picture's address and size, or a card where it has no `name`."""

    name: str
    address: str
    alt: str
    thumbnail: str

    @property
    def size(self):
        return size_of(self.name) if self.name else ("1200", "630")


def shown(post, newest, picture):
    """Return what a link to the essay will be shown with, once readers have its newest version."""
    changed = with_text(post, newest.text) if newest else with_text(post, post)
    try:
        changed.body_html = rendered(changed.body, changed.lang)
    except MarkupError:
        changed.body_html = ""
    changed.picture = picture
    found = changed.own_picture()
    if found is None:
        card = reverse("admin:posts_post_card") + (f"?post={post.pk}" if post.pk else "")
        return Shown("", card, changed.title, card)
    name, alt = found
    return Shown(name, based(FOLDER + name), alt, thumbnail(name))


def thumbnail(name):
    return based(FOLDER + thumbnail_of(name))


def label_by_itself(found):
    if found.name:
        return _("By itself: the first in the text")
    return _("By itself: a card with the title")


def label(image):
    return f"{image.alt or _('No description')}, {image.dimensions}"


def card(desk, request):
    """Answer with the card of an essay, drawn from what is written of it; nothing is kept."""
    post = post_of(desk, request, request.GET.get("post", ""))
    newest = Revision.objects.newest(post) if post.pk else None
    image = drawn(newest.title if newest else post.title)
    return HttpResponse(image, "image/png", headers={"Cache-Control": PRIVATE})
