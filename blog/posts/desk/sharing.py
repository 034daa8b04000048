"""Makes and revokes the secret links to a draft, and keeps what they show up to date."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from blog.lib.numbers import number_in
from blog.markup import MarkupError
from blog.posts.models import Post, Revision, SharedDraft, Text
from blog.posts.models.shared_draft import DAYS

from .access import to_write
from .preview import rendered

SHARE, STOP = "share", "stop"
# What `shows` says in the form: the draft as it changes, or as it is now.
FOLLOWING, FIXED = "following", "fixed"


def share(desk, request, number):
    """Make a link, or revoke it; answer with the desk, or with JSON where a script asks."""
    post = to_write(desk, request, number)
    act = request.POST.get("act", SHARE)
    try:
        fixed = request.POST.get("shows") == FIXED
        link = None if act == STOP else made(request, post, fixed=fixed)
    except MarkupError as error:
        return answer(request, post, None, str(error))
    if act == STOP:
        SharedDraft.objects.stop(post)
    return answer(request, post, link)


def made(request, post, *, fixed):
    """Return the link to a draft; raises MarkupError for a text that nobody can be shown."""
    if post.status not in (Post.Status.DRAFT, Post.Status.SCHEDULED):
        raise PermissionDenied
    newest = Revision.objects.newest(post)
    text = newest.text if newest else Text.of(post)
    return SharedDraft.objects.share(
        post,
        text,
        rendered(text.body),
        by=request.user,
        revision=newest if fixed else None,
        days=number_in(request.POST.get("days", "")) or DAYS,
    )


def answer(request, post, link, refused=""):
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(data_of(link) | {"error": refused}, status=400 if refused else 200)
    if refused:
        messages.error(request, refused)
    return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))


def data_of(link):
    """Return what a script shows of a link."""
    if link is None:
        return {"link": "", "until": "", "follows": False}
    until = date_format(timezone.localtime(link.expires_at), "j F")
    return {"link": link.address, "until": until, "follows": link.follows}


def link_to(post):
    """Return the link that shows this draft now, or None (one query)."""
    return SharedDraft.objects.of(post).live().first() if post.pk else None


def was_shared(post):
    """Whether a link to it was revoked, for the bar to say that it shows nothing now."""
    return SharedDraft.objects.of(post).filter(revoked_at__isnull=False).exists()


def refresh_shared(post):
    """Have links that follow a draft show its newest version; call it after each save.

    One query where nothing is shared. A text that is refused leaves what they showed.
    """
    links = list(SharedDraft.objects.of(post).live().filter(revision=None))
    if not links or (newest := Revision.objects.newest(post)) is None:
        return
    try:
        html = rendered(newest.body)
    except MarkupError:
        return
    for link in links:
        link.show(newest.text, html)
        link.save(update_fields=["title", "standfirst", "tags", "html"])
