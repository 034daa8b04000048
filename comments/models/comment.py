"""Everything said about an essay: comments, pingbacks and webmentions, in one table.

One model for all kinds, because they share the queue, the statuses and the thread. The text is
rendered on save; ThreadPage stores the rendered thread.
"""

import math
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from blog.lib.feed_ids import LONGEST, new_feed_id
from blog.markup import COMMENT_VERSION, MarkupError, one_line, plain_text, render_comment
from blog.markup.names import clean_name
from blog.posts.models import Post
from comments.models.beside import PLACE, Beside
from comments.models.changes import Changes
from comments.models.moving import Moving
from comments.models.queries import CommentQuerySet
from comments.models.reacting import Reacting
from comments.models.thread_page import ThreadPage
from comments.models.words import Words
from comments.rendering.margin import has_passage
from comments.rendering.places import LONGEST as LONGEST_PASSAGE

# Seconds in which its writer may edit a waiting comment.
EDIT_FOR = 10 * 60

# Characters of an address: every browser and server takes 2000 (RFC 9110, section 4.1, asks for
# 8000).
URL_LENGTH = 2000


_OLD_ANCHOR = re.compile(r"#(comment-[0-9]{1,20})\Z")
# What other systems put before a comment's number in its address: as Isso's mails, Remark42's
# COMMENT_NODE_CLASSNAME_PREFIX, Commento's permalinks and Blogger's pages have it.
_OF_SYSTEM = re.compile(r"(blogger|isso|remark42|commento):.*#([A-Za-z0-9_-]{1,64})\Z", re.DOTALL)
_BEFORE = {
    "blogger": "c",
    "isso": "isso-",
    "remark42": "remark42__comment-",
    "commento": "commento-",
}
# Fields that `save` computes from the others, and always writes with them.
MADE = ("root", "body_html", "rendered_with", "words", "campaign", "updated_at", *PLACE)


