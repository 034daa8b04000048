"""Jobs of essays and pictures, and what adds them: due changes, narrower pictures, cards."""

import time
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.urls import Resolver404, resolve
from django.utils import timezone
from django_tasks import task

from blog.media.pictures.renditions import Unreadable
from blog.media.pictures.turns import Busy
from blog.posts import cards
from blog.posts.models import (
    Forward,
    Image,
    OldAddress,
    OldTagSlug,
    Post,
    Revision,
    Tag,
    posts_of_earlier_markup,
    posts_that_lack_widths,
    render_again,
)
from blog.posts.models.revision import changes_scheduled
from blog.posts.search.indexing import go_on, posts_again
from blog.site.menus import paths_in, without
from blog.site.models import SiteVersion

# Less than what a worker takes for a job that hangs.
CATCH_UP_SECONDS = 120


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


@receiver(post_save, sender=Post, dispatch_uid="posts.menus")
def follow_menus(instance, raw=False, **kwargs):
    """Put a page into the menus it was ticked for: now, or by a job at its time."""
    if raw or not instance.menus:
        return
    if instance.waits_for_menus:
        put_into_menus.using(run_after=instance.published_at).enqueue(instance.pk)
    instance.go_into_menus(by=instance.saved_by)


@receiver(pre_delete, sender=Post, dispatch_uid="posts.menus")
def leave_menus(instance, **kwargs):
    if instance.is_public:
        instance.leave_menus()


@receiver(pre_save, sender=SiteVersion, dispatch_uid="posts.menus")
def keep_hidden_out(instance, raw=False, **kwargs):
    """Have a version that is brought back lead to no page that readers lost since.

    One that is still there is remembered.
    """
    if raw or not instance.source_id:
        return
    paths = paths_in(instance)
    without(instance, [f"/{path}/" for path in deleted(paths)])
    of_posts = Q(path__in=paths) | Q(old_addresses__path__in=paths)
    for post in Post.objects.hidden(timezone.now()).filter(of_posts).distinct():
        post.wish_for_menus(dict.fromkeys(without(instance, post.menu_places), True))
        Post.objects.filter(pk=post.pk).update(menus=post.menus)
        if post.waits_for_menus:
            put_into_menus.using(run_after=post.published_at).enqueue(post.pk)


def deleted(paths):
    """Return those of these paths that were of essays, pages and tags deleted since."""
    posts, tags = set(), {}
    for path in paths:
        with suppress(Resolver404):
            view = resolve(f"/{path}/")
            if view.url_name == "tag":
                tags[view.kwargs["slug"]] = path
            elif view.url_name in ("essay", "page") and path != "about":
                posts.add(path)
    for model in (Post, OldAddress, Forward):
        posts.difference_update(model.objects.filter(path__in=posts).values_list("path", flat=True))
    for model in (Tag, OldTagSlug):
        for slug in model.objects.filter(slug__in=tags).values_list("slug", flat=True):
            tags.pop(slug, None)
    return posts | set(tags.values())


@task()
def put_into_menus(number):
    """Put a page into its menus, if readers can have it; return what came of it."""
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(pk=number).first()
        if post and post.waits_for_menus:  # at another time, or this machine's clock is behind
            put_into_menus.using(run_after=post.published_at).enqueue(number)
        return "done" if post and post.go_into_menus() else "not now"


@receiver(post_save, sender=Image, dispatch_uid="posts.renditions")
def enqueue_renditions(instance, raw=False, **kwargs):
    """Add the job, in the transaction that keeps a picture or gives it another file."""
    if not raw and instance.renditions_at is None:
        make_renditions.enqueue(instance.pk)


@task()
def make_renditions(number):
    """Make the narrower pictures of one that was kept; return what came of it."""
    image = Image.objects.filter(pk=number).first()
    if image is None:
        return "gone"
    return f"{image.make_renditions()} made"


@task()
def catch_up(after=0, every=False):
    """Make what was missed of all pictures and essays, for some minutes; a next job goes on.

    With `every`, files are looked for even where a row says that they were made, as after a
    restore. A picture that cannot be read has its own job to say so.
    """
    until = time.monotonic() + CATCH_UP_SECONDS
    for pk in posts_that_lack_widths():
        render_again(pk)
        if time.monotonic() > until:
            catch_up.enqueue(after, every)
            return "to be continued"
    images = Image.objects.all() if every else Image.objects.without_renditions()
    for image in images.one_by_one(after):
        try:
            image.make_renditions()
            after = image.pk
        except Busy:
            until = 0  # it comes first in the next job
        except (FileNotFoundError, Unreadable):
            after = image.pk
        if time.monotonic() > until:
            catch_up.enqueue(after, every)
            return "to be continued"
    return "done"


@task(priority=-5)
def render_essays():
    """Render essays of earlier versions again, for some minutes; a next job goes on."""
    until = time.monotonic() + CATCH_UP_SECONDS
    for pk in posts_of_earlier_markup():
        if time.monotonic() > until:
            render_essays.enqueue()
            return "to be continued"
        render_again(pk)
    return "done"


@task(priority=-5)
def essays_in_another_language():
    """Set the essays that follow the site's language again, and have search read them so."""
    Post.objects.filter(lang="").update(rendered_with=0)
    render_essays.enqueue()
    index_essays.enqueue()


@task(priority=-5)
def index_essays(after=0):
    """Have search read essays and pages again, from a key on."""
    return go_on(posts_again, index_essays, after)


@receiver(post_save, sender=Post, dispatch_uid="posts.cards")
def enqueue_card(instance, **kwargs):
    """Add the jobs that the save left, in its transaction."""
    if instance.card_wanted:
        make_card.enqueue(instance.pk)
    if instance.card_dropped:
        drop_card.enqueue(instance.card_dropped)


@receiver(post_delete, sender=Post, dispatch_uid="posts.cards")
def enqueue_drop(instance, **kwargs):
    if instance.shared_from:
        drop_card.enqueue(instance.shared_name)


@receiver(post_save, sender=SiteVersion, dispatch_uid="posts.tasks")
def enqueue_what_follows(instance, **kwargs):
    """Add the jobs, in the transaction that may give the site another name, look or language."""
    redraw_cards.enqueue(again=instance.differs_in("colours"))
    if instance.differs_in("language"):
        essays_in_another_language.enqueue()


@task(priority=-5)
def redraw_cards(again=False):
    """Make the cards that show the site's name, where it is another now; all with `again`."""
    cards.make_site_card(again=again)
    for number in cards.missing():
        make_card.enqueue(number)
    for number in cards.made() if again else ():
        make_card.enqueue(number, again=True)


@task(priority=-5)
def make_card(number, again=False):
    """Make the picture that an essay is shown with elsewhere."""
    return cards.make(number, again=again)


@task(priority=-5)
def drop_card(name):
    """Delete the file of one that no essay is shown with any more."""
    return cards.drop(name)
