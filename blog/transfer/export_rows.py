"""What an export says of each row, as JSON: one a line, so that a reader needs little memory."""

import json
import re
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

from blog.lib.base_path import unbased
from blog.posts.models import Forward, Image, Profile, Recording, Revision, Tag
from blog.site.models import SiteVersion
from comments.models import Comment, Unplaced

from .disqus_writer import comments_out

# The address of an author's list, which has a number that each site gives itself.
OF_AUTHOR = re.compile(r"/authors/([0-9]{1,9})/")
# The text of an essay and what is made of it, which its comments and versions do not need.
_TEXTS = ("post__body", "post__body_html", "post__annotated_html")


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


def iso(moment):
    return moment and moment.isoformat()


def login(user):
    return user and user.get_username()


# --- Comments and versions ------------------------------------------------------------------


def write_comments(path, progress=None):
    """Write all comments as one array; where they came from is left out."""
    comments = Comment.objects.order_by("pk").select_related("post", "author").defer(*_TEXTS)
    tell = progress and (lambda count: progress(_("comments"), count))
    return write_array(path, map(said_of, comments.iterator(chunk_size=500)), tell)


def said_of(comment):
    said = {
        "id": comment.pk,
        "essay": unbased(comment.post.get_absolute_url()),
        "kind": comment.kind,
        "status": comment.status,
        "in_reply_to": comment.parent_id,
        "account": login(comment.author),
        "received": iso(comment.created_at),
        "changed": iso(comment.updated_at),
        "edited_by_moderator": comment.edited,
        "judged": iso(comment.judged_at),
        "published": iso(comment.published_at),
    }
    names = ("name", "email", "url", "body", "body_html", "source", "title", "passage")
    names += ("passage_before", "passage_after", "passage_start", "passage_state", "also")
    names += ("reaction", "reasons", "repeats", "feed_id", "origin")
    return said | {name: getattr(comment, name) for name in names}


def write_unplaced(path):
    """Write comments of other systems that found no essay here."""
    names = ("origin", "answers", "page", "addresses", "status", "name", "email", "url")
    names += ("html", "markdown", "created_at", "kept_at")
    rows = Unplaced.objects.order_by("pk").values(*names).iterator(chunk_size=500)
    dates = ("created_at", "kept_at")
    return write_array(path, (row | {name: iso(row[name]) for name in dates} for row in rows))


def write_discussions(path, progress=None):
    """Write the comments in the form that docs/move-in-comments.md describes; return how many."""
    host = urlsplit(settings.SITE_URL).netloc
    comments = comments_out().select_related("post", "author").iterator(chunk_size=500)
    tell = progress and (lambda count: progress(_("comments"), count))
    return write_array(path, (documented(comment, host) for comment in comments), tell)


def documented(comment, host):
    """Return a comment in that form; what stands under an essay that is not public waits."""
    is_hidden = comment.is_approved and not comment.post.is_public
    said = {
        "page": settings.SITE_URL + quote(comment.post.get_absolute_url()),
        "title": comment.post.title,
        "id": f"{host}#{comment.pk}",
        "parent": comment.parent_id and f"{host}#{comment.parent_id}",
        "name": comment.name,
        "email": comment.email,
        "url": comment.url,
        "markdown": comment.body,
        "html": comment.body_html,
        "at": iso(comment.created_at),
        "status": Comment.Status.PENDING if is_hidden else comment.status,
    }
    return {name: value for name, value in said.items() if value}


def write_versions(path):
    """Write all versions of all essays, so that what is written and not published goes along."""
    versions = Revision.objects.order_by("post", "pk").select_related("post", "by").defer(*_TEXTS)
    return write_array(path, map(version, versions.iterator(chunk_size=50)))


def version(revision):
    said = {
        "essay": unbased(revision.post.get_absolute_url()),
        "saved": iso(revision.at),
        "begun": iso(revision.began_at),
        "by": login(revision.by),
        "goes_out": iso(revision.due_at),
    }
    names = ("kind", "title", "standfirst", "tags", "slug", "lang", "body")
    return said | {name: getattr(revision, name) for name in names}


# --- Files, tags, people, the site ----------------------------------------------------------


def write_pictures(path):
    return write_files(path, Image, "alt")


def write_recordings(path):
    return write_files(path, Recording, "title")


def write_files(path, model, words):
    """Write the files of a library, each with its words."""
    files = model.objects.order_by("file").select_related("uploaded_by")
    rows = (
        {
            "file": each.file.name,
            words: getattr(each, words),
            "uploaded": iso(each.uploaded_at),
            "by": login(each.uploaded_by),
        }
        for each in files.iterator(chunk_size=500)
    )
    return write_array(path, rows)


def write_tags(path):
    tags = Tag.objects.order_by("pk").prefetch_related("old_slugs")
    rows = (
        {
            "name": tag.name,
            "slug": tag.slug,
            "feed_id": tag.feed_id,
            "old_slugs": sorted(old.slug for old in tag.old_slugs.all()),
        }
        for tag in tags.iterator(chunk_size=500)
    )
    return write_array(path, rows)


def write_forwards(path):
    """Write the addresses of lists, authors and files that lead on; an author's by user name."""
    logins = dict(get_user_model().objects.values_list("pk", "username"))

    def row(forward):
        found = OF_AUTHOR.fullmatch(forward.to)
        said = {"path": forward.path, "to": forward.to}
        return said | ({"author": logins.get(int(found[1]))} if found else {})

    return write_array(path, map(row, Forward.objects.order_by("path").iterator()))


def people():
    """Return the accounts that wrote something here or say something of themselves."""
    wrote = Q(posts__isnull=False) | Q(comments__isnull=False) | Q(profile__isnull=False)
    return get_user_model().objects.filter(wrote).distinct().order_by("pk")


def write_authors(path):
    return write_array(path, map(person, people().select_related("profile__picture")))


def person(user):
    said = {name: getattr(user, name) for name in ("username", "first_name", "last_name", "email")}
    profile = Profile.objects.select_related("picture").filter(user=user).first()
    if profile:
        picture = profile.picture and profile.picture.file.name
        said |= {"bio": profile.bio, "link": profile.link, "picture": picture}
    return said


def write_site(path):
    """Write what the owner set in the admin: title, look, menus. No secret is among it."""
    newest = SiteVersion.objects.order_by("-pk").first()
    said = {}
    if newest:
        said = {name: value for name, value in newest.values.items() if name[-5:] != "_html"}
        said["saved"] = iso(newest.at)
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
