"""Decides whether an address is on this site, and which essay or page it leads to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404
from django.urls import resolve as view_at
from django.utils.translation import gettext_lazy as _

from blog.lib.base_path import is_below, unbased
from blog.lib.numbers import LARGEST
from blog.posts.models import Post
from blog.web.copying import is_copied
from comments.linkbacks.protocols.pingback import NO_TARGET, NOT_A_TARGET, Fault
from comments.models import Comment
from comments.text.permalinks import normalise_address

# The views that show an essay or a page.
_WRITTEN = {"essay", "page"}
# The views below an essay's own path: the later pages of its thread, and the comment form.
_BELOW = {"thread", "write"}
# The path of an essay, which no page of a site around this one is likely to have.
_DATED = re.compile(r"[0-9]{4}/[0-9]{2}/[^/]+")


def is_ours(address: str) -> bool:
    """Return whether an address is on this site, by http or https."""
    return _is_on_host(address) and is_below(_path(address))


def _is_on_host(address: str) -> bool:
    return _place(address) == _place(settings.SITE_URL)


def takes_linkbacks(post: Post) -> bool:
    """Return whether mentions of it are taken: while it is public, even if comments are closed."""
    return settings.LINKBACKS and post.is_public and not is_copied()


def target_at(address: str) -> Post:
    """Return the published essay or page at an address.

    Raises Fault: NO_TARGET where readers get a 404, so that nobody can find out about drafts;
    NOT_A_TARGET for other sites, withdrawn essays and pages such as archives.
    """
    refused = Fault(NOT_A_TARGET, _("The target page takes no mentions."))
    if not settings.LINKBACKS or not (is_ours(address) or path_of(address)):
        raise refused
    if post := published_at(address):
        return post
    if Post.objects.filter(path=path_of(address), withdrawn_at__isnull=False).exists():
        raise refused
    try:
        view = view_at(unbased(_path(address)))
    except Resolver404:
        raise Fault(NO_TARGET) from None
    raise Fault(NO_TARGET) if view.url_name in _WRITTEN else refused


def published_at(address: str) -> Post | None:
    """Return the published essay or page at an address of ours, old addresses included."""
    if not (path := path_of(address)):
        return None
    published = Post.objects.published().select_related("author")
    found: Post | None = published.filter(path=path).first()
    return found or published.filter(old_addresses__path=path).first()


def leads_to(post: Post) -> Callable[[str], bool]:
    """Return a function that says whether an address leads to this essay (one query)."""
    paths = {post.path, *post.old_addresses.values_list("path", flat=True)}
    return lambda address: path_of(address) in paths


def path_of(address: str) -> str:
    """Return the path of the essay that an address leads to, as `Post` or `OldAddress` store it.

    The same rule holds for targets sent to us, for links on other pages and for links in our own
    essays. Scheme, query and fragment make no difference. Pages of a thread and permalinks of
    comments lead to the essay, and /?p=123 to the post that WordPress had there. Of a site below a
    path, an essay's address at the root of the host, where the site may have been, leads to it too.
    Returns "" for other sites and for addresses without an essay. Only permalinks of comments cost
    a query.
    """
    if not _is_on_host(address):
        return ""
    path = _stored(unbased(whole := _path(address)))
    if not is_below(whole):
        return path if _DATED.fullmatch(path) else ""
    if not path:
        query = parse_qs(urlsplit(normalise_address(address) or "").query)
        numbers = [*query.get("p", ()), *query.get("page_id", ())]
        return f"?p={_stored(numbers[0])[:20]}" if numbers else ""
    return _essay_above(path) if "comments/" in f"{path}/" else path


def _essay_above(path: str) -> str:
    """Return the essay's path if this is the path of its thread or of a comment, else the path."""
    try:
        view = view_at(f"/{path}/")
    except Resolver404:
        return path
    if view.url_name in _BELOW:
        return str(view.kwargs["path"])
    if view.url_name == "comment" and view.kwargs["number"] <= LARGEST:
        shown = Comment.objects.approved().written().filter(pk=view.kwargs["number"])
        return shown.values_list("post__path", flat=True).first() or ""
    return path


def _path(address: str) -> str:
    return unquote(urlsplit(normalise_address(address) or "").path)


def _place(address: str) -> tuple[str, int | None] | None:
    """Return host and port; None without a host, or with a user name or password."""
    parts = urlsplit(normalise_address(address) or "")
    if not parts.hostname or "@" in parts.netloc:
        return None
    return parts.hostname, parts.port


def _stored(path: str) -> str:
    """Return a path as it is stored; "" if it holds a NUL, which PostgreSQL refuses in queries."""
    return "" if "\0" in path else unicodedata.normalize("NFC", path).strip("/")
