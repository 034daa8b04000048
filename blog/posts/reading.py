"""What each page that is rendered reads, with the SQL put together once.

Django takes up to a millisecond to put such a query together, the database a tenth of that to
answer it, and a page that is rendered waits for both.
"""

from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Q, Subquery

from blog.lib.alphabets import place_of
from blog.lib.statement import Statement, moment
from blog.site.reading import site

from .models import Post, Tag
from .models.queries import SEVERAL

AUTHOR = ("id", "username", "first_name", "last_name")
COLUMNS = Post._meta.concrete_fields
NAMES = [field.attname for field in COLUMNS]
# All of a post, then its author's names, then whether others write here.
POST_AT = f"""
SELECT {", ".join(f"posts_post.{field.column}" for field in COLUMNS)},
    {", ".join(f"auth_user.{name}" for name in AUTHOR[1:])}, {SEVERAL}
FROM posts_post JOIN auth_user ON auth_user.id = author_id WHERE path = %s
"""  # noqa: S608 - nothing but names of ours

TAG = ("id", "name", "slug")
TAGS_OF = Statement(lambda post: Tag.objects.filter(posts=post).order_by().values_list(*TAG), int)

# In the order of the model: so `from_db` takes them.
LINK = ("id", "lang", "title", "path")
BESIDE = Statement(
    lambda now, at, key: beside(now, at, key).values_list("published_at", *LINK),
    *(datetime, datetime, int),
)

# When an essay or page was last published by a moment, and when the next one will be.
LAST = Statement(
    lambda by: Post.objects.published(by).order_by("-published_at").values_list("published_at")[:1],
    datetime,
)
NEXT = Statement(
    lambda after: (
        Post.objects.scheduled(after).order_by("published_at").values_list("published_at")[:1]
    ),
    datetime,
)


def post_at(path):
    """Return the post of this path with its author's names, or None (one query)."""
    for row in rows(POST_AT, [path]):
        values = list(row[: len(COLUMNS)])
        for place, convert, column in converters(connection.vendor):
            values[place] = convert(values[place], column, connection)
        post = Post.from_db(connection.alias, NAMES, values)
        *names, post.has_others = row[len(COLUMNS) :]
        # Whatever else is asked of the author is read when it is.
        names = [post.author_id, *names]
        post.author = get_user_model().from_db(connection.alias, AUTHOR, names)
        return post
    return None


@cache
def converters(vendor):
    """Return what makes of a driver's values those of a post: for each its place, and its column.

    Django does not document where it has them; tests/test_post_page_queries.py compares.
    """
    columns = [field.get_col(Post._meta.db_table) for field in COLUMNS]
    return [
        (place, convert, column)
        for place, column in enumerate(columns)
        for convert in [
            *connection.ops.get_db_converters(column),
            *column.get_db_converters(connection),
        ]
    ]


def tags_of(post):
    """Return its tags in the order of their names (one query)."""
    tags = [Tag.from_db(connection.alias, TAG, row) for row in TAGS_OF.rows(post.pk)]
    return sorted(tags, key=lambda tag: place_of(tag.name))


def beside(now, at, key):
    """Return the published essays just before and just after the essay `key` of the moment `at`."""
    essays = Post.objects.published(now).essays().exclude(published_at=at, pk=key)
    earlier = essays.filter(published_at__lte=at).exclude(published_at=at, pk__gt=key)
    later = essays.filter(published_at__gte=at).exclude(published_at=at, pk__lt=key)
    return Post.objects.order_by().filter(
        Q(pk=Subquery(earlier.order_by("-published_at", "-pk").values("pk")[:1]))
        | Q(pk=Subquery(later.order_by("published_at", "pk").values("pk")[:1]))
    )


def neighbours(post, now):
    """Return the published essays just before and just after an essay (one query)."""
    if post.kind == Post.Kind.PAGE or post.published_at is None:
        return None, None
    found = {}
    for at, *link in BESIDE.rows(now, post.published_at, post.pk):
        is_later = (moment(at), link[0]) > (post.published_at, post.pk)
        found[is_later] = Post.from_db(connection.alias, LINK, link)
    return found.get(False), found.get(True)


def turns(now):
    """Return when the clock last changed what readers see, and when it next will.

    It does so when an essay falls due, and when its age closes one. None where it never does. Two
    queries, or four where age closes essays.
    """
    past, coming = [], []
    for days in {0, site().comment_days or 0}:
        age = timedelta(days=days)
        past += [moment(at) + age for (at,) in LAST.rows(now - age)]
        coming += [moment(at) + age for (at,) in NEXT.rows(now - age)]
    return max(past, default=None), min(coming, default=None)


def rows(sql, given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
