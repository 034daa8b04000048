"""Which addresses are ours, and which essay or page they mean."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404
from django.urls import resolve as view_at
from django.utils.translation import gettext_lazy as _

from blog.posts.models import Post

from .permalinks import normalise_address
from .pingback import NO_TARGET, NOT_A_TARGET, Fault

# The views that show what is written; each other address of the site is something else.
_WRITTEN = {"essay", "page"}


def is_ours(address: str) -> bool:
    """Return whether an address is on this site, by http or https."""
    return _place(address) == _place(settings.SITE_URL)


def takes_linkbacks(post: Post) -> bool:
    """Return whether mentions of it are taken: while readers see it, closed to comments or not."""
    return settings.LINKBACKS and post.is_public


def target_at(address: str) -> Post:
    """Return what an address means, which is published and takes mentions.

    Raises Fault: NO_TARGET where readers find nothing either, so that no draft is given away;
    NOT_A_TARGET for other sites, withdrawn essays and pages that nobody wrote.
    """
    refused = Fault(NOT_A_TARGET, _("The target page takes no mentions."))
    if not is_ours(address) or not settings.LINKBACKS:
        raise refused
    if post := published_at(address):
        return post
    path = unquote(urlsplit(normalise_address(address) or "").path)
    if Post.objects.filter(path=_stored(path), withdrawn_at__isnull=False).exists():
        raise refused
    try:
        view = view_at(path)
    except Resolver404:
        raise Fault(NO_TARGET) from None
    raise Fault(NO_TARGET) if view.url_name in _WRITTEN else refused


def published_at(address: str) -> Post | None:
    """Return the published essay or page that an address of ours means, or once meant."""
    parts = urlsplit(normalise_address(address) or "")
    path = _stored(unquote(parts.path))
    if not path:
        # WordPress's short addresses, /?p=123.
        query = parse_qs(parts.query)
        numbers = [*query.get("p", ()), *query.get("page_id", ())]
        path = f"?p={_stored(numbers[0])[:20]}" if numbers else "?"
    published = Post.objects.published().select_related("author")
    found: Post | None = published.filter(path=path).first()
    return found or published.filter(old_addresses__path=path).first()


def addresses_of(post: Post) -> list[str]:
    """Return every address by which a page may link to it, on this site."""
    paths = [f"{post.path}/", *post.old_addresses.values_list("path", flat=True)]
    _scheme, _colon, rest = settings.SITE_URL.partition("://")
    return [
        f"{scheme}://{rest}/{quote(path, safe='/?=&')}"
        for path in paths
        for scheme in ("http", "https")
    ]


def _place(address: str) -> tuple[str, int | None] | None:
    """Return host and port; None where there is none, or a name or password before it."""
    parts = urlsplit(normalise_address(address) or "")
    if not parts.hostname or "@" in parts.netloc:
        return None
    return parts.hostname, parts.port


def _stored(path: str) -> str:
    """Return a path as it is stored; PostgreSQL refuses even to look for a NUL."""
    return "" if "\0" in path else path.strip("/")
