"""Versions of an essay's text: each save keeps one, and the newest is what is being written."""

from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.lib.languages import MOST, tag_of
from blog.lib.lines import with_plain_breaks
from blog.markup import one_line, without_unwanted
from blog.markup.names import title_line

from .file_use import FileUse, names_in
from .tag import key_of
from .words import WORDS

# Sent with the `revision` that readers are to get when it is due (blog.posts.tasks).
changes_scheduled = Signal()


class Text(NamedTuple):
    """What an author writes of an essay.

    `slug` is "" while the address follows the title, `lang` for the site's language. While somebody
    writes, `lang` need be no tag yet.
    """

    title: str = ""
    standfirst: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    slug: str = ""
    lang: str = ""

    @classmethod
    def cleaned(cls, title="", standfirst="", body="", tags=(), slug="", lang=""):
        """Return a Text with the titles and tags on one line each, and no tag twice."""
        names = {}
        for name in map(title_line, tags):
            names.setdefault(key_of(name), name[:100])
        names.pop("", None)
        # Browsers send line ends as CR LF; one form, so that two texts differ only by words.
        body = with_plain_breaks(without_unwanted(body))
        lang = tag_of(lang) or one_line(lang)
        return cls(title_line(title), one_line(standfirst), body, tuple(names.values()), slug, lang)

    @classmethod
    def of(cls, holder):
        """Return the Text of a post or of a revision."""
        tags = holder.tags if isinstance(holder, Revision) or holder.pk else []
        if not isinstance(tags, list):
            tags = tags.order_by("name").values_list("name", flat=True)
        words = holder.title, holder.standfirst, holder.body
        return cls(*words, tuple(tags), holder.slug, holder.lang)

    def same_words(self, other):
        """Whether they differ in nothing a reader sees of them but the order of the tags."""
        is_same = all(getattr(self, name) == getattr(other, name) for name in WORDS)
        return is_same and self.tag_keys == other.tag_keys

    @property
    def tag_keys(self):
        return {*map(key_of, self.tags)}


class NewerVersion(Exception):
    """Somebody saved another version meanwhile; `revision` is the newest one."""

    def __init__(self, revision):
        super().__init__(str(revision))
        self.revision = revision


class RevisionQuerySet(models.QuerySet):
    def of(self, post):
        """Return the versions of an essay, newest first."""
        return self.filter(post=post).order_by("-pk")

    def newest(self, post):
        """Return what is being written of an essay, or None where nothing was kept yet."""
        return self.of(post).select_related("by").first()

    def due(self, post):
        """Return the version of an essay that goes out by itself, if there is one."""
        return self.of(post).filter(due_at__isnull=False)

    def latest_of_each(self):
        """Return the newest version of each essay: what is being written of it."""
        newer = self.model.objects.filter(
            post=models.OuterRef("post"), pk__gt=models.OuterRef("pk")
        )
        return self.filter(~models.Exists(newer))

    def begun_in(self, sitting, by):
        """Return the newest version that somebody wrote in this tab, or None."""
        if not sitting:
            return None
        return self.filter(sitting=sitting, by=by).select_related("post").order_by("-pk").first()

    @transaction.atomic
    def keep(self, post, text, *, by, kind, sitting="", started_from=None, source=None, folds=True):
        """Keep a text as the newest version of an essay, and return that version.

        `sitting` names the tab it was written in: what one tab saves while somebody writes folds
        into one version. `started_from` is the token of the version it was written from; without
        one it is not compared. Raises NewerVersion, with nothing changed, where another was saved
        since, unless that one has the same text. What this text was not written from is never
        replaced: a save may come late, after newer words of its tab. Nor is it without `folds`.
        """
        type(post).objects.select_for_update().only("pk").get(pk=post.pk)
        newest = self.newest(post)
        if newest and newest.text == text:
            return newest.confirm(kind)
        is_newer = newest and started_from is not None and started_from != newest.token
        if is_newer and not newest.is_overtaken_by(kind, sitting):
            raise NewerVersion(newest)
        files = names_in(newest.body) if newest else set()
        if newest and folds and not is_newer and newest.folds_into(kind, sitting):
            kept = newest.become(text, kind)
        else:
            given = {"by": by, "kind": kind, "sitting": sitting, "source": source}
            kept = self._add(post, text, newest, **given)
        if names_in(text.body) != files:
            FileUse.objects.settle(post)
        return kept

    def add_first(self, post, text, *, by, kind):
        """Keep the text of an essay that has just been stored, and return that version."""
        return self._add(post, text, None, by=by, kind=kind, sitting="", source=None)

    def retag(self, post):
        """Give the newest version the tags of its essay, if it has the same text otherwise."""
        newest, now = self.newest(post), Text.of(post)
        if newest and newest.text[:3] == now[:3] and newest.tags != [*now.tags]:
            newest.tags = [*now.tags]
            newest.save(update_fields=["tags"])

    def _add(self, post, text, before, *, by, kind, sitting, source):
        made = self.model(
            post=post, by=by, kind=kind, sitting=sitting, source=source, before=before
        )
        made.set_text(text)
        made.save(force_insert=True)
        return made


