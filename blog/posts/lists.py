"""Lists of essays: what their lines are made of, with the SQL put together once, page by page."""

from datetime import datetime
from functools import cached_property, partial

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import BooleanField, Case, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Substr

from blog.lib.statement import Statement, moment

from .models import Post
from .models.queries import SEVERAL
from .reading import rows

# All that a line shows of an essay, never its text; in the order of the model, for `from_db`.
SHOWN = "id lang kind title standfirst author_id published_at path comment_count".split()
NAMES = [field.attname for field in Post._meta.concrete_fields if field.attname in SHOWN]
PUBLISHED_AT = NAMES.index("published_at")
AUTHOR = ("username", "first_name", "last_name")
# Of an essay’s HTML, for its first words.
READ_FOR_OPENING = 2000
OPENING = Case(
    When(standfirst="", then=Substr("body_html", 1, READ_FOR_OPENING)), default=Value("")
)


class Entry:
    """An essay in a list. It is made of its row when something is asked that the row has not.

    A line that this process has rendered before asks for nothing (templatetags.posts.lines).
    """

    def __init__(self, row):
        self.row = row

    @cached_property
    def published_at(self):
        return moment(self.row[PUBLISHED_AT])

    @cached_property
    def post(self):
        values = list(self.row[: len(NAMES)])
        values[PUBLISHED_AT] = self.published_at
        post = Post.from_db(connection.alias, NAMES, values)
        *names, post.has_others, post.start = self.row[len(NAMES) :]
        author = post.author_id, *names
        post.author = get_user_model().from_db(connection.alias, ("id", *AUTHOR), author)
        return post

    def __getattr__(self, name):
        return getattr(self.post, name)

    def __str__(self):
        return str(self.post)


class Listed:
    """Kinds of lists: `which` returns the posts for given values, of which essays are listed."""

    def __init__(self, which, *types, start=OPENING):
        self.which, self.start = which, start
        self.lines, self.keys = Statement(self._lines, *types), Statement(self._keys, *types)

    def of(self, *values):
        """Return the list for these values, of which nothing is read yet."""
        return Entries(partial(self.lines.sql, *values), partial(self.keys.sql, *values))

    def _keys(self, *values):
        return self.which(*values).essays().order_by().values_list("pk")

    def _lines(self, *values):
        several = RawSQL(SEVERAL, [], output_field=BooleanField())  # noqa: S611 - our own
        posts = self.which(*values).essays().annotate(has_others=several, start=self.start)
        names = [f"author__{name}" for name in AUTHOR]
        return posts.values_list(*NAMES, *names, "has_others", "start")


class Entries:
    """A list as a paginator takes it: one query counts it, and one reads a part or all of it."""

    def __init__(self, lines, keys):
        self.lines, self.keys = lines, keys

    def count(self):
        sql, given = self.keys()
        ((count,),) = rows(f"SELECT COUNT(*) FROM ({sql}) AS listed", given)  # noqa: S608 - ours
        return count

    def __getitem__(self, part):
        sql, given = self.lines()
        part = part.stop - part.start, part.start
        return [Entry(row) for row in rows(f"{sql} LIMIT %s OFFSET %s", [*given, *part])]

    def __iter__(self):
        return map(Entry, rows(*self.lines()))


ALL = Listed(lambda now: Post.objects.published(now), datetime)
OF_TAG = Listed(lambda now, tag: Post.objects.published(now).filter(tags=tag), datetime, int)
OF_AUTHOR = Listed(
    lambda now, author: Post.objects.published(now).filter(author=author), datetime, int
)
# A line each, without the beginning of its text.
SINCE = Listed(
    lambda now, since: Post.objects.published(now).filter(published_at__gte=since),
    *(datetime, datetime),
    start=Value(""),
)
