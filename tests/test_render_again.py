"""Essays that an earlier version rendered are rendered again, by the worker or a command."""

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from blog.markup import VERSION
from blog.posts import tasks
from blog.posts.models import Post, SearchEntry, posts_of_earlier_markup
from blog.posts.tasks import render_essays
from comments.models import Comment, comments_of_earlier_markup
from comments.tasks import render_comments

BODY = "Things:\n- a thing\n- and b"
FLAT = "<p>Things: - a thing - and b</p>"


@pytest.fixture
def old(write):
    """Make an essay as an earlier version left it."""

    def old(title="Lists", body=BODY, html=FLAT):
        post = write(title, body=body)
        Post.objects.filter(pk=post.pk).update(body_html=html, rendered_with=0)
        return Post.objects.get(pk=post.pk)

    return old


def html_of(post):
    return Post.objects.values_list("body_html", flat=True).get(pk=post.pk)


def test_dry_run_says_what_changes_and_writes_nothing(old, write, capsys):
    write("As it was")
    post = old(html='<h2 id="gone">Things</h2><p>- a thing</p>')
    call_command("render", "--dry-run")
    said = capsys.readouterr().out
    assert f"Lists (/{post.path}/)" in said
    assert "Words: 3 before, 5 now." in said
    assert "Anchors that are gone: gone." in said
    assert "    +<li>a thing</li>" in said
    assert "As it was" not in said
    assert "Essays that change: 1 of 2." in said
    assert "gone" in html_of(post)
    assert [*posts_of_earlier_markup()] == [post.pk]


def test_job_renders_what_earlier_versions_left(client, old, say):
    post = old()
    say(post, "Quite so.", passage="thing")
    before = Post.objects.get(pk=post.pk)
    revisions = post.revisions.count()
    assert "<li>" not in client.get(post.get_absolute_url()).text
    call_command("render", "--later")
    assert DBTaskResult.objects.filter(task_path=render_essays.module_path).count() == 1
    assert render_essays.call() == "done"
    now = Post.objects.get(pk=post.pk)
    assert "<li>a thing</li>" in now.body_html
    assert 'class="passage' in client.get(post.get_absolute_url()).text
    assert "- " not in SearchEntry.objects.get(kind="post", key=post.pk).text
    assert (now.updated_at, post.revisions.count()) == (before.updated_at, revisions)
    assert not [*posts_of_earlier_markup()]


def test_nothing_to_do_adds_no_job(write):
    write()
    call_command("render", "--later")
    assert not DBTaskResult.objects.filter(task_path=render_essays.module_path).exists()


def test_killed_job_goes_on_where_it_was(old, monkeypatch):
    posts = [old(f"Lists {number}") for number in range(3)]
    render = tasks.render_again

    def killed_at_the_second(pk):
        if pk == posts[1].pk:
            raise KeyboardInterrupt
        return render(pk)

    monkeypatch.setattr(tasks, "render_again", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        render_essays.call()
    assert ["<li>" in html_of(post) for post in posts] == [True, False, False]
    assert [*posts_of_earlier_markup()] == [posts[1].pk, posts[2].pk]
    monkeypatch.setattr(tasks, "render_again", render)
    assert render_essays.call() == "done"
    assert all("<li>" in html_of(post) for post in posts)


def test_job_leaves_the_rest_to_a_next_one(old, monkeypatch):
    old()
    monkeypatch.setattr(tasks, "CATCH_UP_SECONDS", -1)
    assert render_essays.call() == "to be continued"
    assert DBTaskResult.objects.filter(task_path=render_essays.module_path).count() == 1


def test_text_that_is_refused_today_stays_as_shown(old):
    post = old()
    Post.objects.filter(pk=post.pk).update(body=">" * 100 + " deep")
    call_command("render")
    assert html_of(post) == FLAT
    assert not [*posts_of_earlier_markup()]


def test_command_says_how_many_changed(old, write, capsys):
    write("As it was")
    old()
    call_command("render", "--all")
    assert capsys.readouterr().out == "1 essay changed.\n"


def test_saved_essay_is_of_this_version(write):
    assert write(published_at=timezone.now()).rendered_with == VERSION


def test_comments_of_earlier_versions_are_rendered_again(client, write, say, capsys):
    post = write()
    comments = [say(post, body, name="Lou") for body in ("3*4 and 5*6", "Quite so.")]
    imported = say(post, r"write &lt;b&gt;, 2 \* 3", name="Lou", origin="a#1")
    old = ["<p>3<em>4 and 5</em>6</p>", "<p>Quite so.</p>", "<p>write &lt;b&gt;, 2 * 3</p>"]
    for comment, html in zip([*comments, imported], old, strict=True):
        Comment.objects.filter(pk=comment.pk).update(body_html=html, rendered_with=0)
    call_command("render", "--dry-run")
    said = capsys.readouterr().out
    assert f"Lou (/{post.path}/#c{comments[0].pk})" in said
    assert "Comments that change: 1 of 3." in said
    call_command("render", "--later")
    assert render_comments.call() == "done"
    assert not [*comments_of_earlier_markup()]
    assert "<p>3*4 and 5*6</p>" in client.get(post.get_absolute_url()).text
    assert SearchEntry.objects.get(kind="comment", key=comments[0].pk).text == "3*4 and 5*6"
    assert Comment.objects.get(pk=comments[0].pk).updated_at == comments[0].updated_at
    imported.refresh_from_db()
    assert (imported.body, imported.body_html) == ("write <b>, 2 * 3", old[2])
