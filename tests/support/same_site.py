"""Two sites compared table by table: every column but those that are named here, with why."""

from django.contrib.auth import get_user_model

from blog.posts.models import (
    FileUse,
    Forward,
    Image,
    OldAddress,
    OldTagSlug,
    Post,
    Profile,
    Recording,
    Revision,
    Tag,
)
from blog.site.models import SiteVersion
from comments.models import Comment, ThreadPage, Unplaced

# What an export leaves out, and why: who reads one learns no visitor's address,
WHERE_FROM = "address network browser fingerprint"
JUDGED = "look_alike likeness score weighed"  # what this site's own filter thought
SIGNED = "password last_login date_joined is_superuser is_staff is_active"  # for signing in
BY_JOBS = "bytes renditions_bytes renditions_at shared_name shared_alt shared_from"
HOW = "sitting saves source"  # the tab a version was written in
ADDED = "origin"  # by which a second import finds what is here
NUMBERED = "campaign"  # is made with the number of the essay, which each site counts for itself
LEFT_OUT = {*" ".join((WHERE_FROM, JUDGED, SIGNED, BY_JOBS, HOW, ADDED, NUMBERED)).split()}
KEPT_BYTES = {Recording}

TABLES = (
    *(Post, Tag, OldTagSlug, OldAddress, Comment, ThreadPage, Revision, FileUse, Image, Recording),
    *(Profile, SiteVersion, Forward, Unplaced),
)
NAMES = {
    Post: "path",
    Tag: "slug",
    Comment: "feed_id",
    Image: "file",
    get_user_model(): "username",
}


def tables():
    """Return the rows of each table, with names in place of keys."""
    found = {model.__name__: sorted(map(repr, rows(model))) for model in TABLES}
    tagged = Post.tags.through.objects.values_list("post__path", "tag__slug")
    people = get_user_model().objects.filter(posts__isnull=False).distinct()
    fields = ("username", "first_name", "last_name", "email")
    return found | {
        "tagged": sorted(map(repr, tagged)),
        "people": sorted(map(repr, people.values_list(*fields))),
    }


def rows(model):
    columns = [field for field in model._meta.concrete_fields if not field.primary_key]
    left_out = LEFT_OUT - ({"bytes"} if model in KEPT_BYTES else set())
    for row in model.objects.all():
        yield {field.name: value_of(row, field) for field in columns if field.name not in left_out}


def value_of(row, field):
    value = getattr(row, field.name)
    if field.is_relation and value is not None:
        name = NAMES.get(type(value))
        return str(getattr(value, name)) if name else f"{value.at:%c} {value.body}"
    return str(value) if field.get_internal_type() in ("FileField", "DateTimeField") else value


def differing(left, right):
    """Return the rows of either side alone, by table."""
    return {
        name: (
            [row for row in rows if row not in right[name]],
            [row for row in right[name] if row not in rows],
        )
        for name, rows in left.items()
        if rows != right[name]
    }
