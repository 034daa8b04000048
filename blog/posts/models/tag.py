"""Tags, by which essays are grouped."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from blog.markup import one_line


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
