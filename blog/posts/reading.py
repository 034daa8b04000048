"""What each page that is rendered reads, in SQL written out.

Django takes up to a millisecond to put such a query together, the database a tenth of that to
answer it, and a page that is rendered waits for both. The public rules are said here once more
than in models.py; tests/test_post_page.py compares.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from .models import Post, Tag

AUTHOR = ("id", "username", "first_name", "last_name")
POST_AT = f"""
SELECT posts_post.*, {", ".join(f"auth_user.{name} AS author_{name}" for name in AUTHOR[1:])}
FROM posts_post JOIN auth_user ON auth_user.id = author_id WHERE path = %s
"""  # noqa: S608 - nothing but names of ours
TAGS_OF = """
SELECT posts_tag.id, name, slug FROM posts_tag
JOIN posts_post_tags ON tag_id = posts_tag.id WHERE post_id = %s ORDER BY name
"""
# One side of an essay: the one that was published last before it, or first after it.
BESIDE = """
SELECT * FROM (
    SELECT {side} AS side, id, title, path FROM posts_post
    WHERE kind = 'essay' AND withdrawn_at IS NULL AND published_at <= %s
    AND (published_at, id) {sign} (%s, %s)
    ORDER BY published_at {order}, id {order} LIMIT 1
) AS found_{side}
"""
BESIDES = (
    BESIDE.format(side=0, sign="<", order="DESC")
    + " UNION ALL "
    + BESIDE.format(side=1, sign=">", order="ASC")
)
# The last essay or page that was published by a moment, and the first that will be after it.
TURN = """
SELECT * FROM (
    SELECT id, published_at, {days} AS days FROM posts_post
    WHERE withdrawn_at IS NULL AND published_at {sign} %s
    ORDER BY published_at {order} LIMIT 1
) AS found_{side}_{days}
"""


def post_at(path):
    """Return the post of this path with its author's names, or None (one query)."""
    for post in Post.objects.raw(POST_AT, [path]):
        names = [post.author_id, *(getattr(post, f"author_{name}") for name in AUTHOR[1:])]
        # Whatever else is asked of the author is read when it is.
        post.author = get_user_model().from_db(connection.alias, AUTHOR, names)
        return post
    return None


def tags_of(post):
    """Return its tags in the order of their names (one query)."""
    return [
        Tag.from_db(connection.alias, ("id", "name", "slug"), row)
        for row in rows(TAGS_OF, [post.pk])
    ]


def neighbours(post, now):
    """Return the published essays just before and just after an essay (one query)."""
    if post.kind == Post.Kind.PAGE or post.published_at is None:
        return None, None
    stored = connection.ops.adapt_datetimefield_value
    given = [stored(now), stored(post.published_at), post.pk]
    found = {
        side: Post.from_db(connection.alias, ("id", "title", "path"), row)
        for side, *row in rows(BESIDES, given * 2)
    }
    return found.get(0), found.get(1)


def turns(now):
    """Return when the clock last changed what readers see, and when it next will (one query).

    It does so when an essay falls due, and when its age closes one. None where it never does.
    """
    stored, sides, given = connection.ops.adapt_datetimefield_value, [], []
    for days in {0, settings.COMMENT_DAYS or 0}:
        sides.append(TURN.format(side="past", days=days, sign="<=", order="DESC"))
        sides.append(TURN.format(side="coming", days=days, sign=">", order="ASC"))
        given += [stored(now - timedelta(days=days))] * 2
    found = Post.objects.raw(" UNION ALL ".join(sides), given)
    moments = [post.published_at + timedelta(days=post.days) for post in found]
    past = max((at for at in moments if at <= now), default=None)
    return past, min((at for at in moments if at > now), default=None)


def rows(sql, given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
