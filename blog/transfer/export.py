"""Everything an owner needs to leave, in files that other systems read.

    content/...md    essays and pages: Markdown with front matter, as static generators take it
    media/...        uploaded files, under the names that the texts have them by
    pictures.json    what each picture shows, one a line; recordings.json of sounds and films
    versions.json    every version of every essay, oldest first, one a line
    comments.json    all comments and mentions, whatever their status, one a line
    tags.json        tags with their addresses; authors.json who wrote; site.json title, look, menus
    forwards.json    old addresses of lists, authors and files
    unplaced.json    comments of other systems that found no essay here
    redirects.json   old addresses and where they lead; _redirects and redirects.* say it to servers
    wordpress.xml    all of it as WordPress's importer takes it (wxr_writer.py)
    disqus.xml       the comments as Disqus exports them (disqus_writer.py)
    discussions.json the comments in one documented form, one a line
    ghost.json       essays and pages for Ghost, with ghost-redirects.json (ghost_writer.py)

`import_markdown` reads all up to the addresses back (folders/own).

Nothing here is a table that a spreadsheet opens, where a comment could pass for a formula.
"""

import json
import re
import shutil
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

from blog.lib.base_path import unbased
from blog.media.files import pieces_of
from blog.posts.models import OldAddress, Post, Revision

from .backup import stored_files
from .databases import has_tables, snapshot
from .disqus_writer import write_disqus
from .export_rows import (
    iso,
    write_authors,
    write_comments,
    write_discussions,
    write_forwards,
    write_pictures,
    write_recordings,
    write_site,
    write_tags,
    write_unplaced,
    write_versions,
)
from .ghost_writer import write_ghost, write_ghost_redirects
from .redirects import write_redirects
from .shortcodes import shown_in_hugo
from .tables import pending_migrations
from .wxr_writer import WxrWriter

# Bytes of a file's name that every file system takes, less than the 255 that many stop at.
NAME_BYTES = 200
# What JSON writes as it is and YAML does not read (YAML 1.2, section 5.1).
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


# Small files beside the texts.
ROWS = {
    "pictures.json": write_pictures,
    "recordings.json": write_recordings,
    "tags.json": write_tags,
    "authors.json": write_authors,
    "site.json": write_site,
    "forwards.json": write_forwards,
    "unplaced.json": write_unplaced,
}


class ExportError(Exception):
    """Nothing was exported. The message is one translated sentence."""


def export(folder: Path, *, versions=True, progress=None):
    """Write the whole site into a folder that is new or empty; return how many of each.

    The folder appears once everything is in it. `versions` says whether earlier ones of essays go
    along. Raises ExportError and OSError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(_("%(folder)s is not empty: name a new folder.") % {"folder": folder})
    if not has_tables():
        raise ExportError(_("This site is empty, so there is nothing to export."))
    if pending_migrations():
        raise ExportError(_("The database has yet to be upgraded: start the site once."))
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    try:
        with snapshot():
            counts = {
                "posts": write_markdown(part / "content"),
                "versions": write_versions(part / "versions.json") if versions else 0,
                "comments": write_comments(part / "comments.json", progress),
                "addresses": write_redirects(part),
                "media": write_media(part / "media"),
            }
            for name, write in ROWS.items():
                write(part / name)
            write_wordpress(part / "wordpress.xml")
            write_for_others(part)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return counts


def all_posts():
    """Return all posts with what every format says of them, oldest first, a few at a time."""
    posts = Post.objects.order_by("pk").select_related("author", "picture")
    return posts.prefetch_related("tags", "old_addresses").iterator(chunk_size=50)


def write_for_others(folder):
    """Write what other systems of comments take, and Ghost."""
    write_disqus(folder / "disqus.xml")
    write_discussions(folder / "discussions.json")
    write_ghost(folder / "ghost.json", all_posts())
    write_ghost_redirects(folder / "ghost-redirects.json")


# --- Markdown -------------------------------------------------------------------------------


def write_markdown(folder):
    count = 0
    for post in all_posts():
        count += 1
        path = folder / f"{shortened(post.path, post.pk)}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        newest = None if post.was_public else Revision.objects.newest(post)
        if newest:  # of a draft nobody but its author has read anything
            post.have_words(newest)
        path.write_text(front_matter(post) + shown_in_hugo(post.body), encoding="utf-8")
    return count


def shortened(path, number):
    """Return a permalink's path with a last part that can be the name of a file."""
    folder, slash, name = path.rpartition("/")
    if len(name.encode()) > NAME_BYTES:
        name = f"{name.encode()[:NAME_BYTES].decode(errors='ignore')}-{number}"
    return f"{folder}{slash}{name}"


