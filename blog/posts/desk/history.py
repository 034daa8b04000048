"""The versions of an essay: what changed from one to another, and bringing one back."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max, Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from blog.lib.differences import Budget, compared, html_of
from blog.lib.figures import figure
from blog.lib.listing import listed
from blog.lib.numbers import number_in
from blog.posts.models import Post, Revision, Text

from .access import to_write
from .differences import (
    MOST_COUNTING,
    MOST_MARKING,
    only_changed,
    paragraphs,
    tags_changed,
    words_changed,
)
from .saying import from_when, name_of, sentence, when
from .saying import number as number_word
from .sharing import refresh_shared

PER_PAGE = 30
# Of the log of all that was done with it.
ACTIONS = 200
KIND = Revision.Kind


@dataclass
class Entry:
    """A version in the margin: when, who, and what it did."""

    revision: Revision
    when: str
    who: str
    said: list[str]
    href: str
    # What is folded: how often it was saved while somebody wrote, and from when to when.
    saves: str
    sitting: str
    chosen: bool = False

    @property
    def when_and_who(self):
        return listed([self.when, self.who])


@dataclass
class Compared:
    """The chosen version with what changed since another one marked."""

    title: str
    standfirst: str
    tags: list[str]
    slug: str
    lang: str
    paragraphs: list
    exact: bool
    changed: bool = field(default=True)

    @property
    def tags_listed(self):
        return listed(self.tags)


def history(desk, request, number):
    """Show the versions, and one of them compared with the one before it or with any other."""
    post = to_write(desk, request, number)
    given = {name: number_in(request.GET.get(name, "")) for name in ("version", "with", "page")}
    of_post = versions(post)
    counts = of_post.order_by().aggregate(
        all=Count("pk"), newest=Max("pk"), newer=Count("pk", filter=Q(pk__gt=given["version"] or 0))
    )
    last = max(1, -(-counts["all"] // PER_PAGE))
    at = given["page"] or (counts["newer"] // PER_PAGE + 1 if given["version"] else 1)
    at = min(max(at, 1), last)
    rows = list(of_post[(at - 1) * PER_PAGE : at * PER_PAGE + 1])
    chosen = one_of(rows, of_post, given["version"]) or (rows[0] if rows else None)
    other = one_of(rows, of_post, given["with"]) or before(rows, of_post, chosen)
    only = "only" in request.GET
    context = {
        **desk.admin_site.each_context(request),
        "title": _("History"),
        "post": post,
        "opts": desk.opts,
        "count": counts_of(counts["all"]),
        "entries": entries(rows, counts["newest"], chosen),
        "chosen": chosen,
        "chosen_when": chosen and when(chosen.at),
        "chosen_who": chosen and name_of(chosen.by),
        "is_newest": chosen is None or chosen.pk == counts["newest"],
        "newest": counts["newest"],
        "other": other,
        "other_when": other and from_when(other.at),
        "only": only,
        "found": comparison(chosen, other, only) if chosen else None,
        "page": at,
        "earlier": at + 1 if at < last else None,
        "later": at - 1 if at > 1 else None,
        "actions": actions(post),
    }
    return TemplateResponse(request, "admin/posts/desk/history.html", context)


def versions(post):
    """Return the versions with who saved them, and when their sources were saved."""
    left_out = [
        f"source__{name}" for name in ("title", "standfirst", "body", "tags", "slug", "lang")
    ]
    return Revision.objects.of(post).select_related("by", "source").defer(*left_out)


def one_of(rows, of_post, pk):
    """Return a version by its number, None where none is asked for; mostly without a query."""
    if pk is None:
        return None
    found = next((row for row in rows if row.pk == pk), None)
    return found or get_object_or_404(of_post, pk=pk)


def before(rows, of_post, chosen):
    """Return the version that this one came after, mostly without a query."""
    if chosen is None:
        return None
    older = next((row for row in rows if row.pk < chosen.pk), None)
    if older or (rows and chosen.pk == rows[-1].pk and len(rows) <= PER_PAGE):
        return older
    return of_post.filter(pk__lt=chosen.pk).first()


# --- In the margin --------------------------------------------------------------------------


def counts_of(count):
    said = ngettext("%(count)s version", "%(count)s versions", count)
    return sentence(said % {"count": number_word(count)})


def entries(rows, newest, chosen):
    """Return the margin of a page; the row after its last is only compared with."""
    work = Budget(MOST_COUNTING)
    found = []
    for at, revision in enumerate(rows[:PER_PAGE]):
        older = rows[at + 1] if at + 1 < len(rows) else None
        at_when = when(revision.at)
        if revision.pk == newest:
            at_when = _("Now, %(time)s") % {"time": from_when(revision.at)}
        found.append(
            Entry(
                revision,
                at_when,
                name_of(revision.by),
                said_of(revision, older, work),
                f"?version={revision.pk}",
                *saves_of(revision),
                chosen is not None and revision.pk == chosen.pk,
            )
        )
    return found


def said_of(revision, older, work):
    """Return what stands under a version in the margin, a line each."""
    said = []
    source = revision.source and from_when(revision.source.at)
    if source and revision.kind == KIND.BROUGHT_BACK:
        said.append(_("brought back from %(time)s") % {"time": source})
    elif source and revision.kind == KIND.TOGETHER:
        said.append(_("put together with %(time)s") % {"time": source})
    else:
        said.append(words_of(revision, older, work))
    if revision.kind == KIND.PUBLISHED:
        said.append(pgettext("what a version did", "published"))
    if revision.due_at:
        said.append(_("goes out: %(time)s") % {"time": from_when(revision.due_at)})
    return [line for line in said if line]


def saves_of(revision):
    """Return how often a version was saved while somebody wrote, and from when to when."""
    if revision.saves < 2:
        return "", ""
    saves = ngettext(
        "%(count)s save while writing", "%(count)s saves while writing", revision.saves
    )
    began, ended = from_when(revision.began_at), from_when(revision.at)
    said = _("from %(began)s to %(ended)s") % {"began": began, "ended": ended}
    return saves % {"count": figure(revision.saves)}, said


def words_of(revision, older, work):
    """Say how many words it added and cut; the first one, with how many it started."""
    text = revision.text
    added, cut = words_changed(older.text if older else Text(), text, work)
    if older is None:
        said = ngettext("started, %(count)s word", "started, %(count)s words", added)
        return said % {"count": figure(added)}
    said = []
    if added:
        came = ngettext("%(count)s word added", "%(count)s words added", added)
        said.append(came % {"count": figure(added)})
    if cut and added:
        went = npgettext("words", "%(count)s cut", "%(count)s cut", cut)
        said.append(went % {"count": figure(cut)})
    elif cut:
        went = ngettext("%(count)s word cut", "%(count)s words cut", cut)
        said.append(went % {"count": figure(cut)})
    if said:
        return listed(said)
    return "" if text == older.text else _("no words changed")


# --- Compared -------------------------------------------------------------------------------


def comparison(chosen, other, only):
    """Return the chosen version, with what it has more or less than the other marked."""
    work, text = Budget(MOST_MARKING), chosen.text
    was = other.text if other else text
    found = paragraphs(was.body, text.body, work)
    return Compared(
        title=line(was.title, text.title, work),
        standfirst=line(was.standfirst, text.standfirst, work),
        tags=tags_changed(was, text),
        slug=line(was.slug, text.slug, work) if was.slug != text.slug else "",
        lang=line(was.lang, text.lang, work) if was.lang != text.lang else "",
        paragraphs=only_changed(found) if only else found,
        exact=work.exact,
        changed=was != text,
    )


def line(was, now, work):
    return html_of(compared(was, now, work))


def actions(post):
    """Return the newest of what was done with an essay in the admin."""
    log = LogEntry.objects.filter(
        content_type=get_content_type_for_model(post), object_id=str(post.pk)
    )
    return log.select_related("user", "content_type").order_by("-action_time")[:ACTIONS]


# --- Bringing one back ----------------------------------------------------------------------


def bring_back(desk, request, number, version):
    """Make an old version the newest one, lose nothing, and lead back to writing."""
    post = to_write(desk, request, number)
    wanted = get_object_or_404(Revision, post=post, pk=version)
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=post.pk)
        kept = Revision.objects.keep(
            post, wanted.text, by=request.user, kind=KIND.BROUGHT_BACK, source=wanted
        )
        refused = give_to_draft(post, kept)
        refresh_shared(post)
    if kept.source_id == wanted.pk:
        said = _("Brought back from %(time)s. What you had is kept.")
        said %= {"time": from_when(wanted.at)}
        desk.message_user(request, said, messages.SUCCESS)
    else:
        desk.message_user(request, _("This is what you have now."), messages.INFO)
    for words in refused:
        desk.message_user(request, words, messages.WARNING)
    return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))


def give_to_draft(post, revision):
    """Have an essay that readers never saw take a version; return why it could not, if so."""
    if post.was_public:
        return []
    try:
        post.take(revision)
    except ValidationError as error:
        return error.messages
    return []
