"""The job that brings a blog here. It goes on where a killed one was."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from .models import Move, Superseded
from .work import work_on

# How soon one that waits for its turn looks again; it is also called when another ends.
LOOK_AGAIN = timedelta(minutes=1)


@task(takes_context=True)
def work(context, number):
    """Try or bring a blog, unless another is at work: then later."""
    move = Move.objects.filter(pk=number, job=context.task_result.id).first()
    if move is None or not move.is_waiting:
        return
    try:
        if not move.begin():
            enqueue(move, timezone.now() + LOOK_AGAIN)
            return
        work_on(move)
    except Superseded:
        return
    call_next()


@task
def bring_waiting(page, post):
    """Bring the comments that were kept at an address to an essay."""
    from blog.transfer.discussions.keeping_again import bring_to  # noqa: PLC0415 - see importers.py

    bring_to(page, post)


@transaction.atomic
def enqueue(move, at=None):
    """Have a worker do what a move waits for."""
    asked = work.using(run_after=at) if at else work
    result = asked.enqueue(move.pk)
    Move.objects.filter(pk=move.pk).update(job=result.id)


def call_next():
    """Let the one that waits longest begin at once."""
    waiting = Move.objects.filter(state__in=Move.WAITING).order_by("changed_at", "pk")
    if move := waiting.first():
        enqueue(move)
