"""The demo a new site starts with: written by us, deterministic, and easy to take away again."""

import email
import json
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.lib.base_path import without_base
from blog.media.pictures.preparing import prepare
from blog.media.storing import store
from blog.posts.models import Image, Post, Tag
from blog.site.acts import ACTS, Act
from comments.models import Comment, ThreadPage

FOLDER = Path(__file__).resolve().parent / "demo_essays"
# What the demo loaded is known by this, so that it can be found again.
ORIGIN, END = "demo:", "demo;"
AUTHOR = {"username": "ines", "first_name": "Ines", "last_name": "Marlow"}


@transaction.atomic
@without_base()
def load_demo() -> tuple[int, int]:
    """Load the essays and comments; return how many of each. Raises nothing on a second run."""
    author, made = get_user_model().objects.get_or_create(
        username=AUTHOR["username"], defaults=AUTHOR | {"is_active": False}
    )
    if made:
        author.set_unusable_password()
        author.save()
    posts = {}
    for path in sorted(FOLDER.glob("*.md")):
        post = load_post(path, author)
        posts[post.slug] = post
    comments = json.loads((FOLDER / "comments.json").read_text())
    load_comments(comments, posts, author)
    for post in posts.values():
        ThreadPage.objects.refresh(post)
    return len(posts), len(comments)


def load_post(path, author):
    """Load one essay: header lines, an empty line, Markdown."""
    message = email.message_from_string(path.read_text())
    published = moment_of(message["Published"])
    origin = f"{ORIGIN}{message['Slug']}"
    if found := Post.objects.filter(origin=origin).first():
        return found
    post = Post(
        kind=message["Kind"],
        title=message["Title"],
        slug=message["Slug"],
        standfirst=message["Standfirst"],
        body=with_pictures(message.get_payload(), author),
        author=author,
        comments_open=message["Comments"] == "open",
        origin=origin,
    )
    post.go_by_date(published or None, commit=False)
    if published:
        post.created_at = post.updated_at = published
    post.save()
    for name in (message["Tags"] or "").split(","):
        if name := name.strip():
            post.tags.add(*Tag.objects.named([name]))
    return post


def moment_of(said):
    """Return when an essay is published: a moment, a morning to come (`in 9 days`), or None."""
    if said.startswith("in "):
        day = timezone.localtime() + timedelta(days=int(said.split()[1]))
        return day.replace(hour=7, minute=30, second=0, microsecond=0)
    return datetime.fromisoformat(said) if said else None


def with_pictures(text, author):
    """Keep the pictures that a text names by their files, and name them by their addresses."""
    for path in FOLDER.glob("*.png"):
        if f"]({path.name}" in text:
            prepared = prepared_from(path)
            store(prepared)
            given = {"alt": _("A ruled page"), "width": prepared.width, "height": prepared.height}
            given |= {"uploaded_by": author}
            image, _made = Image.objects.get_or_create(file=prepared.name, defaults=given)
            text = text.replace(f"]({path.name}", f"]({image.get_absolute_url()}")
    return text


def prepared_from(path):
    with path.open("rb") as file:
        return prepare(File(file))


def load_comments(rows, posts, author):
    loaded = {}
    for row in rows:
        origin = f"{ORIGIN}{row['id']}"
        if found := Comment.objects.filter(origin=origin).first():
            loaded[row["id"]] = found
            continue
        comment = Comment(
            post=posts[row["essay"]],
            parent=loaded.get(row.get("parent")),
            created_at=datetime.fromisoformat(row["at"]),
            origin=origin,
        )
        for name in ("kind", "status", "email", "url", "body", "source", "title", "passage"):
            setattr(comment, name, row.get(name, ""))
        comment.address = row.get("address") or None
        comment.reasons = row.get("reasons", [])
        comment.look_alike = loaded.get(row.get("alike"))
        comment.likeness = row.get("likeness")
        comment.author = author if row.get("by_author") else None
        comment.name = author.get_full_name() if row.get("by_author") else row["name"]
        comment.save(refresh=False)
        loaded[row["id"]] = comment


def is_there():
    """Whether anything of the demo is (one query, by an index)."""
    return Post.objects.filter(origin__gte=ORIGIN, origin__lt=END).exists()


def take_away():
    posts, comments = remove_demo()
    said = _("The demo is gone. Essays and pages: %(posts)d, comments: %(comments)d.")
    return said % {"posts": posts, "comments": comments}


@transaction.atomic
def remove_demo() -> tuple[int, int]:
    """Take the demo away again, with whatever was said under it; return how many of each."""
    posts = Post.objects.filter(origin__startswith=ORIGIN)
    said = Comment.objects.filter(post__in=posts).count()
    count = posts.count()
    posts.delete()
    Tag.objects.filter(posts=None).delete()
    author = get_user_model().objects.filter(username=AUTHOR["username"], is_active=False)
    names = [prepared_from(path).name for path in FOLDER.glob("*.png")]
    for image in Image.objects.unused().filter(file__in=names):
        image.delete()
    author.filter(posts=None).delete()
    return count, said


ACTS["remove-demo"] = Act(
    gettext_lazy("Take the demo away"),
    gettext_lazy(
        "The demo’s essays and pages go, with all comments under them. What you wrote yourself "
        "stays. This cannot be undone."
    ),
    is_there,
    take_away,
)
