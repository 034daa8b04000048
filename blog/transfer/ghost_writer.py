"""Essays as Ghost exports them, for Ghost's own import (Settings, Import/Export).

Each text is one card of HTML, so that Ghost shows every word of it as it is; Ghost would otherwise
turn it into blocks of its own, and drop what it has none for. What is in the bin stays out.

Ghost has every essay at `/slug/`, in ASCII. So slugs that two essays share differ here, links
between essays follow, and `ghost-redirects.json` has the addresses that readers know.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, unquote

from django.conf import settings
from django.db.models import Q

from blog.lib.base_path import home
from blog.markup import absolute_links, plain_figures, storable, without_anchors
from blog.media.names import FOLDER
from blog.posts.models import OldAddress, Post, Revision, Tag

from .export_rows import people

# What Ghost writes for its own address, and where it has its pictures.
HERE, PICTURES = "__GHOST_URL__", "__GHOST_URL__/content/images/"
VERSION = "5.82.0"
STATUSES = {
    Post.Status.PUBLISHED: "published",
    Post.Status.SCHEDULED: "scheduled",
    Post.Status.DRAFT: "draft",
    Post.Status.WITHDRAWN: "draft",
}
# Characters that Ghost takes of a title and of an excerpt.
LONGEST_TITLE, LONGEST_EXCERPT = 255, 300
_ADDRESS = re.compile(r'(?<=[ ])(href|src|poster)="([^"]*)"')
_POST, _TAG, _USER, _ROLE, _LINK = range(1, 6)


def write_ghost(path: Path, posts: Iterable[Any]) -> None:
    """Write the essays in constant memory; `posts` have their tags and pictures with them."""
    slugs = _slugs()
    with path.open("w", encoding="utf-8") as file:
        meta = {"exported_on": int(datetime.now(UTC).timestamp() * 1000), "version": VERSION}
        file.write(f'{{"db": [{{"meta": {json.dumps(meta)}, "data": {{\n')
        links: list[tuple[int, int, list[int]]] = []
        _write_table(file, "posts", _posts(posts, slugs, links))
        _write_table(file, "posts_meta", _alternatives(slugs))
        _write_table(file, "tags", map(_tag, Tag.objects.order_by("pk").iterator()))
        _write_table(file, "posts_tags", _tags_of(links))
        users = people()
        _write_table(file, "users", map(_user, users.select_related("profile__picture")))
        _write_table(file, "roles", [{"id": _id(_ROLE, 1), "name": "Author"}])
        _write_table(file, "roles_users", map(_role_of, users.values_list("pk", flat=True)))
        _write_table(file, "posts_authors", _authors_of(links), last=True)
        file.write("}}]}\n")


def _write_table(
    file: IO[str], name: str, rows: Iterable[dict[str, Any]], *, last: bool = False
) -> None:
    file.write(f'"{name}": [')
    for count, row in enumerate(rows):
        file.write(",\n" if count else "\n")
        json.dump(row, file, ensure_ascii=False)
    file.write("]" if last else "],\n")


def write_ghost_redirects(path: Path) -> None:
    """Write where the addresses that readers know lead in Ghost (Settings, Labs, Redirects)."""
    slugs = _slugs()
    known = OldAddress.objects.exclude(path__contains="?").values_list("path", "post_id")
    here = Post.objects.published().values_list("path", "pk")
    rows = []
    for old, pk in sorted({*known, *here}):
        if pk in slugs and old.strip("/") != slugs[pk]:
            asked = re.escape(f"/{quote(old.strip('/'))}").replace("\\-", "-")
            rows.append({"permanent": True, "from": f"^{asked}/?$", "to": f"/{slugs[pk]}/"})
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# --- Rows -----------------------------------------------------------------------------------


def _slugs() -> dict[int, str]:
    """Return the slug of each essay in Ghost, by its number; one that is taken gets its number."""
    slugs, taken = {}, set()
    for pk, slug in Post.objects.filter(binned_at=None).order_by("pk").values_list("pk", "slug"):
        plain = _in_ascii(slug) or f"essay-{pk}"
        slugs[pk] = plain if plain not in taken else f"{plain}-{pk}"
        taken.add(slugs[pk])
    return slugs


def _in_ascii(slug: str) -> str:
    """Return a slug without accents, "" where letters of another script would be lost.

    Ghost spells those in Latin by a table of its own, so nothing could link to what it makes.
    """
    parts = unicodedata.normalize("NFKD", slug.lower().replace("ß", "ss"))
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return plain if plain.isascii() else ""


def _posts(
    posts: Iterable[Any], slugs: dict[int, str], links: list[tuple[int, int, list[int]]]
) -> Iterator[dict[str, Any]]:
    """Yield rows, and note whose each is and which tags it has."""
    addresses = _Addresses(slugs)
    for post in posts:
        if post.pk not in slugs:
            continue
        newest = None if post.was_public else Revision.objects.newest(post)
        if newest:  # of a draft nobody but its author has read anything
            post.have_words(newest)
        links.append((post.pk, post.author_id, [tag.pk for tag in post.tags.all()]))
        yield {
            "id": _id(_POST, post.pk),
            "title": storable(post.title)[:LONGEST_TITLE],
            "slug": slugs[post.pk],
            "html": f"<!--kg-card-begin: html-->\n{addresses.within(post)}\n"
            "<!--kg-card-end: html-->",
            "comment_id": str(post.pk),
            "feature_image": post.picture and f"{PICTURES}{post.picture.file.name}",
            "featured": 0,
            "type": "page" if post.kind == Post.Kind.PAGE else "post",
            "status": STATUSES[post.status],
            "visibility": "public",
            "created_at": _time(post.created_at),
            "updated_at": _time(post.updated_at),
            "published_at": _time(post.published_at) if not post.withdrawn_at else None,
            "custom_excerpt": storable(post.standfirst)[:LONGEST_EXCERPT] or None,
        }


def _alternatives(slugs: dict[int, str]) -> Iterator[dict[str, Any]]:
    """Yield what the pictures of essays show."""
    found = Post.objects.filter(pk__in=[*slugs]) if len(slugs) < 500 else Post.objects.all()
    found = found.exclude(Q(picture=None) | Q(picture__alt="")).order_by("pk")
    for pk, alt in found.values_list("pk", "picture__alt"):
        if pk in slugs:
            row = {"id": _id(_POST, pk), "post_id": _id(_POST, pk)}
            yield row | {"feature_image_alt": alt[:191]}


def _tag(tag: Any) -> dict[str, Any]:
    return {"id": _id(_TAG, tag.pk), "name": tag.name, "slug": tag.slug, "visibility": "public"}


def _tags_of(links: list[tuple[int, int, list[int]]]) -> Iterator[dict[str, Any]]:
    number = 0
    for post, _author, tags in links:
        for order, tag in enumerate(tags):
            number += 1
            row = {"id": _id(_LINK, number), "post_id": _id(_POST, post)}
            yield row | {"tag_id": _id(_TAG, tag), "sort_order": order}


def _authors_of(links: list[tuple[int, int, list[int]]]) -> Iterator[dict[str, Any]]:
    for post, author, _tags in links:
        row = {"id": _id(_POST, post), "post_id": _id(_POST, post)}
        yield row | {"author_id": _id(_USER, author), "sort_order": 0}


def _user(user: Any) -> dict[str, Any]:
    profile = getattr(user, "profile", None)
    picture = profile and profile.picture
    login = user.get_username()
    return {
        "id": _id(_USER, user.pk),
        "name": (user.get_full_name() or login)[:191],
        "slug": re.sub(r"[^\w-]+", "-", login.lower()).strip("-")[:191] or f"user-{user.pk}",
        # Ghost takes nobody without an address; nothing can be sent to this one.
        "email": user.email or f"user-{user.pk}@example.invalid",
        "profile_image": f"{PICTURES}{picture.file.name}" if picture else None,
        "bio": (profile and profile.bio[:200]) or None,
        "website": (profile and profile.link) or None,
        "status": "active" if user.is_active else "inactive",
    }


def _role_of(pk: int) -> dict[str, Any]:
    return {"id": _id(_USER, pk), "role_id": _id(_ROLE, 1), "user_id": _id(_USER, pk)}


def _id(kind: int, number: int) -> str:
    """Return an id as Ghost has them: 24 hexadecimal digits."""
    return f"{kind:04x}{number:020x}"


def _time(at: datetime | None) -> str | None:
    return at and f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


# --- Addresses ------------------------------------------------------------------------------


class _Addresses:
    """Where what a text shows and links to is, in Ghost."""

    def __init__(self, slugs: dict[int, str]) -> None:
        self.places = {
            f"/{path}": slugs[pk]
            for pk, path in Post.objects.values_list("pk", "path").iterator()
            if pk in slugs
        }

    def within(self, post: Any) -> str:
        own = settings.SITE_URL + quote(post.get_absolute_url())
        html = absolute_links(without_anchors(plain_figures(post.body_html)), own)
        html = html.replace(f'href="{own}#', 'href="#')  # notes stay links within the text
        return _ADDRESS.sub(self.there, storable(html))

    def there(self, found: re.Match[str]) -> str:
        name, address = found[1], found[2]
        if not address.startswith(f"{home()}/"):
            return found[0]
        path, mark, rest = address.removeprefix(home()).partition("#")
        if path.startswith(FOLDER):
            return f'{name}="{PICTURES}{path.removeprefix(FOLDER)}"'
        slug = self.places.get(unquote(path).rstrip("/"))
        path = f"/{quote(slug)}/" if slug else path
        return f'{name}="{HERE}{path}{mark}{rest}"'