class Comment(Changes, Moving, Words, Beside, Reacting):
    class Kind(models.TextChoices):
        COMMENT = "comment", _("comment")
        PINGBACK = "pingback", _("pingback")
        WEBMENTION = "webmention", _("webmention")

    class Status(models.TextChoices):
        PENDING = "pending", pgettext_lazy("status of a comment", "waiting")
        APPROVED = "approved", pgettext_lazy("status of a comment", "approved")
        SPAM = "spam", pgettext_lazy("status of a comment", "spam")
        TRASH = "trash", pgettext_lazy("status of a comment", "trash")

    # Its writer sees these as waiting, so that spammers do not learn that they were caught.
    SHOWN_AS_WAITING = (Status.PENDING, Status.SPAM)
    # From lenient to strict.
    STRICTNESS = (Status.APPROVED, Status.PENDING, Status.SPAM)

    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="comments", verbose_name=_("essay")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.COMMENT)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="replies",
        verbose_name=_("in reply to"),
    )
    # The comment that starts this one's thread: its parent's root, or the parent itself.
    root = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.RESTRICT,
        related_name="thread",
    )
    # Set only if the writer was signed in; a name typed in a form proves nothing.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="comments",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("email"), blank=True, help_text=_("Never shown to readers."))
    url = models.URLField(_("website"), max_length=URL_LENGTH, blank=True)
    body = models.TextField(_("text"), blank=True)
    body_html = models.TextField(editable=False, blank=True)
    # Which version of the markup made that of it.
    rendered_with = models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)
    # Linkbacks only: the page that mentions the essay, and its title. `name` is its author and
    # `body` the excerpt around the link.
    source = models.URLField(_("source"), max_length=URL_LENGTH, blank=True)
    title = models.CharField(_("title of the source"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("received"), default=timezone.now)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    # The sender's network, /24 or /64, for rate limits; kept as long as `address`.
    network = models.CharField(max_length=50, blank=True, editable=False)
    # The random key of the browser it came from, which the browser has in a signed cookie; "" if
    # not known. Deleted when such a cookie expires.
    browser = models.CharField(max_length=32, blank=True, editable=False)
    # A digest of its writer, what it answers and what it says, so that an essay has each once.
    # Null for mentions, for imported comments (whose duplicates are kept) and for comments that
    # their writer withdrew.
    fingerprint = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001
    # Its words in the form that later comments are compared with (duplicates.compared); a long
    # text is cut.
    words = models.TextField(blank=True, editable=False)
    # The same for all comments with the same or nearly the same words, under any name and essay,
    # so that they can be judged at once. Empty for short texts such as "Thank you!".
    campaign = models.CharField(max_length=64, blank=True, editable=False)
    # The earlier comment that is most like this one, and how alike in percent, if near enough.
    look_alike = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("look-alike"),
    )
    likeness = models.PositiveSmallIntegerField(
        _("likeness in percent"), null=True, blank=True, editable=False
    )
    # When its status last changed by a decision, and whether a moderator changed its words.
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True, editable=False)
    edited = models.BooleanField(_("edited by a moderator"), default=False, editable=False)
    # How often its writer sent the same again.
    repeats = models.PositiveIntegerField(_("sent again"), default=0, editable=False)
    # The filter's points when it came, 0 to 100, and the tokens that weighed most, each with its
    # weight (shown by spam.describe); none while the filter had learned too little.
    score = models.PositiveSmallIntegerField(
        _("points for spam"), null=True, blank=True, editable=False
    )
    weighed = models.JSONField(default=list, blank=True, editable=False)
    # Why it was held or filed: the names of the rules, in their order.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    # Where it was imported from, so that a second import adds nothing; null if written here.
    origin = models.CharField(max_length=500, unique=True, null=True, blank=True, editable=False)
    # What feeds call it, for good (blog.lib.feed_ids). Nothing looks one up, so it has no index.
    feed_id = models.CharField(
        max_length=LONGEST, db_default="", default=new_feed_id, editable=False
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "pk"]
        indexes = [
            # The replies to one comment, oldest first.
            models.Index(fields=["post", "parent", "created_at"], name="comment_thread_order"),
            # What readers see under an essay, oldest first.
            models.Index(
                fields=["post", "status", "kind", "created_at"], name="comment_shown_on_essay"
            ),
            # How many came to the site lately.
            models.Index(fields=["-created_at"], name="comment_site_rate"),
            # How others from the same network were judged.
            models.Index(fields=["network", "status"], name="comment_network_record"),
            # All of one campaign, and whether it has an earlier one.
            models.Index(fields=["campaign", "status", "id"], name="comment_campaign_first"),
            # How many came from a network lately.
            models.Index(fields=["network", "-created_at"], name="comment_network_rate"),
            # What else was left from a browser.
            models.Index(fields=["browser", "status"], name="comment_browser"),
            # The queue: what waits, newest first, without those folded under an earlier one.
            models.Index(fields=["status", "-created_at", "campaign"], name="comment_queue_folded"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["comment", "pingback", "webmention"]),
                name="comment_kind_known",
                violation_error_message=_("Choose one of the kinds in the list."),
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "approved", "spam", "trash"]),
                name="comment_status_known",
                violation_error_message=_("Choose one of the statuses in the list."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="comment", source="", title="")
                | (~models.Q(kind="comment") & ~models.Q(source="")),
                name="comment_source_iff_linkback",
                violation_error_message=_(
                    "A mention needs its source, the page it stands on; a comment has neither "
                    "source nor title."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="comment") | ~models.Q(body=""),
                name="comment_has_words",
                violation_error_message=_("Write something first."),
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None, root=None)
                | models.Q(parent__isnull=False, root__isnull=False),
                name="comment_reply_has_root",
                violation_error_message=_("Only a comment can be answered. Empty “in reply to”."),
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="comment_answers_another",
                violation_error_message=_("A comment cannot answer itself. Choose another one."),
            ),
            models.CheckConstraint(
                condition=models.Q(reaction__in=["", "reply", "like", "repost", "bookmark"]),
                name="comment_reaction_known",
                violation_error_message=_("Choose one of the reactions in the list."),
            ),
            models.CheckConstraint(
                condition=models.Q(passage_state__in=["", "words", "whole", "changed", "gone"]),
                name="comment_passage_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(passage="")
                | models.Q(
                    passage_before="", passage_after="", passage_start=None, passage_state=""
                ),
                name="comment_place_needs_passage",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("passage"), LONGEST_PASSAGE),
                name="comment_passage_is_short",
                violation_error_message=_("These words are too many. Choose fewer of them."),
            ),
            models.UniqueConstraint(
                fields=["post", "fingerprint"],
                name="comment_said_once_per_post",
                violation_error_message=_(
                    "The same words by the same person stand under this essay already."
                ),
            ),
            # One mention for one link, by either protocol (linkbacks/receive.py).
            models.UniqueConstraint(
                fields=["post", "source"],
                condition=~models.Q(source=""),
                name="comment_source_once_per_post",
                violation_error_message=_(
                    "A mention from this source stands under this essay already. Change that one."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.shown_name}: {plain_text(self.body_html)[:60] or self.source}"

    def save(self, *, refresh=True, **kwargs):
        """Render the text and update what readers see.

        `refresh=False` leaves the thread alone: to save many comments, pass it and call
        `ThreadPage.objects.refresh(post)` once at the end.
        """
        self.settle()
        if "update_fields" in kwargs:
            kwargs["update_fields"] = {*kwargs["update_fields"], *MADE}
        if self._state.adding and not self.is_approved:  # no reader sees it
            super().save(**kwargs)
            return
        with transaction.atomic():
            super().save(**kwargs)
            Comment.objects.show([self], threads=refresh, edited=True)

    def settle(self):
        """Compute what is stored beside what was written (MADE); raises MarkupError."""
        self.root = (self.parent.root or self.parent) if self.parent else None
        self.name, self.title = clean_name(self.name), one_line(self.title)
        plain = self.is_plain
        self.body_html = f"<p>{escape(self.body)}</p>" if plain else render_comment(self.body)
        self.rendered_with = COMMENT_VERSION
        self.read_words()
        self.find_place()

    def get_absolute_url(self):
        """Return the permalink: the essay if its thread has one page, else a redirect."""
        if self.post.comment_pages <= 1 and not self.post.thread_stale:
            return f"{self.post.get_absolute_url()}#c{self.pk}"
        return reverse("comment", args=[self.pk])

    def delete(self, **kwargs):
        with transaction.atomic():
            # First update what readers see, as for any removed comment.
            self.status = self.Status.TRASH
            self.save(update_fields=["status"])
            return super().delete(**kwargs)

    def clean(self):
        """Refuse a comment that could not be shown, and name the wrong field."""
        if self.kind == self.Kind.COMMENT and not self.body.strip():
            raise ValidationError({"body": gettext("Write something first.")})
        try:
            render_comment(self.body)
        except MarkupError as error:
            raise ValidationError({"body": str(error)}) from error
        if self.parent and (self.parent.kind, self.parent.post_id) != ("comment", self.post_id):
            said = gettext("Only a comment can be answered, and only one under its own essay.")
            raise ValidationError({"parent": said})
        if self.passage and self.post_id and not self.has_place():
            said = gettext(
                "The essay does not have these words in one paragraph. Copy them from its page."
            )
            raise ValidationError({"passage": said})

    def has_place(self):
        """Return whether the essay has its words, or had them when they were chosen."""
        if has_passage(self.post.body_html, self.passage):
            return True
        stored = Comment.objects.filter(pk=self.pk, passage=self.passage)
        return bool(self.passage_state) and stored.exists()

    @property
    def is_plain(self):
        """Whether it is an excerpt; only those of imported mentions were made Markdown."""
        return bool(self.source and self.body and not self.origin)

    @property
    def old_anchor(self):
        """The id it had on its page in another system, which links from elsewhere still name."""
        if found := _OLD_ANCHOR.search(self.origin or ""):
            return found[1]
        found = _OF_SYSTEM.match(self.origin or "")
        return f"{_BEFORE[found[1]]}{found[2]}" if found else ""

    @property
    def shown_name(self):
        return self.name or (self.source and self.source_host) or gettext("Anonymous")

    @property
    def minutes_to_edit(self):
        """Minutes its writer can still edit it, rounded up; 0 when they are over."""
        left = EDIT_FOR - (timezone.now() - self.created_at).total_seconds()
        return max(0, math.ceil(left / 60))

    @property
    def can_be_edited(self):
        return self.status in self.SHOWN_AS_WAITING and self.minutes_to_edit > 0

    def stricter(self, status):
        """Return the stricter of its status and `status`."""
        return max(self.status, status, key=self.STRICTNESS.index)

    @property
    def url_host(self):
        return (urlsplit(self.url).hostname or "").removeprefix("www.")

    @property
    def source_host(self):
        return (urlsplit(self.source).hostname or "").removeprefix("www.")

    @property
    def is_approved(self):
        return self.status == self.Status.APPROVED

    @property
    def by_author(self):
        """Whether the essay's author wrote this, signed in."""
        return self.author_id is not None and self.author_id == self.post.author_id

    @property
    def thread_page(self):
        """The number of the thread's page that shows it, from 1 (one query).

        It is 1 for a waiting comment, which its writer sees on the essay itself.
        """
        return ThreadPage.objects.number_of(self)
