"""What the admin's first page says of essays: drafts, what goes out, and changes not yet live."""

from django import template
from django.db.models import F, OuterRef, Subquery
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
LISTED_OF = ("title", "at", "body")


@register.simple_tag
def on_desk(user):
    """Return the essays this person has in hand, in groups (nine queries at most).

    What goes out by itself stands in that order, all else newest first. Who edits everybody's
    essays has all in hand, others their own.
    """
    if not writes_essays(user):
        return {}
    posts = Post.objects.filter(binned_at=None)
    if not user.has_perm("posts.change_author"):
        posts = posts.filter(author=user)
    newest = Revision.objects.of(OuterRef("pk"))
    written = {f"written_{name}": Subquery(newest.values(name)[:1]) for name in LISTED_OF}
    rows = posts.annotate(**written)
    rows = rows.only("title", "created_at", "published_at", "words", "author")
    by_written = F("written_at").desc(nulls_last=True), "-pk"
    drafts = rows.filter(published_at=None).order_by(*by_written)
    goes_out = rows.going_out().order_by("goes_out_at", "pk")
    changed = rows.filter(pk__in=posts.changed().values("pk")).order_by(*by_written)
    changed = changed.exclude(pk__in=posts.going_out().values("pk"))
    shared = {*posts.shared().values_list("pk", flat=True)}
    groups = [
        group(drafts, "draft", lambda post: draft(post, shared)),
        group(goes_out, "scheduled", to_go_out),
        group(changed, "changed", changed_since),
    ]
    return {
        "may_write": user.has_perm("posts.add_post"),
        "go_on": next((post for post in groups[0]["first"] if post.author_id == user.pk), None),
        "groups": [each for each in groups if each["first"]],
    }


def group(rows, status, said_of):
    """Return the first of these, what is said of those listed, and where how many more are."""
    first = list(rows[: LISTED + 1])
    return {
        "first": first,
        "essays": [said_of(post) for post in first[:LISTED]],
        "more": rows.count() - LISTED if len(first) > LISTED else 0,
        "url": f"{reverse('admin:posts_post_changelist')}?status={status}",
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


def to_go_out(post):
    at = post.goes_out_at
    moment = _("%(day)s at %(time)s") % {"day": day_of_week(at), "time": clock(at)}
    state = _("Goes out") if at == post.published_at else _("Its changes go out")
    return of(post, state, moment, words_of(post))


def changed_since(post):
    day = date_format(timezone.localtime(post.published_at), "DATE_FORMAT")
    said = _("Readers still have the text of %(day)s.") % {"day": day}
    return of(post, _("Changed, not published"), saved(post), said)


def saved(post):
    at = post.written_at or post.created_at
    return _("saved %(when)s") % {"when": from_when(at)}
