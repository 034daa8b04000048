"""A save that meets a newer version: both texts side by side, to be put together or chosen from.

Nothing is overwritten and nothing dropped: whatever is pressed, both texts are versions then.
"""

from django.contrib import admin
from django.db import transaction
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from blog.lib.differences import Budget
from blog.posts.models import NewerVersion, Post, Revision, Text

from .acts import Act
from .choosing import CHOICE, rows_beside
from .differences import MOST_MARKING
from .merging import Merge
from .saying import clock, first_name_of, from_when, is_today, name_of

# The acts of the page's buttons; the desk's form hands them to `resolved`.
RESOLVING = {Act.TOGETHER, Act.MINE, Act.THEIRS}
# Fields of the desk's form that the page writes itself; all others it carries on as they came.
OWN = {"title", "standfirst", "body", "tags", "slug", "lang", "version", "act", "wanted"}


def collision_page(request, post, mine, newest, base, given):
    """Answer 409 with a page that asks which text to keep.

    `mine` is the Text that was sent, `newest` the version it met, `base` the Text that both came
    from, or None; `given` has the fields of the form that was sent. The page's form goes to the
    desk with the act `together`, `mine` or `theirs`; there call `resolved`.
    """
    merge = Merge(base, mine, newest.text)
    work = Budget(MOST_MARKING)
    names = names_of(request, newest)
    context = {
        **admin.site.each_context(request),
        "title": _("Not saved yet"),
        "post": post,
        "mine": mine,
        "newest": newest,
        "names": names,
        "said": who_saved(request, newest),
        "since": since(post, given.get("version", "")),
        "saved": from_when(newest.at),
        "shown": rows_beside(merge, names, work),
        "exact": work.exact,
        "tags": ", ".join(mine.tags),  # for a field of the form
        "wanted": given.get("wanted") or given.get("act", ""),
        "carried": carried(given),
        "desk": reverse("admin:posts_post_change", args=[post.pk]),
    }
    return TemplateResponse(request, "admin/posts/desk/collision.html", context, status=409)


def names_of(request, newest):
    """Return how the page calls both texts: the other of somebody else, or of one's own tab."""
    if newest.by_id == request.user.pk:
        return {
            "own": True,
            "yours": _("This tab’s"),
            "theirs": _("The other tab’s"),
            "keep_mine": _("Keep only this tab’s"),
            "keep_theirs": _("Keep only the other tab’s"),
            "mine_lacks": _("Not in this tab’s text."),
            "theirs_lacks": _("Not in the other tab’s text."),
        }
    called = {"name": first_name_of(newest.by), "full": name_of(newest.by)}
    return {
        "own": False,
        "name": called["name"],
        "yours": _("Yours"),
        "theirs": _("%(full)s’s") % called,
        "keep_mine": _("Keep only mine"),
        "keep_theirs": _("Keep only %(name)s’s") % called,
        "mine_lacks": _("Not in your text."),
        "theirs_lacks": _("Not in %(name)s’s text.") % called,
    }


def who_saved(request, newest):
    """Say who was first, and when."""
    given = {"name": name_of(newest.by), "at": clock(newest.at)}
    if not is_today(newest.at):
        given["at"] = from_when(newest.at)
        if newest.by_id == request.user.pk:
            return _("You saved this essay on %(at)s in another tab.") % given
        return _("%(name)s saved this essay on %(at)s, while you were writing.") % given
    if newest.by_id == request.user.pk:
        return _("You saved this essay at %(at)s in another tab.") % given
    return _("%(name)s saved this essay at %(at)s, while you were writing.") % given


def since(post, token):
    """Return when the version was saved that the form started from, or "" (one query)."""
    number, _dot, saves = token.partition(".")
    if not (number.isdecimal() and saves.isdecimal() and len(number) < 19):
        return ""
    found = Revision.objects.filter(post=post, pk=int(number)).only("at").first()
    return from_when(found.at) if found else ""


def carried(given):
    """Return the other fields of the form, so that a press on this page loses none of them."""
    return [
        (name, value)
        for name in given
        if name not in OWN and name != "csrfmiddlewaretoken" and not name.startswith(CHOICE)
        for value in given.getlist(name)
    ]


# --- What was pressed -----------------------------------------------------------------------


@transaction.atomic
def resolved(request, post, act, mine, base, *, started_from):
    """Keep what was chosen on the page as the newest version, and return that version.

    Both texts are versions afterwards, whatever was chosen. Raises NewerVersion, with nothing
    changed, where only `mine` is to stay and somebody saved once more: that was not seen yet. Put
    together, or given up, mine meets what is newest, and so loses nothing of it.
    """
    Post.objects.select_for_update().only("pk").get(pk=post.pk)
    theirs = Revision.objects.newest(post)
    if act == Act.MINE and theirs and started_from != theirs.token:
        raise NewerVersion(theirs)

    def keep(text, kind, **more):
        return Revision.objects.keep(post, text, by=request.user, kind=kind, **more)

    # Without its tab, so that it takes the place of no version: not even of that tab's own.
    kept = keep(mine, Revision.Kind.SAVED)
    if act == Act.MINE or theirs is None:
        return kept
    if act == Act.THEIRS:
        return keep(theirs.text, Revision.Kind.BROUGHT_BACK, source=theirs)
    text = merged(base, mine, theirs.text, request.POST)
    return keep(text, Revision.Kind.TOGETHER, source=theirs)


def merged(base: Text | None, mine: Text, theirs: Text, given) -> Text:
    """Return both texts put together, by the choices of the page where the rows are as shown."""
    merge = Merge(base, mine, theirs)
    chosen = {name: given[CHOICE + name] for name in merge.lines if CHOICE + name in given}
    for at, key in enumerate(merge.keys):
        if CHOICE + key in given:
            chosen[at] = given[CHOICE + key]
    return merge.text(chosen)
