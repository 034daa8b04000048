"""Decides where a mention stands: beside words of the essay, or under one of its comments.

Its source says so by the addresses that it links to. The first that names words or a comment which
are there decides; other words are linked to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from django.urls import Resolver404
from django.urls import resolve as view_at

from blog.lib.base_path import unbased
from blog.lib.numbers import LARGEST
from blog.posts.models import Post
from blog.posts.models.notes import Notes
from comments.models import Comment
from comments.models.beside import quoted_now
from comments.rendering.fragments import Fragment, fragment_of
from comments.rendering.places import Selector
from comments.rendering.quotations import Quotations
from comments.text.permalinks import normalise_address

# Quotations that are looked for, and other words that a mention may link to.
MOST_LOOKED_FOR, MOST_ALSO = 20, 5


class Standing(NamedTuple):
    """Where a mention stands. `digest` is the same as long as its source says the same about it."""

    digest: str = ""
    selector: Selector | None = None
    parent: Comment | None = None
    also: list[dict[str, Any]] | None = None


def naming(links: tuple[str, ...], target: str) -> tuple[str, ...]:
    """Return the links that say where a mention stands; if none does, the target that was sent."""
    return links if digest_of(links) else (target,)


def digest_of(links: tuple[str, ...]) -> str:
    """Return a digest of what these links name on the page, "" if they name nothing."""
    named = [fragment for fragment in map(named_by, links) if any(fragment)]
    return hashlib.sha256(repr(named).encode()).hexdigest() if named else ""


def standing_of(post: Post, links: tuple[str, ...]) -> Standing:
    """Return where a mention stands whose source links to this essay so."""
    digest = digest_of(links)
    if not digest:
        return Standing()
    parent, selectors = None, []
    for found in things_named(post, links):
        if isinstance(found, Selector):
            if found not in selectors:
                selectors.append(found)
        elif not (parent or selectors):
            parent = found
        if len(selectors) > MOST_ALSO:
            break
    first = selectors.pop(0) if selectors and not parent else None
    finder = Quotations(post.body_html).finder if selectors else None
    also = [quoted_now(finder, selector.quoted()) for selector in selectors[:MOST_ALSO]]
    return Standing(digest, first, parent, also or None)


def things_named(post: Post, links: tuple[str, ...]) -> Iterator[Selector | Comment]:
    """Yield the words and the comments that links name and that are there, in their order."""
    quotations, left = None, MOST_LOOKED_FOR
    takes_notes = post.notes_policy != Notes.OFF  # where comments are closed, mentions are taken
    for named in map(named_by, links):
        found: Selector | Comment | None = None
        for quote in named.quotes if takes_notes else ():
            quotations = quotations or Quotations(post.body_html)
            if (left := left - 1) < 0:
                return
            if found := quotations.find(quote):
                yield found
        if not found and named.comment:
            shown = post.comments.approved().written()
            if found := shown.filter(pk=named.comment).first():
                yield found


def named_by(address: str) -> Fragment:
    """Return what an address names of the page; a comment's permalink names that comment."""
    named = fragment_of(address)
    if named.comment is None and "/comments/" in address:
        path = unquote(urlsplit(normalise_address(address) or "").path)
        try:
            view = view_at(unbased(path))
        except Resolver404:
            return named
        if view.url_name == "comment" and view.kwargs["number"] <= LARGEST:
            return named._replace(comment=view.kwargs["number"])
    return named