def front_matter(post):
    """Return YAML between two lines of hyphens; each value is JSON, which YAML includes."""
    place, address = f"/{shortened(post.path, post.pk)}/", f"/{post.path}/"
    is_hidden = post.published_at is None or post.withdrawn_at is not None
    said = {
        "title": post.title,
        "slug": post.slug,
        "kind": post.kind,
        # Generators make a folder of each address, whose name a file system has to take.
        "url": place,
        "permalink": place,
        "address": address if place != address else None,
        "author": post.author.get_full_name() or post.author.get_username(),
        "author_login": post.author.get_username(),
        "description": post.standfirst,
        "lang": post.lang,
        "tags": [tag.name for tag in post.tags.all()],
        "image": post.picture and unbased(post.picture.get_absolute_url()),
        "created": iso(post.created_at),
        "date": iso(post.published_at),
        "lastmod": iso(post.updated_at),
        "withdrawn": iso(post.withdrawn_at),
        "binned": iso(post.binned_at),
        "draft": is_hidden,
        # For Jekyll, which shows a page before its date, and takes what is in braces for its own.
        "published": None if post.is_public else False,
        "render_with_liquid": False,
        "for_hugo": shown_in_hugo(post.body) != post.body or None,
        "comments": post.comments_open,
        "comments_closed": iso(post.comments_closed_at),
        "notes": post.notes,
        "announces_links": post.announces_links,
        "feed_id": post.feed_id,
        "origin": post.origin,
        "aliases": [f"/{old.path}" for old in post.old_addresses.all()],
    }
    lines = [
        f"{name}: {_yaml(value)}" for name, value in said.items() if value not in (None, "", [])
    ]
    return "\n".join(["---", *lines, "---", "", ""])


def _yaml(value):
    escaped = lambda found: f"\\u{ord(found[0]):04x}"  # noqa: E731
    return _NOT_YAML.sub(escaped, json.dumps(value, ensure_ascii=False))


# --- Files ----------------------------------------------------------------------------------


def write_media(folder):
    count = 0
    for name in stored_files():
        count += 1
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ExportError(_("A file is stored under the name %(name)r.") % {"name": name})
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as copy:
            copy.writelines(pieces_of(name))
    return count


# --- WordPress ------------------------------------------------------------------------------


def write_wordpress(path):
    wrote = Q(posts__isnull=False) | Q(comments__isnull=False)
    users = get_user_model().objects.filter(wrote).distinct().order_by("pk")
    with path.open("w", encoding="utf-8") as file:
        WxrWriter(file).write(all_posts(), users, numbers())


def numbers():
    """Return the number of each post in WordPress, by its number here.

    One that came from WordPress gets its old number back, by which /?p=123 finds it; the others
    get numbers that no old address has.
    """
    found, taken = {}, set()
    for old in OldAddress.objects.filter(path__regex=r"^\?(p|page_id)=[0-9]{1,9}$").order_by("pk"):
        number = int(old.path.partition("=")[2])
        if number not in taken and old.post_id not in found:
            found[old.post_id] = number
        taken.add(number)
    following = max(taken, default=0)
    for pk in Post.objects.order_by("pk").values_list("pk", flat=True):
        if pk not in found:
            following += 1
            found[pk] = following
    return found
