"""What is asked of many essays at once, and what is done to all of them or to none."""

from copy import copy

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .revision import Revision
from .tag import key_of
from .words import WORDS

# Whether more than one account has written here: the ends of an index.
SEVERAL = "(SELECT MIN(author_id) FROM posts_post) <> (SELECT MAX(author_id) FROM posts_post)"


class InTheWay(ValidationError):
    """Why nothing was changed of several essays: `post` is the one that stands in the way."""

    def __init__(self, post, why):
        sentences = " ".join(why.messages)
        super().__init__(
            _("Nothing was changed, because “%(title)s” stands in the way. %(why)s"),
            params={"title": post, "why": sentences},
        )
        self.post = post


class PostQuerySet(models.QuerySet):
    def written_by(self, user):
        """Return the essays that somebody may write in."""
        if user.has_perm("posts.change_post"):
            return self
        return self.filter(author=user) if user.has_perm("posts.add_post") else self.none()

    def published(self, by=None):
        """Return what any reader may see, now or `by` another moment: the one public rule."""
        return self.filter(published_at__lte=by or timezone.now(), withdrawn_at=None)

    def hidden(self, at):
        """Return all others: what no reader may see at a moment."""
        never = models.Q(published_at=None) | models.Q(published_at__gt=at)
        return self.filter(never | models.Q(withdrawn_at__isnull=False))

    def scheduled(self, after):
        """Return what readers will see by itself at some moment after this one."""
        return self.filter(published_at__gt=after, withdrawn_at=None)

    def going_out(self):
        """Return what readers get by itself, each with the moment as `goes_out_at`.

        That is what is scheduled, and those published whose changes are.
        """
        now = timezone.now()
        due = Revision.objects.due(models.OuterRef("pk")).values("due_at")[:1]
        changes = Revision.objects.filter(due_at__isnull=False).values("post")
        found = models.Q(published_at__gt=now) | models.Q(published_at__lte=now, pk__in=changes)
        return self.filter(found, withdrawn_at=None).annotate(
            goes_out_at=models.Case(
                models.When(published_at__gt=now, then="published_at"),
                default=models.Subquery(due),
            )
        )

    def essays(self):
        return self.filter(kind=self.model.Kind.ESSAY)

    def pages(self):
        return self.filter(kind=self.model.Kind.PAGE)

    def binned(self, before):
        """Return the drafts that were thrown away before that time."""
        return self.filter(published_at=None, binned_at__lt=before)

    def changed(self):
        """Return those published of which something is written that readers do not have.

        Two queries find them, however many there are.
        """
        latest = Revision.objects.latest_of_each().exclude(kind=Revision.Kind.PUBLISHED)
        as_published = {name: models.F(f"post__{name}") for name in WORDS}
        rows = latest.filter(post__in=self.published().values("pk")).annotate(
            is_same=models.Case(models.When(**as_published, then=True), default=False)
        )
        rows = rows.values_list("post", "is_same", "tags", "slug", "post__slug")
        tags = {}
        names = self.model.tags.through.objects.filter(post__in=[row[0] for row in rows])
        for post, name in names.values_list("post", "tag__key"):
            tags.setdefault(post, set()).add(name)
        return self.filter(
            pk__in=[
                post
                for post, is_same, written, slug, own in rows
                if not is_same
                or {*map(key_of, written)} != tags.get(post, set())
                or slug not in ("", own)
            ]
        )

    def shared(self):
        """Return the drafts that somebody can read by a secret link."""
        live = models.Q(
            shared_drafts__revoked_at=None, shared_drafts__expires_at__gt=timezone.now()
        )
        return self.filter(pk__in=self.model.objects.filter(live).values("pk"))

    def shared_with(self, image):
        """Return those that are shown with this picture elsewhere."""
        name = image.file.name
        return self.filter(
            models.Q(picture=image) | models.Q(shared_name=name) | models.Q(shared_from=name)
        )

    @transaction.atomic
    def settle_shared(self):
        """Set again what these are shown with elsewhere, after a picture changed."""
        for post in self.select_related("picture").select_for_update(of=("self",)):
            post.settle_shared(copy(post))
            # No text changes, so no version is kept and nothing is rendered.
            models.Model.save(post, update_fields=["shared_name", "shared_alt", "shared_from"])

    def publish(self):
        """Publish all of these now, or none; return those this changed.

        Raises InTheWay with the essay that cannot be, and why; so do the next two.
        """
        return self._each(lambda post: post.publish_newest())

    def withdraw(self):
        """Withdraw all of these that readers see; return them."""
        return self._each(lambda post: post.withdraw())

    def return_to_draft(self):
        """Make all of these drafts again; return those this changed."""
        return self._each(lambda post: post.return_to_draft())

    @transaction.atomic
    def _each(self, verb):
        numbers = list(self.order_by("created_at", "pk").values_list("pk", flat=True))
        changed = []
        for number in numbers:
            post = self.model.objects.select_for_update().get(pk=number)
            try:
                if verb(post):
                    changed.append(post)
            except ValidationError as error:
                raise InTheWay(post, error) from error
        return changed
