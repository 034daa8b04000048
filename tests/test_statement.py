"""A statement answers as its queryset does, and Django puts its SQL together once."""

from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from blog.lib.statement import Statement
from blog.posts.models import Post
from comments.models import Comment

pytestmark = pytest.mark.django_db


def by_name(name, post):
    return Comment.objects.filter(Q(name=name) | Q(body="I agree."), post=post).values_list("pk")


def test_statement_answers_as_its_queryset(write, say):
    post, other = write(), write("Another")
    for essay in (post, other):
        say(essay, name="Anna", body="One.")
        say(essay, name="O'Neill %s ?", body="Two.")
    statement = Statement(by_name, str, int)
    for name in ("Anna", "O'Neill %s ?", "Nobody"):
        for essay in (post, other):
            assert statement.rows(name, essay.pk) == list(by_name(name, essay))


def test_queryset_is_built_once(write, django_assert_num_queries):
    built = []

    def build(key):
        built.append(key)
        return Post.objects.filter(pk=key).values_list("pk")

    statement = Statement(build, int)
    post = write()
    assert statement.rows(post.pk) == [(post.pk,)]
    with django_assert_num_queries(1):
        assert statement.rows(post.pk + 1) == []
    assert len(built) == 1


def test_moments_are_compared_as_the_database_keeps_them(write):
    post = write(published_at=timezone.now() - timedelta(hours=2))
    due = Statement(
        lambda at: Post.objects.filter(published_at__lte=at).values_list("pk"),
        type(post.published_at),
    )
    assert due.rows(post.published_at) == [(post.pk,)]
    assert due.rows(post.published_at - timedelta(seconds=1)) == []


def test_value_that_the_sql_does_not_hold_is_refused():
    statement = Statement(lambda key, name: Post.objects.filter(pk=key).values_list("pk"), int, str)
    with pytest.raises(ValueError, match="Parameters \\[1\\]"):
        statement.rows(1, "x")
