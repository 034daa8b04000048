"""Essays and pages: what they hold, who sees them, and each change of that."""

import itertools
import math
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from blog.lib.constraints import refused_in_words
from blog.lib.counting import counted
from blog.lib.feed_ids import LONGEST, new_feed_id
from blog.lib.languages import tag_of
from blog.lib.slugs import MOST, slug_of
from blog.markup import VERSION, MarkupError, one_line, plain_text, render_post
from blog.markup.names import title_line
from blog.posts.fields import SlugField
from blog.site.reading import site

from .address import OldAddress, address_of, is_reserved
from .file_use import FileUse, names_in
from .in_menus import InMenus
from .notes import TakesNotes
from .queries import PostQuerySet
from .revision import Revision, Text
from .search_entry import SearchEntry
from .states import States
from .tag import Tag
from .when_shared import WhenShared
from .whose import Whose
from .words import HasWords, opening

# Years that a permalink can be made of, in every time zone.
YEARS = range(1000, 9000)

ADDRESS_TAKEN = _("Another essay already has this address. Choose another slug.")

# Fields that the comments app keeps; no form has them.
KEPT_FOR_COMMENTS = ("comment_count", "comment_pages", "thread_stale", "annotated_html")


class Post(States, WhenShared, Whose, HasWords, TakesNotes, InMenus):
    """One essay, or one page such as About.

    Whether readers see it follows from two times. No `published_at`: a draft. In the future:
    scheduled. Past: published. With `withdrawn_at`: taken back, and its address answers 410. A
    draft with `binned_at` was thrown away.

    Its text is what readers have, or will have. What is being written is its newest Revision.
    """

    class Kind(models.TextChoices):
        ESSAY = "essay", _("essay")
        PAGE = "page", _("page")

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("state of an essay or page", "draft")
        SCHEDULED = "scheduled", pgettext_lazy("state of an essay or page", "scheduled")
        PUBLISHED = "published", pgettext_lazy("state of an essay or page", "published")
        WITHDRAWN = "withdrawn", pgettext_lazy("state of an essay or page", "withdrawn")
        BINNED = "binned", pgettext_lazy("state of an essay or page", "in the bin")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.ESSAY)
    title = models.CharField(_("title"), max_length=300)
    slug = SlugField(
        _("slug"),
        max_length=MOST,
        help_text=_("The last part of the address. Readers of the old address are sent on."),
    )
    standfirst = models.TextField(
        _("standfirst"),
        blank=True,
        help_text=_("One or two sentences under the title, in lists and in search results."),
    )
    body = models.TextField(_("text"), blank=True, help_text=_("Markdown."))
    body_html = models.TextField(editable=False, blank=True)
    # The version of this site's markup that made it.
    rendered_with = models.PositiveSmallIntegerField(default=0, editable=False)
    # The HTML with readers' notes set beside it, kept by the comments app; empty where none are.
    annotated_html = models.TextField(editable=False, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="posts",
        verbose_name=_("author"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="posts", verbose_name=_("tags"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("text last changed"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(
        pgettext_lazy("date", "published"),
        null=True,
        blank=True,
        help_text=_("Empty for a draft. A time to come schedules it."),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    binned_at = models.DateTimeField(_("thrown away"), null=True, blank=True, editable=False)
    comments_open = models.BooleanField(_("comments are open"), default=True)
    # When they were closed by hand; null while open, and where it was never known.
    comments_closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    announces_links = models.BooleanField(
        _("tell linked pages"),
        default=True,
        help_text=_("Tells other sites by webmention or pingback that this essay links to them."),
    )

    # The permalink's path without slashes at its ends. Stored, not computed, so that the database
    # keeps it unique and no change of time zone or of code moves an address silently.
    path = models.CharField(
        max_length=255, unique=True, editable=False, error_messages={"unique": ADDRESS_TAKEN}
    )
    words = models.PositiveIntegerField(default=0, editable=False)
    reading_seconds = models.PositiveIntegerField(default=0, editable=False)
    # Approved comments, kept by the comments app so that no list has to count.
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    # Pages of the thread below, kept likewise: 0 without comments.
    comment_pages = models.PositiveIntegerField(default=0, editable=False)
    # Whether the thread below has to be laid out again; until then that is done as it is read.
    thread_stale = models.BooleanField(default=False, editable=False)
    # Where an import brought it from, so that a second run adds nothing; null when written here.
    origin = models.CharField(max_length=500, unique=True, null=True, blank=True, editable=False)
    # What feeds call it, for good (blog.lib.feed_ids).
    feed_id = models.CharField(max_length=LONGEST, unique=True, default=new_feed_id, editable=False)

    # Who saves it, for its versions; None for a command. And whether one has the text already.
    saved_by, is_kept = None, False
    # Whether the last save changed what the thread below shows of the essay: its author or date.
    byline_changed = False
    # The field of a form in which a person chooses what the database holds in another.
    entered_as = {"path": "slug", "withdrawn_at": "published_at"}

    objects = PostQuerySet.as_manager()
    # Declared to blog.pages.invalidation, as by each model whose rows are on readers' pages.
    changes_pages = True

    class Meta:
        verbose_name = _("essay")
        verbose_name_plural = _("essays and pages")
        # Comments are moderated by the essay's author, so an author could take those over as well.
        permissions = [("change_author", _("Can change the author of an essay"))]
        ordering = ["-published_at", "-pk"]
        indexes = [
            # Index, archive, feeds, and the essays before and after one.
            models.Index(fields=["kind", "-published_at", "-id"], name="post_public_order"),
            # The last that fell due and the next that will, read from here alone.
            models.Index(fields=["withdrawn_at", "published_at"], name="post_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(notes__in=["on", "known", "off"]),
                name="post_notes_known",
                violation_error_message=_("Choose one of the answers in the list."),
            ),
            models.CheckConstraint(
                condition=~models.Q(slug=""),
                name="post_has_slug",
                violation_error_message=_("An essay needs a slug, the last part of its address."),
            ),
            models.CheckConstraint(
                condition=~models.Q(path=""),
                name="post_has_path",
                violation_error_message=_("An essay needs a slug, the last part of its address."),
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(published_at__isnull=False),
                name="post_withdrawn_was_published",
                violation_error_message=_(
                    "A withdrawn essay keeps the date it was published. Choose “Back to draft” "
                    "to take its date away."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(binned_at=None) | models.Q(published_at=None),
                name="post_binned_is_draft",
                violation_error_message=_("Take the essay out of the bin before you publish it."),
            ),
        ]

    def __str__(self):
        return self.title or gettext("(no title)")

    def save(self, **kwargs):
        """Render the text, keep a version of it, and remember addresses it was shown at before."""
        self.title, self.standfirst = title_line(self.title), one_line(self.standfirst)
        self.slug = self.slug or slug_of(self.title) or "untitled"
        self.path = self.permalink_path()
        self.lang = tag_of(self.lang) or self.lang
        self.body_html, self.rendered_with = render_post(self.body, self.lang), VERSION
        text = plain_text(self.body_html)
        self.words, self.reading_seconds = counted(text)
        with transaction.atomic():
            stored = Post.objects.filter(pk=self.pk).select_for_update()
            before = stored.first() if self.pk else None
            if before and before.text_differs(self):
                self.updated_at = timezone.now()
            self.byline_changed = before is not None and (
                (before.author_id, before.published_at) != (self.author_id, self.published_at)
            )
            if self.comments_open:
                self.comments_closed_at = None
            elif before and before.comments_open:
                self.comments_closed_at = timezone.now()
            for name in KEPT_FOR_COMMENTS if before else ():
                # Others may have commented since this was read.
                setattr(self, name, getattr(before, name))
            self.settle_shared(before)
            self.settle_menus(before)
            super().save(**kwargs)
            OldAddress.objects.keep_shown(self, before)
            if not self.is_kept and (before is None or before.text_differs(self)):
                kind = Revision.Kind.PUBLISHED if self.is_public else Revision.Kind.SAVED
                keep = Revision.objects.keep if before else Revision.objects.add_first
                keep(self, Text.of(self), by=self.saved_by, kind=kind)
            if names_in(before.body if before else "") != names_in(self.body):
                FileUse.objects.settle(self)
            put = SearchEntry.objects.put if before else SearchEntry.objects.add
            put(SearchEntry.of_post(self))

    def get_absolute_url(self):
        return address_of(self.path)

    def clean(self):
        """Refuse text that cannot be rendered and an address that is taken, naming the field."""
        if self.kind == self.Kind.PAGE and is_reserved(self.slug):
            raise ValidationError(
                {"slug": gettext("The site itself uses this address. Choose another slug.")}
            )
        if self.published_at and self.published_at.year not in YEARS:
            said = gettext("No essay can have this date. Choose a year from 1000 to 8999.")
            raise ValidationError({"published_at": said})
        if Post.objects.exclude(pk=self.pk).filter(path=self.permalink_path()).exists():
            raise ValidationError({"slug": str(ADDRESS_TAKEN)})
        self.check_language()
        try:
            render_post(self.body, self.lang)
        except MarkupError as error:
            raise ValidationError({"body": str(error)}) from error

    def permalink_path(self):
        """Return `YYYY/MM/slug` for an essay, by the site's time zone, and `slug` for a page.

        A draft is kept by the month it was begun in, and shown by `shown_path`.
        """
        return self.path_in(self.published_at or self.created_at)

    @property
    def shown_path(self):
        """The path its author is shown: for a draft that of this month, as if published now."""
        return self.path_in(self.published_at or timezone.now())

    def path_in(self, moment):
        """Return the path it has when it is published at this moment."""
        if self.kind == self.Kind.PAGE:
            return self.slug
        return f"{timezone.localtime(moment):%Y/%m}/{self.slug}"

    @contextmanager
    def without_version(self):
        """Have no save of the block keep a version: there is one, or will be."""
        self.is_kept = True
        try:
            yield
        finally:
            self.is_kept = False

    def take(self, revision):
        """Have the text of a version, its tags and address included.

        Raises ValidationError, with nothing changed, where it cannot have them.
        """
        text = revision.text
        self.have_words(text)
        self.slug = self.slug_for(text)
        with self.without_version(), refused_in_words():
            self.clean()
            self.save()
            self.tags.set(Tag.objects.named(text.tags))
            # Changes that were to go out later are in this, or were given up for it.
            self.drop_schedule()

    def publish_newest(self):
        """Let readers see it from now on; one they never saw with what was written of it last."""
        newest = None if self.was_public else Revision.objects.newest(self)
        if newest is None or not self.differs_from(newest):
            return self.publish()
        before = self.times
        self.publish(commit=False)
        try:
            self.take(newest)
        except ValidationError:
            self.times = before
            raise
        newest.confirm(Revision.Kind.PUBLISHED)
        return True

    def slug_for(self, text):
        """Return the slug of a text: its own, else one by its title until readers know one."""
        if text.slug:
            return text.slug
        known = Post.objects.filter(pk=self.pk, published_at__lte=timezone.now())
        return self.slug if known.exists() else self.free_slug(text.title)

    def free_slug(self, title):
        """Return the slug that follows from a title, with a number where another essay has it."""
        wanted = slug_of(title) or "untitled"
        start = self.permalink_path().removesuffix(self.slug)
        others = Post.objects.exclude(pk=self.pk).filter(path__startswith=start + wanted)
        taken = {*others.values_list("path", flat=True)}
        for number in itertools.count(1):
            slug = wanted if number == 1 else f"{wanted}-{number}"
            is_the_sites = self.kind == self.Kind.PAGE and is_reserved(slug)
            if not is_the_sites and start + slug not in taken:
                return slug

    def differs_from(self, revision):
        """Whether readers would get something else from this version (one query)."""
        text, mine = revision.text, Text.of(self)
        return not text.same_words(mine) or text.slug not in ("", self.slug)

    @property
    def status(self):
        if self.published_at is None:
            return self.Status.BINNED if self.binned_at else self.Status.DRAFT
        if self.withdrawn_at:
            return self.Status.WITHDRAWN
        return self.Status.PUBLISHED if self.was_public else self.Status.SCHEDULED

    @property
    def was_public(self):
        """Whether readers can have known its address."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_public(self):
        """Whether `published()` holds it."""
        return self.status == self.Status.PUBLISHED

    @property
    def updated_later(self):
        """Whether the text changed on a later day than it was published."""
        return self.was_public and timezone.localdate(self.updated_at) > timezone.localdate(
            self.published_at
        )

    @property
    def takes_comments(self):
        """Whether it can be answered: open itself, on a site that is, and not too old."""
        over = self.comments_over_at
        is_over = over and over <= timezone.now()
        return self.comments_open and site().takes_comments and not is_over

    @property
    def comments_over_at(self):
        """When its age closes or closed it, by COMMENT_DAYS; None for never."""
        days = site().comment_days
        if days is None or self.published_at is None:
            return None
        return self.published_at + timedelta(days=days)

    @property
    def took_comments_until(self):
        """When the first thing closed it that has a date; None while open and where unknown."""
        known = [self.comments_closed_at, self.comments_over_at]
        return min((at for at in known if at and at <= timezone.now()), default=None)

    @property
    def byline(self):
        """The author's name; for want of one, a user name short of what makes it an e-mail."""
        username = self.author.get_username().partition("@")[0]
        return self.author.get_full_name() or site().author or username

    @property
    def minutes(self):
        """Minutes it takes to read, at least one."""
        return max(1, math.ceil(self.reading_seconds / 60))

    @property
    def shown_html(self):
        """The text as readers get it, with readers' notes where a moderator set some."""
        return self.annotated_html or self.body_html

    @property
    def summary(self):
        """What lists, feeds and link previews say of it: the standfirst, else its first words."""
        return self.standfirst or opening(self.body_html)


@receiver(m2m_changed, sender=Post.tags.through, dispatch_uid="posts.versions.tags")
def keep_tags(instance, action, reverse, **kwargs):
    """Let the newest version have the tags that a command gave the essay, as an import does."""
    if not reverse and action.startswith("post_") and not instance.is_kept:
        Revision.objects.retag(instance)
