"""The job that gives readers the changes of an essay when they are due, and what adds it."""

from datetime import datetime

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from django_tasks import task

from blog.posts.models import Post, Revision
from blog.posts.models.revision import changes_scheduled


@receiver(changes_scheduled, sender=Revision, dispatch_uid="posts.tasks")
def enqueue_due(revision, **kwargs):
    """Add the job, in the transaction that schedules the changes."""
    job = publish_due_changes.using(run_after=revision.due_at)
    job.enqueue(revision.pk, revision.due_at.isoformat())


@task(priority=20)
def publish_due_changes(number, due_at):
    """Give readers this version, if it is still to go out at that moment; return what came of it.

    It may come late, or again, or after the author chose another time, which has a job of its own.
    """
    with transaction.atomic():
        found = Revision.objects.filter(pk=number).values_list("post", flat=True).first()
        if found is None:
            return "gone"
        post = Post.objects.select_for_update().get(pk=found)
        revision = Revision.objects.get(pk=number)
        if revision.due_at != datetime.fromisoformat(due_at):
            return "changed"
        if revision.due_at > timezone.now():  # this machine's clock is behind
            enqueue_due(revision)
            return "early"
        if not post.is_public:
            post.drop_schedule()
            return "withdrawn"
        post.saved_by = revision.by
        post.take(revision)
        revision.confirm(Revision.Kind.PUBLISHED)
    return "published"
