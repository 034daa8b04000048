"""What the admin's first page says of essays: drafts, what goes out, and changes not yet live."""

from django import template
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from blog.lib.counting import counted
from blog.lib.figures import figure
from blog.lib.listing import sentences
from blog.lib.moments import day_of_week
from blog.posts.desk.saying import clock, from_when
from blog.posts.models import Post, Revision, writes_essays

register = template.Library()

# Essays that are listed of each kind.
LISTED = 5
LISTED_OF = {"title": "title", "at": "at", "body": "body", "due_at": "due_at"}


@register.simple_tag
def on_desk(user):
    """Return the essays this person has in hand, newest first (six queries).

    Who edits everybody's essays has all in hand, others their own.
    """
    if not writes_essays(user):
        return {"essays": []}
    posts = Post.objects.filter(binned_at=None)
    if not user.has_perm("posts.change_author"):
        posts = posts.filter(author=user)
    newest = Revision.objects.filter(post=OuterRef("pk")).order_by("-pk")
    written = {f"written_{name}": Subquery(newest.values(of)[:1]) for name, of in LISTED_OF.items()}
    rows = posts.annotate(**written).only("title", "created_at", "published_at", "words", "author")
    now = timezone.now()
    goes_out = Revision.objects.filter(due_at__isnull=False).values("post")
    by_written = F("written_at").desc(nulls_last=True), "-pk"
    drafts = list(rows.filter(published_at=None).order_by(*by_written)[: LISTED + 1])
    scheduled = rows.filter(Q(published_at__gt=now) | Q(pk__in=goes_out), withdrawn_at=None)
    changed = rows.filter(pk__in=posts.changed().values("pk")).exclude(pk__in=goes_out)
    shared = {*posts.shared().values_list("pk", flat=True)} if drafts else set()
    essays = [
        *(draft(post, shared) for post in drafts[:LISTED]),
        *(to_go_out(post, now) for post in scheduled.order_by("published_at", "pk")[:LISTED]),
        *(changed_since(post) for post in changed.order_by(*by_written)[:LISTED]),
    ]
    return {
        "may_write": user.has_perm("posts.add_post"),
        "essays": essays,
        "go_on": next((post for post in drafts if post.author_id == user.pk), None),
        "more": f"{reverse('admin:posts_post_changelist')}?status=draft"
        if len(drafts) > LISTED
        else "",
    }


def of(post, state, at, said):
    return {
        "pk": post.pk,
        "title": post.written_title or post.title or _("(no title)"),
        "state": state,
        "at": at,
        "said": said,
    }


def words_of(post):
    count = counted(post.written_body).words if post.written_body else post.words
    said = ngettext("%(count)s word.", "%(count)s words.", count)
    return said % {"count": figure(count)}


def draft(post, shared):
    said = words_of(post)
    if post.pk in shared:
        said = sentences([said, _("Shared by a link.")])
    return of(post, pgettext("state of an essay or page", "Draft"), saved(post), said)


def to_go_out(post, now):
    at = post.published_at if post.published_at and post.published_at > now else post.written_due_at
    day = day_of_week(at or now)
    moment = _("%(day)s at %(time)s") % {"day": day, "time": clock(at or now)}
    is_change = post.published_at and post.published_at <= now
    state = _("Its changes go out") if is_change else _("Goes out")
    return of(post, state, moment, words_of(post))


def changed_since(post):
    day = date_format(timezone.localtime(post.published_at), "DATE_FORMAT")
    said = _("Readers still have the text of %(day)s.") % {"day": day}
    return of(post, _("Changed, not published"), saved(post), said)


def saved(post):
    at = post.written_at or post.created_at
    return _("saved %(when)s") % {"when": from_when(at)}
