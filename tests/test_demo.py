"""The demo: it fills an empty site, adds nothing twice, and leaves nothing behind."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from blog.posts.models import Image, OldAddress, Post, SearchEntry, Tag
from blog.transfer.demo import load_demo, remove_demo
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db

TABLES = (Post, Image, Tag, OldAddress, SearchEntry, Comment, ThreadPage, get_user_model())


def rows():
    return {model.__name__: model.objects.count() for model in TABLES}


def test_demo_reports_what_it_loads_and_removes(capsys):
    call_command("demo")
    assert "Loaded 9 demo essays and pages. Loaded 35 comments." in capsys.readouterr().out
    call_command("demo", remove=True)
    assert "Took away 9 demo essays and pages. Took away 35 comments." in capsys.readouterr().out


def test_removing_it_leaves_nothing():
    before = rows()
    load_demo()
    remove_demo()
    assert rows() == before == dict.fromkeys(before, 0)


def test_removing_it_leaves_what_is_not_its_own(write, say):
    mine = write("Mine")
    mine.tags.create(name="Mine", slug="mine")
    said = say(mine)
    before = rows()
    load_demo()
    remove_demo()
    assert rows() == before
    assert list(Comment.objects.all()) == [said]


def test_removing_demo_keeps_an_author_with_essays(write):
    load_demo()
    ines = get_user_model().objects.get(username="ines")
    Post.objects.create(title="Mine", author=ines)
    remove_demo()
    assert get_user_model().objects.get() == ines


def test_demo_refuses_a_site_with_essays(write):
    write()
    with pytest.raises(CommandError, match="has essays of its own"):
        call_command("demo")
    assert Post.objects.count() == 1


def test_the_same_demo_comes_out_every_time():
    def made():
        load_demo()
        return (
            list(Post.objects.order_by("path").values_list("path", "body_html", "comment_count")),
            list(Comment.objects.order_by("origin").values_list("origin", "created_at", "status")),
        )

    first = made()
    remove_demo()
    assert made() == first
