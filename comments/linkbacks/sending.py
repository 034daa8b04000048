"""Jobs that notify the pages an essay links to when it is published, changed or removed.

Saving an essay adds one job. Once the essay is public, that job finds out which pages to notify
and adds one job for each page. The pages' rows and their jobs are written in one transaction, so a
worker that is killed loses no notice. If it is killed after a page answered and before the answer
is saved, the notice is sent a second time, which both protocols allow.
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

from blog.lib.base_path import placed
from blog.posts.models import Post, rendered_again
from comments.linkbacks.links import Links, links_in
from comments.linkbacks.notify import Outcome, notify
from comments.linkbacks.receive import noted_from, receive_own
from comments.models import LinkedPage

# Wait this long after a save, so that a mistake corrected at once causes only one notice.
SETTLE = timedelta(minutes=1)


def public_url_of(post):
    """Return the essay's address in the form that is sent to other sites."""
    return iri_to_uri(settings.SITE_URL + post.get_absolute_url())


def is_announced(post):
    """Whether notices are sent about the links of this essay; not if it was imported.

    None stands for a deleted essay: its rows exist only if notices were sent before.
    """
    if post is None:
        return settings.LINKBACKS_SEND
    return (
        settings.LINKBACKS_SEND
        and post.announces_links
        and post.origin is None
        and post.kind == Post.Kind.ESSAY
    )


def text_digest_of(post):
    """Return a digest of the essay's text: when it changes, linked pages are notified again."""
    return "" if post is None else digest(post, post.body_html)


def digest(post, html):
    said = "\0".join([post.title, post.standfirst, html])
    return hashlib.sha256(said.encode()).hexdigest()


@receiver(rendered_again, sender=Post, dispatch_uid="comments.sending.rendered")
def keep_quiet_about_rendering(post, before, **kwargs):
    """Let an essay that this site rendered again be no other text than the pages know."""
    known = post.linked_pages.filter(digest=digest(post, before))
    known.update(digest=text_digest_of(post))


@receiver(post_save, sender=Post, dispatch_uid="comments.sending")
def announce_saved_essay(instance, raw=False, created=False, **kwargs):
    """Add the jobs that notify the pages a saved essay links to, once it is public."""
    if raw or not is_announced(instance):
        return
    source = public_url_of(instance)
    links = any(links_in(placed(instance.body_html), source))
    announced = (not created and instance.linked_pages.exists()) or noted_from(source).exists()
    if (links and instance.is_public) or announced:
        tell_linked_pages.using(run_after=timezone.now() + SETTLE).enqueue(instance.pk)
    if links and instance.status == Post.Status.SCHEDULED:
        tell_linked_pages.using(run_after=instance.published_at).enqueue(instance.pk)


@receiver(pre_delete, sender=Post, dispatch_uid="comments.sending.deleted")
def announce_deleted_essay(instance, **kwargs):
    """Add the jobs that notify linked pages of a deleted essay; its address then answers 404."""
    if not is_announced(instance):
        instance.linked_pages.all().delete()
        return
    with transaction.atomic():
        Post.objects.select_for_update().filter(pk=instance.pk).first()
        enqueue(LinkedPage.objects.leave(instance, timezone.now()))
        receive_own(public_url_of(instance), [])


def enqueue(pages):
    """Add the jobs that send these rows' notices when they are due."""
    for page in pages:
        send_notice.using(run_after=page.due_at).enqueue(page.pk, page.round)


@transaction.atomic
def send_again(post, pages, now):
    """Notify pages of one essay again, even if earlier notices succeeded; return how many.

    For a withdrawn essay only notices of removed links are sent.
    """
    pages = LinkedPage.objects.select_for_update().filter(pk__in=[page.pk for page in pages])
    pages = [page for page in pages if post.is_public or not page.linked]
    enqueue(LinkedPage.objects.schedule(pages, text_digest_of(post), now))
    return len(pages)


@task()
def tell_linked_pages(number):
    """Find the pages to notify about an essay; running it twice is safe."""
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(pk=number).first()
        if post is None or not is_announced(post):
            return
        source = public_url_of(post)
        links = links_in(placed(post.body_html), source) if post.is_public else Links({}, {})
        now = timezone.now()
        enqueue(LinkedPage.objects.follow(post, links.elsewhere, text_digest_of(post), source, now))
        receive_own(source, links.ours.values())


@task()
def send_notice(number, round):
    """Notify one page, unless that was done meanwhile or is not needed any more."""
    page = LinkedPage.objects.select_related("post").filter(pk=number, round=round).first()
    if page is None or not page.is_waiting:
        return
    if not is_announced(page.post):
        why = _("No notices are sent for this essay now.")
        page.settle(Outcome("refused", why), timezone.now())
        if page.post is None:
            page.delete()
        return
    if page.linked and not (page.post and page.post.is_public):
        # The job added when the essay was saved decides about that; nothing is sent until then.
        outcome = Outcome("later", _("Readers do not see the essay now."))
    elif page.begin(text_digest_of(page.post), timezone.now()):
        outcome = notify(page.source, page.target, page.only_by)
    else:
        if page.put_off(timezone.now()):
            enqueue([page])
        return
    with transaction.atomic():
        if page.settle(outcome, timezone.now()):
            page.refresh_from_db(fields=["round", "due_at"])
            enqueue([page])
        elif page.post is None:  # the essay is gone, and this was its last notice
            LinkedPage.objects.filter(pk=page.pk, round=page.round).delete()
