"""Tells a WebSub hub (WEBSUB_HUB) which feeds changed. It is here because the only door is here.

A hub then asks for these feeds and sends them on to the readers who subscribed there. What an
import brings is not new, so it says nothing.
"""

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from blog.jobs.models import READY, Job
from blog.net.fetch import FetchError, fetch
from blog.posts.feeds.view import addresses
from blog.posts.models import Post
from comments.models import Comment, ModerationEvent, decided

FORM = "application/x-www-form-urlencoded"
# Wait this long after a change, so that several saves are one notice.
SETTLE = timedelta(seconds=10)
# Addresses in one notice; a hub may take few.
AT_ONCE = 30
ANSWER_BYTES = 4096


class NotTold(Exception):
    """The hub did not take the notice; the message says what it answered."""


@receiver(post_save, sender=Post, dispatch_uid="comments.websub.post")
def follow_essay(instance, created, raw=False, **kwargs):
    """Add the job that tells the hub of an essay, now or once it is public."""
    if not settings.WEBSUB_HUB or raw or (created and instance.origin):
        return
    if instance.kind != Post.Kind.ESSAY:
        return
    if instance.is_public:
        tell_soon(tell_of_essay, instance.pk, timezone.now() + SETTLE)
    elif instance.status == Post.Status.SCHEDULED:
        tell_soon(tell_of_essay, instance.pk, instance.published_at)


@receiver(post_save, sender=Comment, dispatch_uid="comments.websub.comment")
def follow_comment(instance, created, raw=False, **kwargs):
    """Add the job that tells the hub of a comment that readers see from its saving on."""
    if raw or (created and instance.origin):
        return
    if instance.is_approved:
        follow_thread(instance.kind, instance.post_id)


@receiver(decided, sender=ModerationEvent, dispatch_uid="comments.websub.decided")
def follow_decision(events, **kwargs):
    """Add the jobs that tell the hub of comments that were approved."""
    shown = [event.comment for event in events if event.after == Comment.Status.APPROVED]
    for kind, post in sorted({(comment.kind, comment.post_id) for comment in shown}):
        follow_thread(kind, post)


def follow_thread(kind, post):
    if settings.WEBSUB_HUB and kind == Comment.Kind.COMMENT:
        tell_soon(tell_of_comments, post, timezone.now() + SETTLE)


def tell_soon(job, number, at):
    """Add a job, unless one waits that will say the same; a failed one that rests runs then too."""
    waiting = Job.objects.filter(task_path=job.module_path, status=READY)
    same = [each.pk for each in waiting if each.args_kwargs["args"] == [number]]
    if not same or not Job.objects.filter(pk__in=same, status=READY).update(run_after=at):
        job.using(run_after=at).enqueue(number)


@task()
def tell_of_essay(number):
    """Tell the hub of the feeds that an essay is in; a second time does no harm."""
    post = Post.objects.published().essays().filter(pk=number).first()
    if post is None:
        return
    changed = addresses("") + addresses("author", number=post.author_id)
    for tag in post.tags.all():
        changed += addresses("tag", slug=tag.slug)
    tell(changed)


@task()
def tell_of_comments(number):
    """Tell the hub of the feeds that comments on an essay are in; a second time does no harm."""
    if post := Post.objects.published().filter(pk=number).first():
        tell(addresses("comments") + addresses("post-comments", path=post.path))


def tell(changed):
    """Tell the hub that these feeds changed; raises NotTold, and the job is tried again.

    The W3C's recommendation leaves open how. Hubs take what PubSubHubbub 0.3, section 7.1, says.
    """
    if not (hub := settings.WEBSUB_HUB):
        return
    # Its owner chose it, so it may be in their own network.
    allowed = [*settings.LINKBACK_PRIVATE_HOSTS, urlsplit(hub).netloc]
    for start in range(0, len(changed), AT_ONCE):
        urls = [("hub.url", url) for url in changed[start : start + AT_ONCE]]
        said = urlencode([("hub.mode", "publish"), *urls]).encode()
        try:
            answer = fetch(
                hub,
                method="POST",
                data=said,
                headers={"content-type": FORM},
                limit=ANSWER_BYTES,
                allowed=allowed,
            )
        except FetchError as error:
            raise NotTold(str(error)) from error
        if not 200 <= answer.status < 300:
            raise NotTold(_("The hub answers %(status)d.") % {"status": answer.status})
