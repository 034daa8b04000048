"""What a static copy of a large site takes: time of a processor, memory, and files."""

import os
import random
import subprocess
from datetime import timedelta

import prepared
import pytest
from backups import site_in
from conftest import on
from django.contrib.auth import get_user_model

from blog.posts.models import OldAddress, Post, Tag
from comments.models import Comment, ThreadPage

ESSAYS, COMMENTS = 1_000, 10_000
# A command that does nothing has some 95; the rest is the site's largest pages and our lists.
MOST_MIB, MOST_SECONDS = 180, 600
WORDS = "room for a note in the margin and more words to read here slowly while nobody asks".split()


def words(count):
    return " ".join(random.choices(WORDS, k=count))


def fill():
    random.seed(1)
    authors = [get_user_model().objects.create_user(name, first_name=name) for name in "ab"]
    tags = Tag.objects.named([f"tag {number}" for number in range(40)])
    posts = []
    for number in range(ESSAYS):
        body = "\n\n".join(words(120) for _each in range(6))
        post = Post(title=f"Essay {number}", body=body, author=authors[number % 2])
        post.published_at = on(2010) + timedelta(days=5 * number)
        post.save()
        post.tags.add(*random.sample(tags, 3))
        OldAddress.objects.create(path=f"old/{number}", post=post)
        posts.append(post)
    said = [random.choice(posts[:1] if number % 5 == 0 else posts) for number in range(COMMENTS)]
    Comment.objects.bulk_create(
        (
            Comment(
                post=post, name="Ada", body="x", body_html=f"<p>{words(40)}</p>", status="approved"
            )
            for post in said
        ),
        batch_size=200,
    )
    for post in posts:
        ThreadPage.objects.refresh(post)


def exported(site, folder):
    """Copy the site in a process of its own; return what it says, its seconds and its MiB."""
    command = site.command("export", "--static", folder)
    process = subprocess.Popen(**command, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    return said, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


@pytest.mark.server
@pytest.mark.long("it takes five minutes to make the site and to copy it")
def test_large_site_is_copied_in_minutes(tmp_path, django_db_blocker):
    site = prepared.migrated(tmp_path)
    with django_db_blocker.unblock(), site_in(site.data):
        fill()
    for _run in ("first", "again"):
        said, seconds, mib = exported(site, tmp_path / "copy")
        print(f"{said}{seconds:.0f} s of a processor, {mib:.0f} MiB")
        assert seconds < MOST_SECONDS
        assert mib < MOST_MIB
    assert "Files: 0 written" in said
