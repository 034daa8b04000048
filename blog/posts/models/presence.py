"""Who has an essay open at the desk just now."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# A desk says every 30 seconds that it is open; one that missed two of them is taken for closed.
STAYS = timedelta(seconds=75)
FORGOTTEN_AFTER = timedelta(days=1)


class PresenceQuerySet(models.QuerySet):
    def note(self, post, by, sitting, *, wrote):
        """Note that somebody has an essay open in this tab, and whether they wrote since."""
        now = timezone.now()
        given = {"at": now} | ({"wrote_at": now} if wrote else {})
        self.update_or_create(given, post=post, by=by, sitting=sitting)

    def beside(self, post, by, sitting):
        """Return who else has it open: other people first, then one's own other tabs."""
        here = self.filter(post=post, at__gte=timezone.now() - STAYS).select_related("by")
        others = [one for one in here if (one.by_id, one.sitting) != (by.pk, sitting)]
        return sorted(
            others, key=lambda one: (one.by_id == by.pk, -(one.wrote_at or one.at).timestamp())
        )

    def forget(self, now):
        return self.filter(at__lt=now - FORGOTTEN_AFTER).delete()[0]


class Presence(models.Model):
    """One tab of one person with an essay open. `wrote_at` is None before they wrote in it."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sitting = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now)
    wrote_at = models.DateTimeField(null=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "by", "sitting"], name="presence_once_a_tab")
        ]

    def __str__(self):
        return f"{self.by} at {self.post}"
