"""The spam filter's counts, in the database, so that all processes share them.

Learning locks one row first, so that it cannot deadlock and no count is lost. It runs in a job,
not in the request; scoring costs one query and never waits.
"""

from array import array

from django.db import connections, models, transaction
from django.db.models import F

from comments.text.spam import ALL, EVERY, features, increments_of, key_of

# The rows that are always there.
TOTALS = (key_of(EVERY), key_of(ALL))


class FilterTokenManager(models.Manager):
    def take_turn(self):
        """Wait until nobody else learns, and keep others waiting until the transaction ends."""
        totals = [FilterToken(key=key) for key in TOTALS]
        self.bulk_create(totals, ignore_conflicts=True)
        self.select_for_update().get(key=key_of(EVERY))

    def counts_of(self, tokens):
        """Return for each token how many spam comments and how many others had it (one query)."""
        token_of = {key_of(token): token for token in increments_of(tokens)}
        # Written into the SQL, because they are integers and binding so many is slow.
        keys, table = ",".join(map(str, token_of)), self.model._meta.db_table
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"SELECT key, spam, ham FROM {table} WHERE key IN ({keys})")  # noqa: S608
            return {token_of[key]: (spam, ham) for key, spam, ham in cursor}

    def add(self, lesson, times):
        """Count a lesson (1) or take it back (-1); call take_turn() before."""
        self.bulk_create([FilterToken(key=key) for key in lesson.keys], ignore_conflicts=True)
        kind = "spam" if lesson.spam else "ham"
        for keys, count in lesson.increments:
            self.filter(key__in=keys).update(**{kind: F(kind) + times * count})
        if times < 0:
            # Rows that only this lesson needed are deleted.
            self.filter(key__in=lesson.keys, spam=0, ham=0).delete()


class FilterToken(models.Model):
    """How many comments had a token. `key` is its number by spam.key_of."""

    key = models.BigIntegerField(primary_key=True)
    spam = models.PositiveIntegerField(default=0)
    ham = models.PositiveIntegerField(default=0)

    objects = FilterTokenManager()

    def __str__(self):
        return f"{self.key}: {self.spam}/{self.ham}"


class Lesson(models.Model):
    """What the filter learned from one comment: the counts are the sum of all lessons.

    The keys of its tokens are stored, so that a lesson can be taken back exactly, even if the
    comment was edited or erased since, or a newer version of Postil finds other tokens in it. The
    counts from a comment that is deleted for good stay.
    """

    comment = models.OneToOneField(
        "comments.Comment", on_delete=models.CASCADE, primary_key=True, related_name="lesson"
    )
    spam = models.BooleanField()
    packed = models.BinaryField()

    def __str__(self):
        return f"{self.comment_id}: {'spam' if self.spam else 'ham'}"

    @property
    def keys(self):
        return list(array("q", bytes(self.packed)))

    @property
    def increments(self):
        """Pairs of keys and how much the count of each rises, as spam.increments_of says."""
        keys = self.keys
        return [(keys, 1), (TOTALS[:1], 1), (TOTALS[1:], len(keys))]


def tokens_of(comment):
    """Return the tokens of a comment or mention."""
    text, url = f"{comment.title}\n{comment.body}", comment.url or comment.source
    return features(text, comment.name, url, repeat=comment.likeness is not None)


def lesson_of(comment):
    """Return an unsaved lesson for a comment's present status; None if it teaches nothing."""
    verdict = {comment.Status.SPAM: True, comment.Status.APPROVED: False}.get(comment.status)
    if verdict is None:
        return None
    packed = array("q", sorted(map(key_of, tokens_of(comment)))).tobytes()
    return Lesson(comment_id=comment.pk, spam=verdict, packed=packed)


def learn(comment):
    """Update the filter to a stored comment's present status, replacing an earlier lesson.

    Approved and spam are lessons; waiting and trash take the lesson back. Reads the comment again,
    so it is safe to run twice, late, or several times at once.
    """
    with transaction.atomic():
        FilterToken.objects.take_turn()
        now = type(comment).objects.filter(pk=comment.pk).first()
        old = Lesson.objects.filter(comment_id=comment.pk).first()
        new = now and lesson_of(now)
        if old and new and (old.spam, bytes(old.packed)) == (new.spam, new.packed):
            return
        if old:
            FilterToken.objects.add(old, -1)
            old.delete()
        if new:
            FilterToken.objects.add(new, 1)
            new.save(force_insert=True)


def unlearned(comments):
    """Return the comments whose lesson does not match their present status."""
    status, decided = comments.model.Status, comments.decided()
    none = models.Q(lesson=None)
    waits = comments.filter(~none, status__in=[status.PENDING, status.TRASH])
    spam = decided.filter(none | models.Q(lesson__spam=False), status=status.SPAM)
    ham = decided.filter(none | models.Q(lesson__spam=True), status=status.APPROVED)
    return waits | spam | ham
