"""What a link to an essay is shown with elsewhere: a picture of its own, or a card."""

from typing import NamedTuple

import lxml.html
from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.lib.base_path import home
from blog.media.cards import key_of
from blog.media.names import FOLDER, is_moving, name_in, original_of, size_of
from blog.site.reading import site

# The least width, in pixels, of a picture that stands for its essay unchosen: networks show it
# large. Wider ones than MOST get a smaller copy, which is also a JPEG, as not all know WebP.
WIDE, MOST = 600, 1200
TYPES = {"jpg": "image/jpeg", "png": "image/png"}


class Wanted(NamedTuple):
    """What is to be shown. `source` is what a job makes it from (blog.posts.cards), "" for nothing.

    Until that is done `name` is shown, if it is not empty.
    """

    source: str
    name: str
    alt: str


class WhenShared(models.Model):
    """Mixed into Post. All that a reader's page says of it is stored, so it asks for nothing."""

    picture = models.ForeignKey(
        "posts.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="chosen_by",
        verbose_name=_("picture for sharing"),
    )
    shared_name = models.CharField(max_length=100, blank=True, editable=False)
    shared_alt = models.CharField(max_length=500, blank=True, editable=False)
    # What a job made that file from, "" for a picture as it was uploaded.
    shared_from = models.CharField(max_length=100, blank=True, editable=False)

    # What the last save left to jobs: to make something from this, and to drop a file they made.
    card_wanted, card_dropped = "", ""

    class Meta:
        abstract = True

    def settle_shared(self, before):
        """Set what is shown, for a text or choice that may be new; `before` is as it is stored."""
        wanted = self.wanted_when_shared()
        old = (before.shared_name, before.shared_from) if before else ("", "")
        # An old card stays until the new one is there.
        stays = wanted.source == old[1] or (is_card(wanted.source) and is_card(old[1]))
        self.shared_name, self.shared_from = old if stays and old[1] else (wanted.name, "")
        self.shared_alt = wanted.alt[:500]
        self.card_wanted = self.needed_for_sharing(wanted)
        self.card_dropped = old[0] if old[1] and old[0] != self.shared_name else ""

    def needed_for_sharing(self, wanted=None):
        """Return what a job has to make its picture from, "" for nothing.

        None is made for what readers will not see.
        """
        if self.published_at is None or self.withdrawn_at:
            return ""
        source = (wanted or self.wanted_when_shared()).source
        return source if source != self.shared_from else ""

    def wanted_when_shared(self):
        """Return what is to be shown (one query where it has pictures)."""
        if found := self.own_picture():
            return wanted_of(*found)
        return Wanted(key_of(self.title, site().title), "", self.title)

    def own_picture(self):
        """Return the name and description of the picture it is shown with; None for a card.

        The one that was chosen, else the first of its text that is wide enough.
        """
        if self.picture:
            return self.picture.file.name, self.picture.alt
        pictures = type(self)._meta.get_field("picture").related_model.objects
        shown = [(name, alt) for name, alt in pictures_in(self.body_html) if is_wide(name)]
        names = {name for name, _alt in shown}
        known = dict(pictures.filter(file__in=names).values_list("file", "alt")) if shown else {}
        return next(((name, alt or known[name]) for name, alt in shown if name in known), None)

    @property
    def shared_address(self):
        """The picture's whole address, "" for none."""
        return f"{home()}{FOLDER}{self.shared_name}" if self.shared_name else ""

    @property
    def shared_size(self):
        """Its width and height."""
        return size_of(self.shared_name)

    @property
    def shared_type(self):
        return TYPES[self.shared_name.rpartition(".")[2]]

    @property
    def is_shared_large(self):
        return int(self.shared_size[0]) >= WIDE


def wanted_of(name, alt):
    """Return what is to be shown for a picture."""
    can_be_shown = name.rpartition(".")[2] in TYPES
    is_small = int(size_of(name)[0]) <= MOST
    return Wanted("" if can_be_shown and is_small else name, name if can_be_shown else "", alt)


def is_wide(name):
    size = size_of(name)
    return size is not None and int(size[0]) >= WIDE and not is_moving(name)


def is_card(source):
    return source.startswith("card-")


def pictures_in(html):
    """Yield the name of each picture of ours that an essay's HTML shows, and its description."""
    if "<img" not in html:
        return
    for image in lxml.html.fragment_fromstring(html, create_parent="div").iter("img"):
        if name := name_in(image.get("src", "")):
            yield original_of(name) or name, image.get("alt", "").strip()
