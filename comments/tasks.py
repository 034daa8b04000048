"""The jobs that send mail, teach the spam filter and render threads, and what adds them.

Without a mail server no mail jobs are added. Otherwise a request adds one job, which finds out who
gets a mail, stores the mails, and adds a job to send each. Each job runs in one worker, and a sent
mail is marked in its row. Only if a worker is killed between the server's answer and that mark is
a mail sent twice; both then have the same Message-ID, so mail programs can recognise the second.
"""

import contextlib
import time

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django_tasks import task

from blog.accounts.leaving import leaves
from blog.jobs.models import Job
from blog.jobs.moved import paths_of
from blog.jobs.slices import in_slices
from blog.lib.mail_errors import is_nobody_there, mail_error_in_words
from blog.markup import COMMENT_VERSION
from blog.posts.handing_over import has_another_author
from blog.posts.models import Post
from blog.posts.search.indexing import go_on
from blog.site.models import SiteVersion
from comments.mail import letters, notifications
from comments.models import (
    Comment,
    Mail,
    MailChoice,
    ModerationEvent,
    Subscription,
    ThreadPage,
    comments_of_earlier_markup,
    decided,
    findable_again,
    render_again,
)
from comments.models.filter_counts import learn
from comments.models.mail import GIVE_UP_AFTER
from comments.models.thread_page import STALE

# Seconds after which a job that renders threads after an upgrade leaves the rest to a next job.
SECONDS_AT_ONCE = 10

# Comments that one job teaches the filter: some three seconds' work.
LEARNED_AT_ONCE = 500


class NotSent(Exception):
    """The mail server did not take a mail; the message says why and holds no address."""


# --- Adding jobs ------------------------------------------------------------------------------


def received(comment, *, notify=False):
    """Add the job that writes mails about a new comment; `notify` if its writer wants replies.

    Call it in the transaction that saves the comment; it adds one row.
    """
    if settings.MAIL_IS_SET_UP:
        if notify:
            notifications.subscribe(comment)
        announce.enqueue(comment.pk)


@receiver(decided, sender=ModerationEvent, dispatch_uid="comments.learning")
def teach(events, **kwargs):
    """Add jobs that teach the filter what was decided or undone."""
    numbers = sorted({event.comment_id for event in events})
    for start in range(0, len(numbers), LEARNED_AT_ONCE):
        learn_from.enqueue(numbers[start : start + LEARNED_AT_ONCE])


@receiver(decided, sender=ModerationEvent, dispatch_uid="comments.threads")
def catch_up(events, **kwargs):
    """Add a job that renders the threads that the decision left stale."""
    refresh_soon({event.comment.post_id for event in events})


@receiver(post_save, sender=Post, dispatch_uid="comments.threads")
def catch_up_with_essay(instance, **kwargs):
    """Add a job that renders a long thread again if its essay has another author or date."""
    if instance.byline_changed:
        refresh_soon([instance.pk])


@receiver(has_another_author, sender=Post, dispatch_uid="comments.threads")
def catch_up_with_authors(posts, **kwargs):
    """Have the threads under essays of another author rendered, which mark the author's own."""
    ThreadPage.objects.filter(post__in=posts).update(rendering=STALE)
    refresh_soon(posts)


@receiver(leaves, dispatch_uid="comments.mail")
def forget_choice(user, **kwargs):
    """Forget when somebody who leaves wants mail, and the mails that wait for them."""
    MailChoice.objects.filter(user=user).delete()
    Mail.objects.waiting().filter(user=user).delete()


def refresh_soon(posts):
    """Add a job that renders the stale threads among these posts'."""
    stale = ThreadPage.objects.stale_posts().filter(pk__in=posts)
    if numbers := list(stale.values_list("pk", flat=True)):
        refresh_threads.enqueue(numbers)


def render_some_again(keys):
    """Render these comments again and their threads soon; return how many came out differently."""
    changed = render_again(keys)
    refresh_soon({comment.post_id for comment in changed})
    return len(changed)


@receiver(decided, sender=ModerationEvent, dispatch_uid="comments.mail")
def follow_decision(events, **kwargs):
    """Add the job that mails readers about first approvals; delete mails about erased comments."""
    erased = [e.comment_id for e in events if e.action == ModerationEvent.Action.ERASE]
    if erased:
        Mail.objects.filter(comment__in=erased).delete()
        Subscription.objects.filter(comment__in=erased).delete()
    if not settings.MAIL_IS_SET_UP:
        return
    for event in events:
        if "email" in event.original and event.comment.subscriptions.exists():
            # The subscription follows the new address, which must be confirmed again.
            event.comment.subscriptions.all().delete()
            received(event.comment, notify=True)
    approved = Comment.Status.APPROVED
    shown = [e.comment_id for e in events if e.after == approved and e.before != approved]
    before = ModerationEvent.objects.filter(comment__in=shown, before=approved)
    if first := sorted({*shown} - {*before.values_list("comment", flat=True)} if shown else []):
        tell_readers.enqueue(first)


