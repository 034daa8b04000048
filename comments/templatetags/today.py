"""What the admin's first page says of comments: what waits, what is on drafts, and was said."""

from bisect import bisect
from collections import Counter
from datetime import timedelta
from itertools import accumulate
from unicodedata import east_asian_width
from urllib.parse import urlsplit

from django import template
from django.db.models import Count, Max, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.moments import day_of_week
from blog.markup import plain_text
from blog.posts.desk.saying import number, sentence
from blog.posts.models import Post, Revision, writes_essays
from comments.models import Comment, DraftNote
from comments.models.draft_note import waiting_in_words

register = template.Library()

# Of the newest that wait, so many are counted, looked at for those alike, and listed.
COUNTED, LOOKED_AT, LISTED = 1000, 25, 5
WEEK, SAID = timedelta(days=7), 3
# Columns of a comment, of which a wide letter takes two: about two lines, and on a phone. It is cut
# at a blank, if one is among the last of them.
SHOWN, ON_A_PHONE, LAST = 150, 60, 20
FIELDS = (
    *("kind", "name", "body", "title", "source", "passage", "campaign", "created_at"),
    *("post__title", "post__path", "post__lang", "post__published_at", "post__withdrawn_at"),
)


@register.simple_tag
def this_day():
    return day_of_week(timezone.now(), year=True)


@register.simple_tag
def waiting(user):
    """Return what waits for this person, by kind, and the newest of it (three queries at most)."""
    mine = judged_by(user).pending()
    # Unordered, for who has few among very many would wait for all of them to be looked through.
    found = list(
        mine.order_by().values_list("kind", "passage", "created_at", "pk", "campaign")[
            : COUNTED + 1
        ]
    )
    if not found:
        return {"count": 0}
    newest = sorted(found, key=lambda row: row[2:4], reverse=True)[:LOOKED_AT]
    rows = Comment.objects.filter(pk__in=[row[3] for row in newest])
    if len(found) > COUNTED:  # the newest may be others, and are found soon by their time
        rows = Comment.objects.moderated_by(user).pending()
    rows = rows.select_related("post").only(*FIELDS).order_by("-created_at", "-pk")
    kinds = [row[:2] for row in found]
    folded = {}
    for comment in rows[:LOOKED_AT]:
        folded.setdefault(comment.campaign or comment.pk, comment)
    listed = list(folded.values())[:LISTED]
    alike = Counter(row[4] for row in found)
    for comment in listed:
        same = alike[comment.campaign] if comment.campaign else 1
        comment.before = before(comment, same, is_all=len(found) <= COUNTED)
        shorten(comment)
        comment.who = comment.shown_name
        if comment.kind != Comment.Kind.COMMENT:
            comment.who = comment.name or urlsplit(comment.source).hostname
    return {
        "count": len(kinds),
        "heading": heading(len(kinds)),
        "kinds": by_kind(kinds) if len(kinds) <= COUNTED else all_kinds(),
        "listed": listed,
    }


def judged_by(user):
    """Return what `moderated_by` does, found by the essays: most authors have few of them."""
    if user.has_perm("comments.change_comment") or not writes_essays(user):
        return Comment.objects.moderated_by(user)
    # As numbers: by a subquery SQLite would go through all that waits.
    return Comment.objects.filter(
        post__in=[*Post.objects.filter(author=user).values_list("pk", flat=True)]
    )


def heading(count):
    if count > COUNTED:
        return _("More than a thousand things wait for you")
    said = ngettext("%(number)s thing waits for you", "%(number)s things wait for you", count)
    return sentence(said % {"number": number(count)})


def by_kind(kinds):
    """Return the number, the words and the address of each kind, with the key that opens it."""
    counts = Counter(
        "note" if passage and kind == Comment.Kind.COMMENT else kind for kind, passage in kinds
    )
    words = {
        "comment": (
            ngettext("%(count)d comment", "%(count)d comments", counts["comment"]),
            "comment",
            "c",
        ),
        "note": (
            ngettext("%(count)d note beside words", "%(count)d notes beside words", counts["note"]),
            *("comment", "n"),
        ),
        "webmention": (
            ngettext("%(count)d webmention", "%(count)d webmentions", counts["webmention"]),
            *("webmention", "m"),
        ),
        "pingback": (
            ngettext("%(count)d pingback", "%(count)d pingbacks", counts["pingback"]),
            *("pingback", "p"),
        ),
    }
    return [
        (said % {"count": counts[name]}, queue_of(kind), key)
        for name, (said, kind, key) in words.items()
        if counts[name]
    ]


def all_kinds():
    """Return the same without numbers, of so many that not all are counted."""
    return [
        (_("comments and notes"), queue_of("comment"), "c"),
        (_("webmentions"), queue_of("webmention"), "m"),
        (_("pingbacks"), queue_of("pingback"), "p"),
    ]


def queue_of(kind):
    return f"{reverse('admin:comments_comment_changelist')}?kind__exact={kind}"


def before(comment, alike, *, is_all):
    """Return what is said above a comment's words; "" for nothing."""
    if alike > 1 and not is_all:
        return _("the same words, many times")
    if alike > 1:
        said = ngettext(
            "the same words, %(number)s time", "the same words, %(number)s times", alike
        )
        return said % {"number": number(alike)}
    if comment.passage:
        return _("beside “%(words)s”") % {"words": comment.passage[:80]}
    return comment.title


def shorten(comment):
    """Give a comment the words that are shown of it, and whether they are all that it says."""
    words = " ".join(comment.body.split()) or plain_text(comment.body_html)
    columns = list(accumulate(1 + (east_asian_width(each) in "WF") for each in words[: SHOWN + 1]))
    fitting = bisect(columns, SHOWN)
    comment.is_cut = fitting < len(words)
    comment.is_long = bool(columns) and columns[-1] > ON_A_PHONE
    if comment.is_cut:
        blank = words.rfind(" ", fitting - LAST, fitting)
        words = words[: blank if blank > 0 else fitting]
    comment.words = words


@register.simple_tag
def notes_on_drafts(user):
    """Return the drafts of this person on which notes wait, newest note first (one query)."""
    if not writes_essays(user):
        return []
    drafts = Post.objects.written_by(user).hidden(timezone.now()).filter(binned_at=None)
    written = Revision.objects.filter(post=OuterRef("post")).order_by("-pk").values("title")[:1]
    rows = DraftNote.objects.waiting().filter(post__in=drafts.values("pk")).order_by()
    rows = rows.values("post", "post__title", written=Subquery(written))
    rows = rows.annotate(count=Count("pk"), newest=Max("pk"), at=Max("created_at"))
    return [
        {
            "title": row["written"] or row["post__title"] or _("(no title)"),
            "said": waiting_in_words(row["count"]),
            "at": row["at"],
            "url": reverse("admin:posts_post_notes", args=[row["post"]]),
        }
        for row in rows.order_by("-newest")[:LISTED]
    ]


@register.simple_tag
def said_this_week(user):
    """Return what was approved of the last seven days, newest first (two queries)."""
    since = timezone.now() - WEEK
    said = judged_by(user).approved().filter(created_at__gt=since)
    newest = said.select_related("post").only("body_html", *FIELDS).order_by("-created_at", "-pk")
    listed = list(newest[:SAID])
    for comment in listed:
        shorten(comment)
    count = said.order_by().values("pk")[: COUNTED + 1].count() if len(listed) == SAID else SAID
    return {"listed": listed, "more": max(0, min(count, COUNTED) - SAID)}
