"""Many processes that learn at once lose no count, and none fails, on SQLite and PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

import prepared
import pytest
from trials import in_full
from warm import Process

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[1]
PROCESSES, COMMENTS = in_full((4, 60), (2, 16))
START = """
import sys
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone
from blog.posts.models import Post
from comments.models.filter_counts import FilterToken, Lesson, learn
from comments.models import Comment
"""
PREPARE = f"""
author = get_user_model().objects.create_user("ines")
post = Post(title="On margins", body="Room.", author=author, published_at=timezone.now())
post.save()
for number in range({COMMENTS}):
    kind = "spam" if number % 2 else "approved"
    # Words that all have, in another order each time.
    words = sorted("one two three four five six seven".split(), key=lambda w: hash((w, number)))
    body = f"{{' '.join(words)}} {{number}}"
    made = Comment(post=post, body=body, name="Lou", status=kind, judged_at=post.published_at)
    made.save(refresh=False)
"""
# Each learns all of them, in an order of its own; its share it also takes back and learns again,
# as an undo does.
LEARN = f"""
import random
comments = list(Comment.objects.all())
random.Random(int(sys.argv[1])).shuffle(comments)
print("ready", flush=True)
sys.stdin.readline()
for comment in comments:
    learn(comment)
mine = [comment for comment in comments if comment.pk % {PROCESSES} == int(sys.argv[1])]
for comment in mine:
    kept = Comment.objects.get(pk=comment.pk).status
    for status in ("trash", kept):
        Comment.objects.filter(pk=comment.pk).update(status=status)
        learn(comment)
# Another process may have read what was decided for the moment a status was "trash".
for comment in comments:
    learn(comment)
"""
# Goes on in the process that prepared, since each start takes a second of a processor.
COMPARE = """
print("ready", flush=True)
sys.stdin.readline()
def table():
    return sorted(FilterToken.objects.values_list("key", "spam", "ham"))
before = table()
call_command("train_filter", verbosity=0)
assert len(before) > 20
assert table() == before, set(table()) ^ set(before)
assert Lesson.objects.count() == Comment.objects.count()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request, tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return kept | prepared.migrated(tmp_path, request.param).environment()


def start(environment, script, *arguments):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    command = [sys.executable, "-c", START + script, *arguments]
    return Process(command, cwd=ROOT, env=environment, text=True, **pipes)


def finish(process, said=None):
    output, _ = process.communicate(said, timeout=300)
    assert process.returncode == 0, output


@pytest.mark.long
def test_processes_that_learn_at_once_lose_no_count(environment):
    around = start(environment, PREPARE + COMPARE)
    assert around.stdout.readline() == "ready\n"
    learners = [start(environment, LEARN, str(number)) for number in range(PROCESSES)]
    for learner in learners:
        assert learner.stdout.readline() == "ready\n"
    for learner in learners:
        learner.stdin.write("go\n")
        learner.stdin.flush()
    for learner in learners:
        finish(learner)
    finish(around, "go\n")
