"""Who an account's person is at the provider."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Identity(models.Model):
    """Joins an account to a person at a provider, by what the provider calls them for ever.

    `given` names the groups that claims gave at the last sign-in: those they can take again.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities"
    )
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    given = models.JSONField(default=list, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once"),
            models.UniqueConstraint(fields=["issuer", "user"], name="identity_of_account_once"),
        ]

    def __str__(self):
        return f"{self.user_id} at {self.issuer}"
