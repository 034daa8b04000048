"""Makes the secret links to a draft, and keeps what they show up to date."""

from blog.lib.numbers import number_in
from blog.markup import MarkupError
from blog.posts.models import Revision, SharedDraft, Text
from blog.posts.models.shared_draft import DAYS

from .preview import rendered


def made(request, post, *, fixed):
    """Return the link to a draft; raises MarkupError for a text that nobody can be shown."""
    newest = Revision.objects.newest(post)
    text = newest.text if newest else Text.of(post)
    return SharedDraft.objects.share(
        post,
        text,
        rendered(text.body, text.lang),
        by=request.user,
        revision=newest if fixed else None,
        days=number_in(request.POST.get("days", "")) or DAYS,
    )


def link_to(post):
    """Return the link to this draft that was made last, live or not; None for none (one query)."""
    return SharedDraft.objects.of(post).first() if post.pk else None


def refresh_shared(post):
    """Have links that follow a draft show its newest version; call it after each save.

    One query where nothing is shared. A text that is refused leaves what they showed.
    """
    links = list(SharedDraft.objects.of(post).live().filter(revision=None))
    if not links or (newest := Revision.objects.newest(post)) is None:
        return
    try:
        html = rendered(newest.body, newest.lang)
    except MarkupError:
        return
    for link in links:
        link.show(newest.text, html)
        link.save(update_fields=["title", "standfirst", "tags", "lang", "html"])
