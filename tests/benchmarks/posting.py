"""How fast comments are stored, over HTTP, with few rows in the table and with very many.

Run by `make bench`; `posting.py 1000 100000` measures with other numbers of rows. The real server
(`manage.py serve --workers 2`, its rates off, SQLite) takes distinct comments from processes that
each keep one connection. Comments a second move with a busy machine, whose processors the clients
share; the server's own CPU time a comment hardly does, so the last line compares that as well.
"""

import atexit
import hashlib
import http.client
import multiprocessing
import os
import random
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
FOLDER = Path(tempfile.mkdtemp(prefix="postil-bench-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)  # a million comments are 2 GB
os.environ["DATA_DIR"] = str(FOLDER / "data")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from server import Site

from blog.jobs.models import RUNNING, Job
from blog.lib.feed_ids import new_feed_id
from blog.posts.models import Post, SearchEntry, SearchWords
from comments.browser import make_token
from comments.models import Comment

# Comments to an essay. The site grows as a blog does, by more essays and not by longer threads: a
# new comment is compared with at most 1,000 of its own essay, so a thread's length has its cost.
THREAD = 25
# Essays that comments are posted to, the newest.
POSTED_TO = 40
SIZES = (1_000, 1_000_000)
CLIENTS = (1, 8)
SECONDS = 6
WARM_UP = 3
# Seconds in which the worker should have done the jobs of the first day.
PATIENCE = 600
# Of a hundred comments; an old blog keeps what it approved and some of what it did not.
STATUSES = ["approved"] * 80 + ["spam"] * 12 + ["pending"] * 5 + ["trash"] * 3
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Words as people use them: of the essays that come with the demo.
WORDS = " ".join(
    word
    for essay in sorted((ROOT / "blog" / "transfer" / "demo_essays").glob("*.md"))
    for word in re.findall("[A-Za-z]{2,}", essay.read_text(encoding="utf-8"))
).split()


def words(chance: random.Random, least: int, most: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(least, most)))


def fill_essays(count: int) -> None:
    """Add essays until there are `count`; the texts are a few, as rendering all would take long."""
    user = get_user_model().objects
    author = user.filter(username="bench").first() or user.create_user("bench", first_name="A")
    chance = random.Random(1)
    now = datetime.now(UTC)
    there = Post.objects.count()
    if not there:
        for number in range(10):
            body = "\n\n".join(words(chance, 80, 120) for _ in range(8))
            Post(title=f"Model {number}", body=body, author=author, published_at=now).save()
    models = list(Post.objects.filter(title__startswith="Model").order_by("pk"))
    essays = []
    for number in range(there, count):
        essay = copy(models[number % len(models)])
        essay.pk, essay.feed_id = None, new_feed_id()
        essay.title, essay.slug = f"Essay {number}", f"essay-{number}"
        essay.published_at = now - timedelta(hours=number + 1)
        essay.path = essay.permalink_path()
        essays.append(essay)
    Post.objects.bulk_create(essays, batch_size=500)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def rows(first: int, last: int, posts: list[int]):
    """Yield the columns of `comments_comment` that INSERT names, one comment after the other."""
    chance = random.Random(first)
    parts = [words(chance, 12, 30) for _ in range(3000)]
    campaigns = [f"{words(chance, 10, 20)} order now" for _ in range(200)]
    start = datetime(2010, 1, 1, tzinfo=UTC)
    roots: dict[int, tuple[int, int]] = {}  # by essay: an approved comment, and its root
    for key in range(first, last + 1):
        status, post = chance.choice(STATUSES), posts[key % len(posts)]
        spam = status == "spam" and chance.random() < 0.5
        body = (
            chance.choice(campaigns) if spam else f"{chance.choice(parts)} {chance.choice(parts)}"
        )
        parent = root = None
        if status == "approved":
            if post in roots and chance.random() < 0.25:
                parent, root = roots[post]
            roots[post] = (key, root or key)
        said = body.casefold()
        name, email = f"Reader {key % 50_000}", f"reader{key % 50_000}@example.org"
        made = str(start + timedelta(seconds=400 * key))[:19]
        network = f"10.{key % 251}.{key % 241}.0/24"
        yield (
            key, post, "comment", status, parent, root, name, email, "", body, f"<p>{body}</p>",
            "", "", "", made, made, network, digest(email)[:22], digest(f"{email} {key}"), said,
            digest(said), 0,
            '["first-comment"]' if status == "pending" else "[]", False, "[]", f"urn:bench:{key}",
        )  # fmt: skip


INSERT = """
    INSERT INTO comments_comment (
        id, post_id, kind, status, parent_id, root_id, name, email, url, body, body_html,
        source, title, passage, created_at, updated_at, network, browser, fingerprint, words,
        campaign, repeats, reasons, edited, weighed, feed_id
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INDEX = """
    INSERT INTO posts_searchentry (kind, key, post_id, title, text, dated)
    SELECT 'comment', id, post_id, name, body, created_at FROM comments_comment
    WHERE status = 'approved' AND id >= %s
"""
INDEX_WORDS = """
    INSERT INTO posts_searchwords (place, post_id, entry_id, version, words, terms)
    VALUES (?, ?, ?, ?, ?, ?)
"""


def words_of_entries(first: int):
    """Yield what the index has of each comment from this one on."""
    for entry in SearchEntry.objects.filter(kind="comment", key__gte=first).iterator():
        row = SearchWords.of(entry)
        yield row.place, row.post_id, row.entry_id, row.version, row.words, row.terms


def fill_comments(size: int, posts: list[int] | None = None) -> float:
    """Add comments until there are `size`, findable where approved; return the seconds it took.

    They stand under `posts`, which are all if none are given.
    """
    began = time.monotonic()
    posts = posts or list(Post.objects.order_by("pk").values_list("pk", flat=True))
    newest = Comment.objects.order_by("pk").last()
    first = newest.pk + 1 if newest else 1
    last = first + size - Comment.objects.count() - 1
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("PRAGMA cache_size=-400000")
        with transaction.atomic():
            # Django's own executemany would look for its placeholders in each row.
            connection.connection.executemany(INSERT, rows(first, last, posts))
            cursor.execute(INDEX, [first])
            connection.connection.executemany(INDEX_WORDS, words_of_entries(first))
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return time.monotonic() - began


def post_comments(number, port, essays, begin, seconds, report) -> None:
    """Post distinct comments over one connection; report the seconds each took."""
    chance = random.Random(f"{number} {time.time()}")
    # From a network of its own, as readers write: those of one network wait for each other.
    own = (f"127.0.{number}.1", 0)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=own)
    line.connect()
    begin.wait()
    took, until = [], time.perf_counter() + seconds
    while (start := time.perf_counter()) < until:
        path, token = chance.choice(essays)
        reader = chance.randrange(10**9)
        given = {"body": words(chance, 30, 60), "name": f"Reader {reader}", "token": token}
        given["email"] = f"reader{reader}@example.org"
        body = urlencode(given)
        start = time.perf_counter()
        line.request("POST", f"/{path}/comments/", body, FORM)
        response = line.getresponse()
        response.read()
        took.append(time.perf_counter() - start)
        assert response.status == 303, f"{path} answered {response.status}"
    report.put(took)


def cpu_of(process: int) -> float:
    """Return the seconds of CPU a process and its children have used (proc(5), /proc/pid/stat)."""
    folder = Path(f"/proc/{process}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    children = [
        int(child)
        for task in (folder / "task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return ticks / os.sysconf("SC_CLK_TCK") + sum(cpu_of(child) for child in children)


def measure(site: Site, clients: int, essays: list, seconds: float) -> dict[str, float]:
    fork = multiprocessing.get_context("fork")
    begin, report = fork.Barrier(clients + 1), fork.Queue()
    arguments = (site.port, essays, begin, seconds, report)
    senders = [
        fork.Process(target=post_comments, args=(number, *arguments)) for number in range(clients)
    ]
    for sender in senders:
        sender.start()
    begin.wait(60)
    start, used = time.perf_counter(), cpu_of(site.server.pid)
    took = [one for _ in senders for one in report.get(timeout=seconds + 60)]
    elapsed, used = time.perf_counter() - start, cpu_of(site.server.pid) - used
    for sender in senders:
        sender.join()
    return {
        "rate": len(took) / elapsed,
        "median": 1000 * statistics.median(took),
        "p99": 1000 * statistics.quantiles(took, n=100)[98],
        "cpu": 1000 * used / len(took),
    }


def measured(site: Site, size: int) -> dict[tuple[int, int], dict[str, float]]:
    """Measure with each number of clients; print and return what was found."""
    results = {}
    posts = Post.objects.order_by("-published_at").only("path")[:POSTED_TO]
    essays = [(post.path, make_token(post)) for post in posts]
    connection.close()
    show(f"{size:,} rows, jobs beside", measure(site, max(CLIENTS), essays, WARM_UP))
    wait_for_jobs()
    for clients in CLIENTS:
        found = results[size, clients] = measure(site, clients, essays, SECONDS)
        show(f"{size:,} rows, {clients} client{'s' if clients > 1 else ''}", found)
    return results


def show(name: str, found: dict[str, float]) -> None:
    print(f"{name:<36}{found['rate']:>10.0f}", end="")
    for what in ("median", "p99", "cpu"):
        print(f"{found[what]:>8.2f} ms", end="")
    print()


def wait_for_jobs() -> None:
    """Wait until the worker has done what is due daily, which is much where all rows are old."""
    until = time.monotonic() + PATIENCE
    due = Job.objects.due(timezone.now()) | Job.objects.filter(status=RUNNING)
    while due.exists():
        if time.monotonic() > until:
            print("  (jobs still run)")
            break
        time.sleep(1)
    connection.close()


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    call_command("migrate", verbosity=0)
    settings = {"COMMENT_RATE_PER_NETWORK": "none", "COMMENT_RATE_SITE": "none"}
    results = {}
    print(f"{f'storing comments, {THREAD} to an essay':<36}{'a second':>10}", end="")
    print(f"{'median':>11}{'p99':>11}{'CPU':>11}")
    for size in sizes:
        fill_essays(max(POSTED_TO, size // THREAD))
        filled = fill_comments(size)
        site = Site(FOLDER, **settings)
        site.start("--workers", "2")
        try:
            results |= measured(site, size)
        finally:
            site.stop(signal.SIGTERM)
        print(f"  (filled in {filled:.0f} s)")
    few, many = sizes[0], sizes[-1]
    for clients in CLIENTS:
        one, other = results[few, clients], results[many, clients]
        print(
            f"{many:,} to {few:,} rows, {clients} at once: "
            f"CPU {other['cpu'] / one['cpu']:.2f}, rate {other['rate'] / one['rate']:.2f}"
        )


if __name__ == "__main__":
    main()
