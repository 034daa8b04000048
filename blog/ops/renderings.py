"""What essays and comments look like with this version's markup, beside what they look like now.

It works on the database of an earlier version too, which has not all of the columns of today.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from blog.markup import COMMENT_VERSION, VERSION
from blog.posts.models import Post, rendered_now
from comments.models import Comment
from comments.models import rendered_now as rendered_comment


class Text(NamedTuple):
    called: str
    before: str
    now: str


def essays(*, of_earlier_markup: bool = False) -> Iterator[Text]:
    """Yield essays and pages, or those only that an earlier version rendered."""
    columns = columns_of(Post)
    names = ["title", "path", "body", "body_html", *(["lang"] if "lang" in columns else [])]
    posts = Post.objects.order_by("pk")
    if of_earlier_markup and "rendered_with" in columns:
        posts = posts.filter(rendered_with__lt=VERSION)
    for title, path, body, before, *lang in posts.values_list(*names).iterator():
        yield Text(f"{title} (/{path}/)", before, rendered_now(body, before, *lang))


def comments(*, of_earlier_markup: bool = False) -> Iterator[Text]:
    """Yield comments, or those only that an earlier version rendered."""
    names = ("pk", "name", "post__path", "body", "body_html", "source", "origin")
    found = Comment.objects.order_by("pk")
    if of_earlier_markup and "rendered_with" in columns_of(Comment):
        found = found.filter(rendered_with__lt=COMMENT_VERSION)
    for pk, name, path, body, before, source, origin in found.values_list(*names).iterator():
        is_plain = bool(source and body and not origin)
        _body, now = rendered_comment(body, before, is_plain=is_plain, imported=bool(origin))
        yield Text(f"{name} (/{path}/#c{pk})", before, now)


def columns_of(model: type[Post | Comment]) -> set[str]:
    """Return the columns that a model's table has in this database."""
    with connection.cursor() as cursor:
        table = connection.introspection.get_table_description(cursor, model._meta.db_table)
    return {column.name for column in table}
