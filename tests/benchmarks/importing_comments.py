"""Measure imports of comments alone, and their export: CPU for a comment, and the most memory.

    DATA_DIR=load python tests/benchmarks/importing_comments.py isso 5000 100000

It makes a file of the named kind (isso, remark42, comments) with so many comments of real words on
so many essays, imports it into an empty SQLite database, exports them for others, and prints what
either took. The comments are those of `made-mistakes-comments.jsonl`.
"""

import json
import os
import random
import resource
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from importing import ROOT, said

sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]


def comments(essays, count):
    """Yield number, essay, parent and words of each comment."""
    chance, words = random.Random(7), said()
    firsts = {}
    for number in range(1, count + 1):
        essay = chance.randint(1, essays)
        parent = firsts.get(essay) if chance.random() < 0.4 else None
        firsts.setdefault(essay, number)
        yield number, essay, parent, f"{chance.choice(words)} {number}"


def write_isso(path, rows, essays):
    from comment_exports import ISSO  # noqa: PLC0415

    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(ISSO.replace("INSERT INTO threads VALUES (1, '/on-margins/', 'On", "--"))
        threads = ((number, f"/e{number}/", "") for number in range(1, essays + 1))
        db.executemany("INSERT INTO threads VALUES (?, ?, ?)", threads)
        db.executemany(
            "INSERT INTO comments (id, tid, parent, text, author, created, mode, voters)"
            " VALUES (?, ?, ?, ?, ?, ?, 1, '')",
            ((n, essay, parent, text, f"Reader {n % 5000}", 1.6e9 + n)
             for n, essay, parent, text in rows),
        )  # fmt: skip
        db.commit()


def write_remark42(path, rows, _essays):
    with path.open("w") as file:
        file.write('{"version": 1, "users": [], "posts": []}\n')
        for n, essay, parent, text in rows:
            line = {"id": f"r{n}", "pid": f"r{parent}" if parent else "", "orig": text}
            line |= {"text": f"<p>{text}</p>", "time": "2021-03-02T08:15:00.123456789Z"}
            line |= {"user": {"name": f"Reader {n % 5000}", "id": f"email_{n % 5000}"}}
            line |= {"locator": {"site": "s", "url": f"https://old.example/e{essay}/"}}
            file.write(json.dumps(line) + "\n")


def write_comments(path, rows, _essays):
    with path.open("w") as file:
        for n, essay, parent, text in rows:
            line = {"page": f"https://old.example/e{essay}/", "id": n, "parent": parent}
            line |= {"markdown": text, "name": f"Reader {n % 5000}", "status": "approved"}
            file.write(json.dumps(line | {"at": 1_600_000_000 + n}) + "\n")


def measured(what, count, run):
    begun, cpu = time.monotonic(), time.process_time()
    done = run()
    spent, took = time.process_time() - cpu, time.monotonic() - begun
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = spent / count * 1000
    print(f"{what}: {spent:.1f} s of CPU, {took:.1f} s, {each:.2f} ms a comment, {most:.0f} MiB")
    return done


def main(kind, essays, count):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
    os.environ["SITE_URL"] = "https://old.example"
    import django  # noqa: PLC0415

    django.setup()
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from blog.posts.models import Post  # noqa: PLC0415
    from blog.transfer.disqus_writer import write_disqus  # noqa: PLC0415
    from blog.transfer.export_rows import write_discussions  # noqa: PLC0415
    from blog.transfer.importers import IMPORTERS, Source  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    author = get_user_model().objects.create_user("ada")
    for number in range(1, essays + 1):
        Post(kind="page", slug=f"e{number}", title=f"E {number}", body="Words.", author=author,
             published_at=datetime(2020, 1, 1, tzinfo=UTC)).save()  # fmt: skip
    folder = Path(os.environ["DATA_DIR"])
    write = {"isso": write_isso, "remark42": write_remark42, "comments": write_comments}[kind]
    write(folder / "load", comments(essays, count), essays)
    source = Source(folder / "load")
    report = measured("import", count, lambda: IMPORTERS[kind].run(source))
    print(report.added, {heading: lines.count for heading, lines in report.notes.items()})
    measured("disqus.xml", count, lambda: write_disqus(folder / "out.xml"))
    measured("discussions.json", count, lambda: write_discussions(folder / "out.json"))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
