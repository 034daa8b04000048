"""Texts that an earlier version stored with missing words show all of them after an upgrade."""

import math
from importlib import import_module

import pytest
from django.apps import apps

from blog.posts.models import Post, SearchEntry, Tag
from comments.models import Comment, ThreadPage

essays = import_module("blog.posts.migrations.0010_every_word_shows")
comments = import_module("comments.migrations.0021_every_word_shows")

pytestmark = pytest.mark.django_db


def test_essays_show_and_find_the_words_they_lost(write):
    post = write(body="Usage: cp <path> <dest> and more")
    Post.objects.update(body_html="<p>Usage: cp </p>", words=2, annotated_html="<p>x</p>")
    SearchEntry.objects.update(text="Usage: cp")
    essays.render_again(apps, None)
    post.refresh_from_db()
    assert post.body_html == "<p>Usage: cp &lt;path&gt; &lt;dest&gt; and more</p>"
    assert (post.words, post.annotated_html) == (6, "")
    assert "more" in SearchEntry.objects.get(kind="post").text


def test_correct_essays_are_not_rewritten(write, django_assert_num_queries):
    write(body="Words.")
    write("Another", body="Other words.")
    with django_assert_num_queries(3):  # a batch, none after it, and no tags
        essays.render_again(apps, None)


def test_more_than_one_batch_is_rendered(write, monkeypatch):
    monkeypatch.setattr(essays, "BATCH", 2)
    for number in range(5):
        write(f"No. {number}", body="x <set> y")
    Post.objects.update(body_html="<p>x </p>")
    essays.render_again(apps, None)
    assert set(Post.objects.values_list("body_html", flat=True)) == {"<p>x &lt;set&gt; y</p>"}


def test_an_essay_that_is_refused_today_stays(write):
    post = write(body="Words.")
    Post.objects.update(body="> " * 30 + "x", body_html="<p>Old\ufffe</p>")
    essays.render_again(apps, None)
    post.refresh_from_db()
    assert post.body_html == "<p>Old</p>"


def test_forbidden_characters_leave_what_is_stored(write, say):
    comment = say(write())
    Tag.objects.create(name="x", slug="x")
    Tag.objects.update(name="Read\ufffeing")
    Post.objects.update(title="On\uffff margins", body="Room\x01.")
    Comment.objects.update(name="Lou\ufffe", body="I\x0b agree.", body_html="<p>I\ufffe agree.</p>")
    essays.render_again(apps, None)
    comments.render_again(apps, None)
    comment.refresh_from_db()
    assert Tag.objects.get().name == "Reading"
    assert (Post.objects.get().title, Post.objects.get().body) == ("On margins", "Room.")
    assert (comment.name, comment.body, comment.body_html) == (
        "Lou", "I agree.", "<p>I agree.</p>"
    )  # fmt: skip


def test_comments_regain_lost_words_and_threads_become_stale(write, say):
    post, other = write(), write("Another")
    comment = say(post, "```print(1)\nx\n```")
    say(other, "Nothing to change.")
    Comment.objects.filter(pk=comment.pk).update(body_html="<pre><code>x</code></pre>")
    comments.render_again(apps, None)
    comment.refresh_from_db()
    assert "print(1)" in comment.body_html
    assert list(ThreadPage.objects.stale_posts()) == [post]
    ThreadPage.objects.refresh_stale(until=math.inf)
    assert "print(1)" in ThreadPage.objects.get(post=post).html


def test_notes_beside_an_essay_are_set_again(write, say):
    post = write(body="Room for <a b> note.")
    say(post, passage="note")
    Post.objects.update(body_html="<p>Room for note.</p>")
    essays.render_again(apps, None)
    comments.render_again(apps, None)
    ThreadPage.objects.refresh_stale(until=math.inf)
    post.refresh_from_db()
    assert "&lt;a b&gt;" in post.annotated_html
