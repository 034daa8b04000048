"""Tags, by which essays are grouped, and the slugs they once had."""

import itertools
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from blog.lib.base_path import unbased
from blog.lib.feed_ids import LONGEST, new_feed_id
from blog.lib.slugs import MOST, slug_of
from blog.markup.names import title_line
from blog.posts.fields import SlugField
from blog.site.menus import follow, place_of, take_out

TAKEN = _("Another tag already has this name. Choose another.")
# A name of a hundred characters, each of which can become three.
LONGEST_KEY = 300


def key_of(name):
    """Return what the names of one tag have in common: capitals and forms of letters aside."""
    folded = unicodedata.normalize("NFKC", title_line(name)).casefold()
    return unicodedata.normalize("NFKC", folded)[:LONGEST_KEY]


class TagQuerySet(models.QuerySet):
    def public(self):
        """Return the tags that readers know of: those of at least one published essay."""
        essays = self.model.posts.rel.related_model.objects.published().essays()
        return self.filter(models.Exists(essays.filter(tags=models.OuterRef("pk"))))

    def named(self, names):
        """Return the tags of these names, new ones made; capitals make no other tag."""
        known = {tag.key: tag for tag in self.like(names)}
        seen = [name for name in names if key_of(name)]
        return [known.get(key_of(name)) or self._new(name) for name in seen]

    def like(self, names):
        """Return the tags of these names, whatever their capitals (one query)."""
        return self.filter(key__in={*map(key_of, names)})

    def free_slug(self, name, key=None):
        """Return the slug that follows from a name, with a number where another tag has it."""
        wanted = slug_of(name) or "tag"
        others = self.exclude(pk=key).filter(slug__startswith=wanted)
        taken = {*others.values_list("slug", flat=True)}
        numbered = (f"{wanted}-{number}" for number in itertools.count(2))
        return next(slug for slug in itertools.chain([wanted], numbered) if slug not in taken)

    def _new(self, name):
        given = {"name": name, "slug": self.free_slug(name)}
        return self.get_or_create(key=key_of(name), defaults=given)[0]


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=100)
    slug = SlugField(
        _("slug"),
        max_length=MOST,
        unique=True,
        blank=True,
        error_messages={"unique": _("Another tag already has this slug. Choose another.")},
        help_text=_(
            "The part of the tag’s address after /tags/. Empty, it follows the name. Readers of "
            "the old address are sent on."
        ),
    )
    # What makes the name the same as another, so that the database keeps it unique.
    key = models.CharField(
        max_length=LONGEST_KEY, unique=True, editable=False, error_messages={"unique": TAKEN}
    )

    # What the feeds of it are called, for good (blog.lib.feed_ids).
    feed_id = models.CharField(max_length=LONGEST, unique=True, default=new_feed_id, editable=False)

    # Who saves or deletes it, for the menus; None for a command.
    saved_by = None
    # The field of a form in which a person chooses what the database holds in another.
    entered_as = {"key": "name"}
    objects = TagQuerySet.as_manager()
    changes_pages = True

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["key"]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        """Follow the name, and let the address lead on that the tag had until now."""
        self.name = title_line(self.name)
        self.key = key_of(self.name)
        self.slug = self.slug or Tag.objects.free_slug(self.name, self.pk)
        with transaction.atomic():
            before = Tag.objects.filter(pk=self.pk).first() if self.pk else None
            super().save(**kwargs)
            OldTagSlug.objects.filter(slug=self.slug).delete()
            if before and before.slug != self.slug:
                OldTagSlug.objects.create(slug=before.slug, tag=self)
            if before and (before.slug, before.name) != (self.slug, self.name):
                follow(before.place, before.name, self.place, self.name, by=self.saved_by)

    def get_absolute_url(self):
        return reverse("tag", args=[self.slug])

    @property
    def place(self):
        return unbased(self.get_absolute_url())

    def clean(self):
        if not title_line(self.name):
            raise ValidationError({"name": self._meta.get_field("name").error_messages["blank"]})
        if Tag.objects.exclude(pk=self.pk).filter(key=key_of(self.name)).exists():
            raise ValidationError({"name": str(TAKEN)})


@receiver(pre_delete, sender=Tag, dispatch_uid="posts.tags.menus")
def leave_menus(instance, **kwargs):
    take_out([place_of(instance.place)], by=instance.saved_by)


class OldTagSlug(models.Model):
    """A slug that a tag once had: readers of its page and its feeds are sent on."""

    slug = models.CharField(_("old slug"), max_length=MOST, unique=True)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="old_slugs")

    changes_pages = True

    class Meta:
        verbose_name = _("old slug of a tag")
        verbose_name_plural = _("old slugs of tags")

    def __str__(self):
        return self.slug
