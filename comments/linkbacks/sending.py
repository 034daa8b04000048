"""Jobs that announce to the pages an essay links to: when it is public, changes and goes.

Saving an essay writes one job. That finds out, once the essay is really public, which pages are to
be told, and writes a job for each of them, which calls that one page. The pages' rows and the jobs
for them are written together, so a worker killed at any moment loses no notice. Between a page's
answer and the note of it a kill has the notice sent once more, which both protocols expect.
"""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django_tasks import task

from blog.posts.models import Post
from comments.linkbacks.links import Links, links_in
from comments.linkbacks.receive import noted_from, receive_own
from comments.linkbacks.send import Outcome, notify
from comments.models import LinkedPage

# After a save, so that a slip corrected at once is not told twice.
SETTLE = timedelta(minutes=1)


def address_of(post):
    """Return the essay's address as other sites are told it."""
    return iri_to_uri(settings.SITE_URL + post.get_absolute_url())


def tells(post):
    """Whether pages are told that this essay links to them. An imported one told them long ago.

    None is an essay that was deleted; its last notices are there only if it told.
    """
    if post is None:
        return settings.LINKBACKS_SEND
    return (
        settings.LINKBACKS_SEND
        and post.announces_links
        and post.origin is None
        and post.kind == Post.Kind.ESSAY
    )


def digest_of(post):
    """Return what is the same as long as a linked page need not look at the essay again."""
    if post is None:
        return ""
    said = "\0".join([post.title, post.standfirst, post.body_html])
    return hashlib.sha256(said.encode()).hexdigest()


@receiver(post_save, sender=Post, dispatch_uid="comments.sending")
def follow_essay(instance, raw=False, **kwargs):
    """Have the pages told that a saved essay links to, not before it is public."""
    if raw or not tells(instance):
        return
    source = address_of(instance)
    links = any(links_in(instance.body_html, source))
    told = instance.linked_pages.exists() or noted_from(source).exists()
    if (links and instance.is_public) or told:
        tell_linked_pages.using(run_after=timezone.now() + SETTLE).enqueue(instance.pk)
    if links and instance.status == Post.Status.SCHEDULED:
        tell_linked_pages.using(run_after=instance.published_at).enqueue(instance.pk)


@receiver(pre_delete, sender=Post, dispatch_uid="comments.sending.deleted")
def follow_deletion(instance, **kwargs):
    """Have the pages told that knew of an essay which is deleted: its address answers 404 then."""
    if not tells(instance):
        instance.linked_pages.all().delete()
        return
    with transaction.atomic():
        Post.objects.select_for_update().filter(pk=instance.pk).first()
        enqueue(LinkedPage.objects.leave(instance, timezone.now()))
        receive_own(address_of(instance), [])


def enqueue(pages):
    """Have these rows' notices sent when they are due."""
    for page in pages:
        send_notice.using(run_after=page.due_at).enqueue(page.pk, page.round)


@transaction.atomic
def send_again(post, pages, now):
    """Have pages of one essay told once more, whatever came of it before; return how many.

    A withdrawn essay tells of no link, only once more that one is gone.
    """
    pages = LinkedPage.objects.select_for_update().filter(pk__in=[page.pk for page in pages])
    pages = [page for page in pages if post.is_public or not page.linked]
    enqueue(LinkedPage.objects.schedule(pages, digest_of(post), now))
    return len(pages)


@task()
def tell_linked_pages(number):
    """Find out who is to be told what an essay says now; twice does no harm."""
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(pk=number).first()
        if post is None or not tells(post):
            return
        source = address_of(post)
        links = links_in(post.body_html, source) if post.is_public else Links({}, {})
        now = timezone.now()
        enqueue(LinkedPage.objects.follow(post, links.elsewhere, digest_of(post), source, now))
        receive_own(source, links.ours.values())


@task()
def send_notice(number, round):
    """Tell one page, unless it was told meanwhile or there is nothing left to say."""
    page = LinkedPage.objects.select_related("post").filter(pk=number, round=round).first()
    if page is None or not page.is_waiting:
        return
    if not tells(page.post):
        why = _("No notices are sent for this essay now.")
        page.settle(Outcome("refused", why), timezone.now())
        if page.post is None:
            page.delete()
        return
    if page.linked and not (page.post and page.post.is_public):
        # The job that its saving wrote sees to that; until then nothing is said.
        outcome = Outcome("later", _("Readers do not see the essay now."))
    elif page.begin(digest_of(page.post), timezone.now()):
        outcome = notify(page.source, page.target, page.only_by)
    else:
        if page.put_off(timezone.now()):
            enqueue([page])
        return
    with transaction.atomic():
        if page.settle(outcome, timezone.now()):
            page.refresh_from_db(fields=["round", "due_at"])
            enqueue([page])
        elif page.post is None:  # whose list would it stand in?
            LinkedPage.objects.filter(pk=page.pk, round=page.round).delete()
