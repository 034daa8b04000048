"""What feeds of the whole site are called, whatever its address becomes."""

from django.conf import settings
from django.db import models

from blog.lib.feed_ids import LONGEST, new_feed_id


class FeedIdentityQuerySet(models.QuerySet):
    def of(self, name):
        """Return the id of one of the site's feeds (one query).

        Migrating makes it. Without it the feed is called by its address, as in the first versions.
        """
        kept = self.filter(name=name).values_list("feed_id", flat=True).first()
        return kept or f"{settings.SITE_URL}{self.model.ADDRESSES[name]}"


class FeedIdentity(models.Model):
    """The id of one of the site's own feeds; those of essays and tags are stored with these."""

    # What they were called by before they had a row, after the site's address.
    ADDRESSES = {"essays": "/", "comments": "/comments/atom.xml"}

    name = models.CharField(max_length=20, unique=True, editable=False)
    feed_id = models.CharField(max_length=LONGEST, default=new_feed_id, editable=False)

    objects = FeedIdentityQuerySet.as_manager()
    changes_pages = True

    class Meta:
        verbose_name = "feed"
        verbose_name_plural = "feeds"

    def __str__(self):
        return self.name
