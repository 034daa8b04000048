"""The states of an essay and the verbs that change them, such as publish and withdraw."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from blog.lib.constraints import refused_in_words

from .revision import Revision, changes_scheduled

# Days for which a draft that was thrown away can be taken out of the bin.
BIN_DAYS = 30


class States:
    """What a Post can be made. Mixed into it.

    Each verb sets all it needs, then checks and saves it in one transaction, and returns whether it
    changed anything. Raises ValidationError, with nothing changed, where the essay cannot be so.
    With `commit=False` it is set only, for a form that checks and saves it with the rest.
    """

    def publish(self, at=None, *, commit=True):
        """Let readers see it: from now on, or as published at `at`, a moment that has passed.

        A withdrawn one comes back, with the date it had unless `at` gives another.
        """
        now = timezone.now()
        if at and at > now:
            raise ValidationError(
                {"published_at": gettext("This date is to come, so it cannot be published then.")}
            )
        if at is None:
            at = self.published_at if self.was_public else now
        return self._become(at, None, commit=commit)

    def schedule(self, at, *, commit=True):
        """Let readers see it from `at` on, a moment to come; until then nobody but staff does."""
        if at <= timezone.now():
            raise ValidationError(
                {"published_at": gettext("This date has passed. Choose one that is to come.")}
            )
        return self._become(at, None, commit=commit)

    def withdraw(self, *, commit=True):
        """Take a published essay back: its address answers 410 Gone from now on.

        One that readers do not see stays as it is.
        """
        if not self.is_public:
            return False
        return self._become(self.published_at, timezone.now(), commit=commit)

    def return_to_draft(self, *, commit=True):
        """Let nobody but staff see it, without a date; its address answers 404."""
        return self._become(None, None, commit=commit)

    def go_by_date(self, at, *, commit=True):
        """Be what a date says: none is a draft, one to come schedules it, else it is published.

        A withdrawn one comes back by a date after it was withdrawn; an earlier one only corrects
        when it was published.
        """
        if at is None:
            return self.return_to_draft(commit=commit)
        if at > timezone.now():
            return self.schedule(at, commit=commit)
        # Forms know no parts of a second.
        if self.withdrawn_at and at < self.withdrawn_at.replace(microsecond=0):
            return self._become(at, self.withdrawn_at, commit=commit)
        return self.publish(at, commit=commit)

    def correct_date(self, at, *, commit=True):
        """Change the date of publishing that readers see, and nothing else."""
        if at is None or at > timezone.now():
            said = gettext("A published essay keeps a date that has passed. Withdraw it instead.")
            raise ValidationError({"published_at": said})
        return self._become(at, self.withdrawn_at, commit=commit)

    def throw_away(self):
        """Put a draft into the bin, from where it is deleted after BIN_DAYS."""
        self.check_can_be_thrown_away()
        return self._become(None, None, binned_at=self.binned_at or timezone.now(), commit=True)

    def check_can_be_thrown_away(self):
        if self.published_at is not None:
            raise ValidationError(
                gettext("Only a draft can be thrown away. Withdraw it, or make it a draft first.")
            )

    def take_out(self):
        """Take a draft out of the bin."""
        return self._become(self.published_at, self.withdrawn_at, commit=True)

    @transaction.atomic
    def schedule_changes(self, revision, at):
        """Have readers get a version of this published essay at a moment to come.

        It replaces another that was scheduled: one goes out at a time.
        """
        if at <= timezone.now():
            raise ValidationError({"due_at": gettext("This time is past. Choose a later one.")})
        if not self.is_public or revision.post_id != self.pk:
            raise ValidationError(gettext("Only changes of a published essay can be scheduled."))
        type(self).objects.select_for_update().only("pk").get(pk=self.pk)
        self.drop_schedule()
        # One that was saved while somebody wrote would take in what they write next.
        if revision.kind == Revision.Kind.WRITING:
            revision.kind = Revision.Kind.SAVED
        revision.due_at = at
        revision.save(update_fields=["kind", "due_at"])
        changes_scheduled.send(Revision, revision=revision)

    def drop_schedule(self):
        """Have no version of it go out by itself; return whether one was to."""
        return bool(Revision.objects.due(self).update(due_at=None))

    def _become(self, published_at, withdrawn_at, *, commit, binned_at=None):
        before = self.times
        if before == (published_at, withdrawn_at, binned_at):
            return False
        self.times = (published_at, withdrawn_at, binned_at)
        if commit:
            try:
                with refused_in_words():
                    self.clean()
                    self.save()
            except ValidationError:
                self.times = before
                raise
        return True

    @property
    def times(self):
        """When it was or will be published, was withdrawn, and thrown away."""
        return self.published_at, self.withdrawn_at, self.binned_at

    @times.setter
    def times(self, given):
        self.published_at, self.withdrawn_at, self.binned_at = given
