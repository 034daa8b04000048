"""Notes that people with the secret link leave on a draft, for its author.

They are a table of their own and no kind of comment. Some forty places read comments by their essay
and status, for pages, feeds, search, counts, the queue, exports and the spam filter; each would
have to leave these out, and one that forgets it would publish what was said in confidence. No query
that readers reach reads this table. It costs a dozen fields that Comment has as well, and comments
are still what screening sees (comments/screening/drafts.py).

A backup has them, as all tables; an export has none.
"""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from blog.jobs.slices import in_slices
from blog.markup import MarkupError, render_comment
from blog.posts.models import Post, Revision, SharedDraft
from comments.models.beside import PLACE, Beside, standing
from comments.models.queries import BROWSER_KEPT
from comments.rendering.places import LONGEST, Finder, Selector
from comments.text.fingerprints import fingerprint, identity

# Notes that are set again with each save of a draft; more stay as they were.
MOST_SET = 300
# Characters around its words that the desk shows.
MOST_AROUND = 80


class DraftNoteQuerySet(models.QuerySet):
    def notes(self):
        """Return what was left on drafts, without the answers to it."""
        return self.filter(parent=None)

    def waiting(self):
        """Return the notes that their author has not dealt with."""
        return self.notes().filter(status__in=DraftNote.WAITING)

    def dealt_with(self):
        return self.notes().exclude(status__in=DraftNote.WAITING)

    def in_order(self):
        """Return them in the order of the words they are about."""
        return self.order_by("passage_start", "pk")

    def shown_by(self, link, browser):
        """Return the notes on a draft that somebody with its link sees, from this browser.

        Their own, whatever became of them; those of others that wait, if its author lets them.
        """
        shown = models.Q(pk__in=[])
        if browser:
            shown |= models.Q(browser=browser)
        if link.notes == SharedDraft.Notes.ALL:
            shown |= models.Q(status=DraftNote.Status.OPEN)
        return self.notes().filter(shown, post=link.post_id)

    def said_before(self, note):
        """Return whether the same writer said the same about the same words of this draft."""
        return self.filter(post=note.post_id, fingerprint__in=note.fingerprints).exists()

    def of_person(self, email):
        return self.filter(email__iexact=email.strip())

    def forget_addresses(self):
        """Delete old fingerprints, as those of a network tell it to who tries all."""
        before = timezone.now() - timedelta(days=settings.COMMENT_ADDRESS_DAYS)
        old = self.exclude(fingerprint=None).filter(created_at__lt=before)
        return in_slices(old, lambda some: some.update(fingerprint=None))

    def forget_browsers(self):
        """Delete the keys of browsers that have lost theirs by now; return how many."""
        before = timezone.now() - BROWSER_KEPT
        old = self.exclude(browser="").filter(created_at__lt=before)
        return in_slices(old, lambda some: some.update(browser=""))

    def counts_of(self, posts):
        """Return how many notes wait by the number of their essay (one query)."""
        waiting = self.waiting().filter(post__in=posts).order_by()
        return dict(waiting.values_list("post").annotate(models.Count("pk")))

    def settle(self, post, html):
        """Set the notes that wait on a draft beside their words again; saves where they stand.

        Notes that were kept alike are changed with one query.
        """
        rows = self.waiting().filter(post=post).in_order()
        alike = {}
        for pk, *kept in rows.values_list("pk", "passage", *PLACE)[:MOST_SET]:
            alike.setdefault(tuple(kept), []).append(pk)
        if not alike:
            return
        finder = Finder(html)
        with transaction.atomic():
            for (passage, before, after, start, state), keys in alike.items():
                found = standing(finder, Selector(passage, before, after, start))
                if found != (before, after, start, state):
                    self.filter(pk__in=keys).update(**dict(zip(PLACE, found, strict=True)))


