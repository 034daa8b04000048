"""Tags, by which essays are grouped."""

import functools
import itertools
import operator

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from blog.markup import one_line


class TagQuerySet(models.QuerySet):
    def named(self, names):
        """Return the tags of these names, new ones made; capitals make no other tag."""
        return [self.filter(name__iexact=name).first() or self._new(name) for name in names]

    def like(self, names):
        """Return the tags of these names, whatever their capitals (one query)."""
        same = (models.Q(name__iexact=name) for name in names)
        return self.filter(functools.reduce(operator.or_, same, models.Q(pk=None)))

    def _new(self, name):
        wanted = slugify(name, allow_unicode=True)[:190] or "tag"
        for number in itertools.count(1):
            slug = wanted if number == 1 else f"{wanted}-{number}"
            found = self.filter(slug=slug).first()
            if found is None:
                return self.create(name=name, slug=slug)
            if found.name.casefold() == name.casefold():
                return found


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(
        _("slug"),
        max_length=200,
        unique=True,
        allow_unicode=True,
        error_messages={"unique": _("Another tag already has this slug. Choose another.")},
        help_text=_("The part of the tag’s address after /tags/."),
    )

    objects = TagQuerySet.as_manager()
    changes_pages = True

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.name = one_line(self.name)
        super().save(**kwargs)

    def get_absolute_url(self):
        return reverse("tag", args=[self.slug])