def post(mails):
    """Add the jobs that send these mails when they are due."""
    now = timezone.now()
    for mail in mails:
        job = send_mail.using(run_after=mail.due_at) if mail.due_at > now else send_mail
        job.enqueue(mail.pk)


@receiver(post_save, sender=SiteVersion, dispatch_uid="comments.tasks")
def follow_language(instance, **kwargs):
    if instance.differs_in("language"):
        comments_in_another_language.enqueue()


# --- Jobs -------------------------------------------------------------------------------------


@task(priority=10)
def refresh_threads(numbers):
    """Render what is stale in the threads of these essays."""
    for post in Post.objects.filter(pk__in=numbers):
        ThreadPage.objects.catch_up(post)


@task(priority=-10)
def refresh_stale_threads():
    """Render what is stale in all threads, as after an upgrade, in as many jobs as needed."""
    if not ThreadPage.objects.refresh_stale(until=time.monotonic() + SECONDS_AT_ONCE):
        refresh_stale_threads.enqueue()


@task()
def learn_from(numbers):
    """Update the filter to these comments' present status; running it twice is safe."""
    for comment in Comment.objects.filter(pk__in=numbers).only("pk"):
        learn(comment)


@task()
def announce(number):
    """Store the mails about a new comment and add jobs to send them."""
    comment = Comment.objects.select_related("post__author").filter(pk=number).first()
    if comment is None:
        return
    with transaction.atomic():
        post(notifications.about_new(comment))
        post(notifications.to_confirm(comment))
        if comment.is_approved:
            post(notifications.about_published(comment, waited=False))


@task()
def tell_readers(numbers):
    """Store the mails to readers about comments that a person approved."""
    for comment in Comment.objects.approved().filter(pk__in=numbers):
        with transaction.atomic():
            post(notifications.about_published(comment, waited=True))


@task()
def send_mail(number):
    """Send one mail, unless it was sent or is not needed any more."""
    mail = (
        Mail.objects.waiting()
        .select_related("comment__post", "user__profile")
        .filter(pk=number)
        .first()
    )
    if mail is None or not settings.MAIL_IS_SET_UP:
        return
    letter = letters.compose(mail)
    if letter is None:
        mail.drop()
        return
    if mail.kind == Mail.Kind.CONFIRM and (turn := Mail.objects.turn(mail)) > timezone.now():
        mail.record(due_at=turn)
        send_mail.using(run_after=turn).enqueue(mail.pk)
        return
    server = get_connection()
    try:
        # Opened here, so that it is closed only after the mail is marked as sent.
        server.open()
        server.send_messages([letter])
    except OSError as error:  # smtplib's errors are OSErrors too
        said = mail_error_in_words(error).replace(mail.to, "…")
        if is_nobody_there(error):
            mail.drop(said)
            return
        mail.fail(said)
        # `from None`, because the error's own traceback holds the address and would be stored.
        raise NotSent(said) from None
    else:
        mail.sent()
    finally:
        with contextlib.suppress(OSError):
            server.close()


def try_again(now):
    """Restart the failed jobs of mails that are not too old yet; return how many."""
    young = Mail.objects.failing().filter(created_at__gt=now - GIVE_UP_AFTER)
    numbers = set(young.values_list("pk", flat=True))
    failed = Job.objects.filter(task_path__in=paths_of(send_mail.module_path), status="FAILED")
    wanted = [job.pk for job in failed if job.args_kwargs["args"][0] in numbers]
    return Job.objects.filter(pk__in=wanted).try_again(now)


@task(priority=-5)
def render_comments():
    """Render comments of earlier versions again, for some seconds; a next job goes on."""
    until = time.monotonic() + SECONDS_AT_ONCE
    for keys in comments_of_earlier_markup():
        if time.monotonic() > until:
            render_comments.enqueue()
            return "to be continued"
        render_some_again(keys)
    return "done"


@task(priority=-5)
def comments_in_another_language():
    """Set comments again, whose quotation marks and dates are those of the site's language.

    Imported ones keep theirs: of an unset one it is not known that this site's markup made it.
    """
    same = Comment.objects.filter(rendered_with=COMMENT_VERSION, origin=None)
    in_slices(same, lambda some: some.update(rendered_with=0))
    render_comments.enqueue()
    refresh_stale_threads.enqueue()


@task(priority=-5)
def index_comments(after=0):
    """Have search read approved comments again, from a key on."""
    return go_on(findable_again, index_comments, after)
