"""Versions of what an owner sets in the admin. The newest is in force; none is ever changed."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.markup.names import clean_name, is_seen, title_line

from .looks import COLOUR_CHOICES, TYPEFACE_CHOICES
from .own_css import MOST as MOST_OF_CSS

# What a version holds. An empty value, None or "", stands for the default.
FIELDS = (
    *("title", "tagline", "author", "language", "entries", "feed_entries", "colours", "typeface"),
    *("css", "icons", "picture", "masthead", "foot", "profiles"),
    *("comments", "comment_days", "comment_policy", "comment_notes"),
    *("comment_words", "comment_words_html"),
)
COUNTS = [MinValueValidator(1), MaxValueValidator(200)]


class SiteVersion(models.Model):
    """One version of the site's settings, with who saved it and when."""

    title = models.CharField(_("title"), max_length=100, blank=True)
    tagline = models.CharField(_("tagline"), max_length=300, blank=True)
    author = models.CharField(
        pgettext_lazy("who writes the site", "author"), max_length=100, blank=True
    )
    language = models.CharField(_("language"), max_length=20, blank=True)
    entries = models.PositiveSmallIntegerField(
        _("essays on a page"), null=True, blank=True, validators=COUNTS
    )
    feed_entries = models.PositiveSmallIntegerField(
        _("essays in a feed"), null=True, blank=True, validators=COUNTS
    )
    colours = models.CharField(_("colours"), max_length=20, blank=True, choices=COLOUR_CHOICES)
    typeface = models.CharField(_("typeface"), max_length=20, blank=True, choices=TYPEFACE_CHOICES)
    css = models.TextField(_("stylesheet of your own"), max_length=MOST_OF_CSS, blank=True)
    # Names of files in the media: of the icon one in each size.
    icons = models.JSONField(_("icon"), default=list, blank=True)
    picture = models.CharField(_("picture"), max_length=100, blank=True)
    # Lists of pairs: an address, and words where they are not the address's own.
    masthead = models.JSONField(_("masthead"), null=True, blank=True)
    foot = models.JSONField(_("foot"), null=True, blank=True)
    profiles = models.JSONField(
        pgettext_lazy("pages of one’s own", "elsewhere"), null=True, blank=True
    )
    comments = models.CharField(
        pgettext_lazy("comments of the site", "comments"),
        max_length=10,
        blank=True,
        choices=[
            ("open", pgettext_lazy("comments of the site", "Taken")),
            ("closed", _("Closed on the whole site")),
        ],
    )
    comment_days = models.PositiveIntegerField(
        _("days for which an essay takes comments"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36500)],
    )
    comment_policy = models.CharField(
        _("which comments wait for a moderator"),
        max_length=20,
        blank=True,
        choices=[
            ("hold-all", pgettext_lazy("comments that wait", "All")),
            ("hold-first", pgettext_lazy("comments that wait", "Each writer’s first")),
            ("publish-all", pgettext_lazy("comments that wait", "Suspicious ones")),
        ],
    )
    comment_notes = models.CharField(
        _("notes beside words"),
        max_length=5,
        blank=True,
        choices=[
            ("on", pgettext_lazy("notes of readers", "From all readers")),
            (
                "known",
                pgettext_lazy("notes of readers", "From readers of whom a comment was approved"),
            ),
            ("off", pgettext_lazy("notes of readers", "From nobody")),
        ],
    )
    comment_words = models.TextField(_("words above the comment form"), max_length=2000, blank=True)
    comment_words_html = models.TextField(blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("who saved a version", "by"),
    )
    at = models.DateTimeField(pgettext_lazy("date of a version", "saved"), default=timezone.now)
    # The version it was brought back from.
    source = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    # Declared to blog.pages.invalidation: each page is made of it, and each process keeps it.
    changes_pages = changes_site = True

    class Meta:
        verbose_name = _("version of the site’s settings")
        verbose_name_plural = _("site’s settings")
        ordering = ["-pk"]
        permissions = [
            ("change_site", _("Can change the site’s title, menus and words")),
            ("run_site", _("Can see jobs, mails and sign-ins, and what does not work")),
        ]
        default_permissions = ()

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"

    def save(self, **kwargs):
        self.clean_names()
        super().save(**kwargs)

    def clean(self):
        self.clean_names()

    def clean_names(self):
        """Have in the masthead and over essays what can be seen, or the usual."""
        self.title, self.tagline = title_line(self.title), title_line(self.tagline)
        self.author = clean_name(self.author) if is_seen(self.author) else ""

    def differs_in(self, name):
        """Whether the version before it, or the default, had another value (one query)."""
        before = SiteVersion.objects.filter(pk__lt=self.pk).order_by("-pk").first()
        return getattr(self, name) != getattr(before or SiteVersion(), name)

    @property
    def values(self):
        return {name: getattr(self, name) for name in FIELDS}
