"""The slug of an imported essay, and the old addresses that lead to it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.lib.slugs import MOST, slug_of
from blog.posts.models import OldAddress, Post, is_reserved
from blog.transfer.report import Report

from .entries import Entry
from .paths import path_of

LONGEST = 500
# Addresses of the site that show an essay or nothing, so that an old one may stand there.
_OF_ESSAYS = {"essay", "page"}


def settle_slug(post: Post, entry: Entry, taken: set[str], report: Report) -> None:
    """Give an essay a slug whose address is free, as near to the old address as can be."""
    last = path_of(entry.address).rpartition("/")[2]
    last = last.removesuffix(".html").removesuffix(".htm")
    names = [unquote(last), entry.slug, entry.title, entry.stem]
    base = next(filter(None, (slug_of(name, MOST) for name in names)), "untitled")
    number = 1
    post.slug = base
    while _is_taken(post, taken):
        number += 1
        post.slug = f"{base[: MOST - 1 - len(str(number))]}-{number}"
    taken.add(post.permalink_path())
    if number > 1:
        heading = _("Has another address, because its own was taken")
        report.note(heading, labelled(entry.what, f"/{post.permalink_path()}/"))


def _is_taken(post: Post, taken: set[str]) -> bool:
    if post.kind == Post.Kind.PAGE and is_reserved(post.slug):
        return True
    path = post.permalink_path()
    return path in taken or Post.objects.filter(path=path).exists()


def keep_addresses(post: Post, paths: Iterable[str], what: str, report: Report) -> None:
    """Send readers of each address it had on to the one it has now."""
    for path in dict.fromkeys(filter(None, paths)):
        if path == post.path:
            continue
        if len(path) > LONGEST:
            report.note(_("Old address left out, because it is too long"), what)
            continue
        if is_the_sites(path):
            heading = _("Old address left out, because this site needs it")
            report.note(heading, labelled(what, f"/{path}"))
            continue
        owner = Post.objects.filter(path=path).first()
        if not owner:
            kept, made = OldAddress.objects.get_or_create(path=path, defaults={"post": post})
            report.added["address"] += made
            owner = kept.post
        if owner != post:
            heading = _("Old address left out, because another has it")
            report.note(heading, labelled(what, f"/{path} → /{owner.path}/"))


def is_the_sites(path: str) -> bool:
    """Whether the site itself answers at this path, or below it."""
    if path.startswith("?"):
        return False
    for spelled in (f"/{path}", f"/{path}/"):
        try:
            found = resolve(spelled)
        except Resolver404:
            continue
        if found.url_name not in _OF_ESSAYS:
            return True
    return False