class DraftNote(Beside):
    """A note beside words of a draft, or, with a `parent`, what its author answered.

    It is rendered when it is read, by few people: so no stored HTML is left to be made again when
    the markup changes. No network address is kept, and the spam filter learns nothing from it.
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("status of a note", "waiting")
        # Nobody but its author and its writer sees it, until its author says that it is fine.
        HELD = "held", pgettext_lazy("status of a note", "kept from others")
        DONE = "done", pgettext_lazy("status of a note", "done")
        TAKEN = "taken", pgettext_lazy("status of a note", "taken into the text")

    WAITING = (Status.OPEN, Status.HELD)
    also = None  # only mentions quote several passages

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="draft_notes")
    # The version it was written beside, and the one that was made by taking it into the text.
    revision = models.ForeignKey(
        Revision, on_delete=models.SET_NULL, null=True, blank=True, related_name="draft_notes"
    )
    taken = models.ForeignKey(
        Revision, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="answers"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    # Set for answers, which are given at the desk; everybody with the link has a name alone.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("email"), blank=True)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("received"), default=timezone.now)
    # As in Comment: the key of the browser it came from, and a digest so that each is said once.
    browser = models.CharField(max_length=32, blank=True)
    fingerprint = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001
    # Why it was held: the names of the rules, in their order.
    reasons = models.JSONField(default=list, blank=True)

    # Those that it is compared by while it is new.
    fingerprints = ()

    objects = DraftNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note on a draft")
        verbose_name_plural = _("notes on drafts")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["post", "status", "passage_start"], name="draft_note_in_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "held", "done", "taken"]),
                name="draft_note_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(taken=None) | models.Q(status="taken"),
                name="draft_note_taken_is_taken",
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) & ~models.Q(passage="")
                | models.Q(parent__isnull=False, passage="", status="open"),
                name="draft_note_has_words_or_answers",
            ),
            models.CheckConstraint(condition=~models.Q(body=""), name="draft_note_says_something"),
            models.CheckConstraint(
                condition=models.Q(passage_state__in=["", "words", "whole", "changed", "gone"]),
                name="draft_note_passage_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(passage="")
                | models.Q(
                    passage_before="", passage_after="", passage_start=None, passage_state=""
                ),
                name="draft_note_place_needs_passage",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("passage"), LONGEST),
                name="draft_note_passage_is_short",
            ),
            models.UniqueConstraint(fields=["post", "fingerprint"], name="draft_note_said_once"),
        ]

    def __str__(self):
        return f"{self.name}: {self.body[:60]}"

    @property
    def waits(self):
        return self.status in self.WAITING

    @property
    def is_held(self):
        return self.status == self.Status.HELD

    @property
    def is_taken(self):
        return self.status == self.Status.TAKEN

    @property
    def by_author(self):
        return self.author_id is not None

    @property
    def words_around(self):
        """The text before and after its words in their part, cut between words."""
        before = self.passage_before.rpartition("\n")[2]
        after = self.passage_after.partition("\n")[0]
        if len(before) > MOST_AROUND:
            before = f"… {before[-MOST_AROUND:].partition(' ')[2]}"
        if len(after) > MOST_AROUND:
            after = f"{after[:MOST_AROUND].rpartition(' ')[0]} …"
        return before, after

    @cached_property
    def html(self):
        try:
            return render_comment(self.body)
        except MarkupError:  # the rules have become stricter since
            return format_html("<p>{}</p>", self.body)

    def identify(self, key, network):
        """Set the fingerprint, of the key that its sender's cookie proves, or of the network.

        A browser gets its cookie with its first note, so both are compared with earlier ones.
        """
        writers = [
            identity(self.name, self.email, browser=key, network=network),
            identity(self.name, self.email, network=network),
        ]
        self.fingerprints = [
            fingerprint(writer, None, self.body, self.passage) for writer in writers
        ]
        self.fingerprint = self.fingerprints[0]

    def find_place(self, html):
        """Set where it stands in the text that its writer saw; saves nothing."""
        found = standing(Finder(html), self.selector)
        for name, value in zip(PLACE, found, strict=True):
            setattr(self, name, value)

    def leave(self, link):
        """Store it as left on a draft by this link, which must be locked."""
        self.revision = link.revision or Revision.objects.newest(link.post)
        self.find_place(link.html)
        self.save(force_insert=True)

    # --- What its author does with it -----------------------------------------------------------

    def answer(self, words, by):
        """Store what its author answers, to be seen by those who see the note."""
        name = by.get_full_name() or by.get_username().partition("@")[0]
        given = {"post": self.post, "parent": self, "author": by, "name": name[:200]}
        given["email"] = by.email
        return type(self).objects.create(body=words, **given)

    def become(self, status, taken=None):
        """Set its status; return whether that was another one."""
        found = type(self).objects.filter(pk=self.pk).exclude(status=status)
        changed = found.update(status=status, taken=taken)
        self.status, self.taken = status, taken
        return bool(changed)

    def finish(self):
        return self.become(self.Status.DONE)

    def reopen(self):
        """Have it wait again; nobody else sees it, if it is held for a reason."""
        return self.become(self.Status.HELD if self.reasons else self.Status.OPEN)

    def hold(self):
        return self.become(self.Status.HELD)

    @transaction.atomic
    def clear(self):
        """Let others see it, for any reason it was held."""
        type(self).objects.filter(pk=self.pk).update(reasons=[])
        self.reasons = []
        return self.become(self.Status.OPEN)


def set_answers(notes):
    """Set the `said` of each note: what its author answered, oldest first (one query)."""
    by_note = {note.pk: note for note in notes}
    for note in notes:
        note.said = []
    if by_note:
        for answer in DraftNote.objects.filter(parent__in=by_note).order_by("pk"):
            by_note[answer.parent_id].said.append(answer)


def waiting_in_words(count):
    """Return how many notes wait, in words; "" for none."""
    said = ngettext("%(count)d note waits", "%(count)d notes wait", count)
    return said % {"count": count} if count else ""


def address_of(post):
    """Return the address of the notes on an essay, at the desk."""
    return reverse("admin:posts_post_notes", args=[post.pk])


@receiver(post_save, sender=SharedDraft, dispatch_uid="comments.draft_notes")
def settle_notes(instance, created, **kwargs):
    """Set the notes on a draft again when its link shows another text."""
    DraftNote.objects.settle(instance.post_id, instance.html)
