"""What keeping a site costs: seconds, memory and bytes of a backup and of restoring it.

Run by `make bench`; COMMENTS=100000 says how many there are. Each command is a process of its own,
and its memory is the most it ever had. The second database is a PostgreSQL of its own, where one
is installed.
"""

import atexit
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["DATA_DIR"] = FOLDER = tempfile.mkdtemp(prefix="postil-bench-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import django

django.setup()

import postgres
from django.contrib.auth import get_user_model
from django.core.management import call_command

from blog.posts.models import Post, SearchEntry
from comments.models import Comment

COMMENTS = int(os.environ.get("COMMENTS", "100000"))
ESSAYS, WORDS = 100, 60


def fill():
    """Write essays and comments as they would stand, without the work of rendering each."""
    call_command("migrate", verbosity=0)
    author = get_user_model().objects.create_user("ines")
    posts = [Post(title=f"Essay {n}", body="Room.", author=author) for n in range(ESSAYS)]
    for post in posts:
        post.save()
    chance = random.Random(20261125)
    vocabulary = [
        "".join(chance.choices("etaoinshrdlucm", k=chance.randint(2, 9))) for _ in range(9999)
    ]
    for start in range(0, COMMENTS, 5000):
        made = []
        for number in range(start, min(start + 5000, COMMENTS)):
            said = " ".join(chance.choices(vocabulary, k=WORDS))
            made.append(
                Comment(
                    post=posts[number % ESSAYS],
                    status="approved",
                    name=f"Reader {number}",
                    email=f"reader{number}@example.org",
                    body=said,
                    body_html=f"<p>{said}</p>",
                    words=said,
                    fingerprint=f"{number:064x}",
                )
            )
        made = Comment.objects.bulk_create(made)
        SearchEntry.objects.bulk_create(
            SearchEntry(kind="comment", key=one.pk, post_id=one.post_id, text=one.body)
            for one in made
        )


# A process is charged with the memory of the one that starts it, so a small one does.
STARTER = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_pid, code, used = os.wait4(child.pid, 0)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def measured(what, *arguments, **environment):
    """Run a command and print its seconds and the most memory it had."""
    command = [sys.executable, "-c", STARTER, sys.executable, str(ROOT / "manage.py"), *arguments]
    began = time.monotonic()
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    took = time.monotonic() - began
    code, cpu, memory = map(float, done.stdout.split())
    if code:
        sys.exit(f"{what} failed: {done.stderr}")
    print(f"{what:<36}{took:>8.1f} s{cpu:>8.1f} s CPU{memory:>8.0f} MiB", flush=True)


def main():
    print(f"{COMMENTS:,} comments of {WORDS} words")
    began = time.monotonic()
    fill()
    database = Path(FOLDER) / "postil.sqlite3"
    print(f"made in {time.monotonic() - began:.0f} s; {database.stat().st_size / 1e6:.0f} MB")
    place = f"{FOLDER}/kept"
    measured("no command at all (check)", "check")
    measured("backup, SQLite", "backup", place)
    (made,) = map(str, Path(place).iterdir())
    print(f"{'the archive':<36}{Path(made).stat().st_size / 1e6:>8.0f} MB")
    measured("export", "export", f"{FOLDER}/out")
    measured("restore --dry-run", "restore", made, "--dry-run")
    (Path(FOLDER) / "other").mkdir()
    measured("restore into SQLite", "restore", made, DATA_DIR=f"{FOLDER}/other")
    if postgres.find_initdb():
        with postgres.cluster() as url:
            there = {"DATABASE_URL": url, "DATA_DIR": f"{FOLDER}/other"}
            measured("restore into PostgreSQL", "restore", made, **there)
            measured("backup, PostgreSQL", "backup", f"{FOLDER}/second", **there)


if __name__ == "__main__":
    main()