class Revision(models.Model):
    """One version of an essay's text, with who saved it, when and how.

    Readers never see one: a post has what is published.
    """

    class Kind(models.TextChoices):
        WRITING = "writing", pgettext_lazy("what a version did", "saved while writing")
        SAVED = "saved", pgettext_lazy("what a version did", "saved")
        PUBLISHED = "published", pgettext_lazy("what a version did", "published")
        BROUGHT_BACK = "back", pgettext_lazy("what a version did", "brought back")
        TOGETHER = "together", pgettext_lazy("what a version did", "put together")

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="revisions")
    title = models.CharField(_("title"), max_length=300, blank=True)
    standfirst = models.TextField(_("standfirst"), blank=True)
    body = models.TextField(_("text"), blank=True)
    tags = models.JSONField(_("tags"), default=list)
    # "" while the address follows the title.
    slug = models.CharField(_("slug"), max_length=200, blank=True)
    lang = models.CharField(_("language"), max_length=MOST, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SAVED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("who saved a version", "by"),
    )
    began_at = models.DateTimeField(
        pgettext_lazy("date of a version", "begun"), default=timezone.now
    )
    at = models.DateTimeField(pgettext_lazy("date of a version", "saved"), default=timezone.now)
    # The tab it was written in, and how often that tab saved it.
    sitting = models.CharField(max_length=32, blank=True)
    saves = models.PositiveIntegerField(default=1)
    # When readers get it, where an author chose a moment to come.
    due_at = models.DateTimeField(pgettext_lazy("date of a version", "goes out"), null=True)
    # The version it came after, and the one it was brought back from or put together with.
    before = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    source = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["post"],
                condition=models.Q(due_at__isnull=False),
                name="revision_due_once",
                violation_error_message=_("Another version of this essay is scheduled already."),
            ),
        ]
        indexes = [models.Index(fields=["post", "-id"], name="revision_of_post")]

    def __str__(self):
        return self.title or str(_("(no title)"))

    @property
    def text(self):
        return Text.of(self)

    @property
    def token(self):
        """What a form remembers of the version it started from."""
        return f"{self.pk}.{self.saves}"

    def set_text(self, text):
        self.title, self.standfirst, self.body = text.title[:300], text.standfirst, text.body
        self.tags, self.slug, self.lang = list(text.tags), text.slug, text.lang[:MOST]

    def folds_into(self, kind, sitting):
        """Whether a save of this kind, from this tab, takes this version's place."""
        return (
            self.kind == self.Kind.WRITING
            and bool(sitting)
            and sitting == self.sitting
            and kind in (self.Kind.WRITING, self.Kind.SAVED, self.Kind.PUBLISHED)
        )

    def is_overtaken_by(self, kind, sitting):
        """Whether it holds what a tab saved while somebody wrote, and that tab now saves for good.

        The answer to that save may have been lost, so the tab does not know its token.
        """
        return self.folds_into(kind, sitting) and kind != self.Kind.WRITING

    def confirm(self, kind):
        """Be saved once more with the same text: more surely than before, or as before."""
        was_only_written = self.kind == self.Kind.WRITING and kind != self.Kind.WRITING
        if was_only_written or kind == self.Kind.PUBLISHED:
            self.kind = kind
            self.save(update_fields=["kind"])
        return self

    def become(self, text, kind):
        """Take this text and kind in place of those it had."""
        self.set_text(text)
        self.kind, self.at, self.saves = kind, timezone.now(), self.saves + 1
        self.save()
        return self
