"""Everything an owner needs to leave, in files that other systems read.

    content/...md    essays and pages: Markdown with front matter, as static generators take it
    media/...        uploaded files, under the names that the texts have them by
    pictures.json    what each picture shows, one a line
    versions.json    every version of every essay, oldest first, one a line
    comments.json    all comments and mentions, whatever their status, one a line
    redirects.json   old addresses and where they lead; _redirects says it as static hosts want it
    wordpress.xml    all of it as WordPress's importer takes it (wxr_writer.py)

Nothing here is a table that a spreadsheet opens, where a comment could pass for a formula.
"""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import quote

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

from blog.media.files import pieces_of
from blog.posts.models import Image, OldAddress, Post, Revision
from comments.models import Comment

from .backup import stored_files
from .databases import has_tables, snapshot
from .tables import pending_migrations
from .wxr_writer import WxrWriter

# Bytes of a file's name that every file system takes, less than the 255 that many stop at.
NAME_BYTES = 200
# What JSON writes as it is and YAML does not read (YAML 1.2, section 5.1).
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


class ExportError(Exception):
    """Nothing was exported. The message is one translated sentence."""


def export(folder: Path, *, progress=None):
    """Write the whole site into a folder that is new or empty; return how many of each.

    The folder appears once everything is in it. Raises ExportError and OSError.
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
                "versions": write_versions(part / "versions.json"),
                "comments": write_comments(part / "comments.json", progress),
                "addresses": write_redirects(part),
                "media": write_media(part / "media"),
            }
            write_pictures(part / "pictures.json")
            write_wordpress(part / "wordpress.xml")
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
        path.write_text(front_matter(post) + post.body, encoding="utf-8")
    return count


def shortened(path, number):
    """Return a permalink's path with a last part that can be the name of a file."""
    folder, slash, name = path.rpartition("/")
    if len(name.encode()) > NAME_BYTES:
        name = f"{name.encode()[:NAME_BYTES].decode(errors='ignore')}-{number}"
    return f"{folder}{slash}{name}"


def front_matter(post):
    """Return YAML between two lines of hyphens; each value is JSON, which YAML includes."""
    said = {
        "title": post.title,
        "slug": post.slug,
        "kind": post.kind,
        "url": post.get_absolute_url(),
        "author": post.author.get_full_name() or post.author.get_username(),
        "description": post.standfirst,
        "lang": post.lang,
        "tags": [tag.name for tag in post.tags.all()],
        "image": post.picture and post.picture.get_absolute_url(),
        "created": post.created_at.isoformat(),
        "date": post.published_at and post.published_at.isoformat(),
        "lastmod": post.updated_at.isoformat(),
        "withdrawn": post.withdrawn_at and post.withdrawn_at.isoformat(),
        "draft": post.published_at is None or post.withdrawn_at is not None,
        "comments": post.comments_open,
        "notes": post.notes,
        "aliases": [f"/{old.path}" for old in post.old_addresses.all()],
    }
    lines = [
        f"{name}: {_yaml(value)}" for name, value in said.items() if value not in (None, "", [])
    ]
    return "\n".join(["---", *lines, "---", "", ""])


def _yaml(value):
    escaped = lambda found: f"\\u{ord(found[0]):04x}"  # noqa: E731
    return _NOT_YAML.sub(escaped, json.dumps(value, ensure_ascii=False))


# --- Comments, addresses, files -------------------------------------------------------------


def write_comments(path, progress=None):
    """Write all comments as one array; where they came from is left out."""
    comments = Comment.objects.order_by("pk").select_related("post", "author").defer(
        "post__body", "post__body_html", "post__annotated_html"
    )  # fmt: skip
    tell = progress and (lambda count: progress(_("comments"), count))
    return write_array(path, map(said_of, comments.iterator(chunk_size=500)), tell)


def write_array(path, rows, tell=None):
    """Write rows as JSON, one a line, in constant memory; return how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for count, row in enumerate(rows, 1):
            file.write(",\n" if count > 1 else "\n")
            json.dump(row, file, ensure_ascii=False)
            if tell and count % 500 == 0:
                tell(count)
        file.write("\n]\n")
    return count


def write_versions(path):
    """Write all versions of all essays, so that what is written and not published goes along."""
    versions = Revision.objects.order_by("post", "pk").select_related("post", "by").defer(
        "post__body", "post__body_html", "post__annotated_html"
    )  # fmt: skip
    return write_array(path, map(version, versions.iterator(chunk_size=50)))


def version(revision):
    said = {
        "essay": revision.post.get_absolute_url(),
        "saved": revision.at.isoformat(),
        "begun": revision.began_at.isoformat(),
        "by": revision.by and revision.by.get_username(),
        "goes_out": revision.due_at and revision.due_at.isoformat(),
    }
    names = ("kind", "title", "standfirst", "tags", "slug", "lang", "body")
    return said | {name: getattr(revision, name) for name in names}


def said_of(comment):
    said = {
        "id": comment.pk,
        "essay": comment.post.get_absolute_url(),
        "kind": comment.kind,
        "status": comment.status,
        "in_reply_to": comment.parent_id,
        "account": comment.author and comment.author.get_username(),
        "received": comment.created_at.isoformat(),
        "changed": comment.updated_at.isoformat(),
        "edited_by_moderator": comment.edited,
        "published": comment.published_at and comment.published_at.isoformat(),
    }
    names = ("name", "email", "url", "body", "body_html", "source", "title", "passage")
    names += ("passage_before", "passage_after", "passage_state", "also", "reaction")
    return said | {name: getattr(comment, name) for name in names}


def write_redirects(folder):
    addresses = OldAddress.objects.select_related("post").order_by("path")
    rows = [(f"/{old.path}", old.post.get_absolute_url()) for old in addresses]
    found = [{"from": old, "to": new} for old, new in rows]
    (folder / "redirects.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    lines = []
    for old, new in rows:
        path, mark, query = old.partition("?")
        # As Netlify and others read it: a path, what its query must be, the new path, the status.
        old = f"{quote(path)} {quote(query, safe='=&')}" if mark else f"{quote(path)}/"
        lines.append(f"{old} {quote(new)} 301\n")
    (folder / "_redirects").write_text("".join(lines))
    return len(rows)


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


def write_pictures(path):
    pictures = Image.objects.order_by("file").values("file", "alt")
    write_array(path, pictures.iterator(chunk_size=500))


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
