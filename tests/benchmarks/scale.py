"""Whether what a site costs stays flat as it grows: 1,000,000 comments beside 1,000.

Run by `make bench`; `scale.py 1000 100000` compares other numbers. Two sites of 1,000 essays, each
in a process and a database (SQLite) of its own, are asked the same in turns, so that whatever else
runs on the machine meets both alike. Pages are asked of Django itself, as if none were kept. Times
are the process's own CPU time for one request through every middleware: medians, and of ratios the
median of the pairs' own. The essay that is read and posted to has 24 responses on both sites: what
a longer thread costs, pages.py tells.
"""

import contextlib
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

os.environ |= {"COMMENT_RATE_PER_NETWORK": "none", "COMMENT_RATE_SITE": "none"}

import posting  # sets Django up, on a folder of its own
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pages import fill_thread

from blog.posts.models import Post, Tag
from comments.browser import make_token
from comments.models import Comment

ESSAYS, RESPONSES = 1_000, 24
SIZES = (1_000, 1_000_000)
ROUNDS = 25
# How many essays, the newest, get none of the many comments: what pages show is alike on both.
APART = 21
LIST = "/admin/comments/comment/"
SEARCHES = {"rare": "zeugma", "frequent": "margin"}


def prepare(size: int) -> dict[str, Callable[[], object]]:
    """Fill a site; return what is asked of it, by name."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    posting.fill_essays(ESSAYS)
    newest = list(Post.objects.published().essays()[:APART])
    tag = Tag.objects.create(name="Margins", slug="margins")
    tag.posts.set(newest)
    essay = newest[0]
    fill_thread(essay, RESPONSES)
    chance = random.Random(7)
    essay.title, essay.body = "Zeugma", f"{essay.body}\n\nA zeugma, and a margin."
    essay.save()
    others = Post.objects.exclude(pk__in=[post.pk for post in newest]).order_by("pk")
    posting.fill_comments(size, list(others.values_list("pk", flat=True)))

    reader = Client(headers={"accept-encoding": "br", "host": "127.0.0.1"})
    moderator = Client(headers={"host": "127.0.0.1"})
    moderator.force_login(get_user_model().objects.create_superuser("mo"))
    url = essay.get_absolute_url()

    def get(client, path):
        return lambda: client.get(path)

    def post():
        given = {"body": posting.words(chance, 30, 60), "name": f"Reader {chance.random()}"}
        given |= {"email": f"reader{chance.random()}@example.org", "token": make_token(essay)}
        # A browser of its own, which brings no cookie.
        return Client(headers={"host": "127.0.0.1"}).post(f"{url}comments/", given)

    def approve():
        newest = Comment.objects.pending().order_by("-created_at").first()
        return lambda: moderator.post(LIST, {"action": "approve", "_selected_action": [newest.pk]})

    asked = {
        "essay": get(reader, url),
        "index": get(reader, "/"),
        "archive": get(reader, "/archive/"),
        "tag": get(reader, "/tags/margins/"),
        "feed": get(reader, "/feed.xml"),
        "comments feed": get(reader, "/comments/feed.xml"),
        "comments feed of an essay": get(reader, f"{url}comments/feed.xml"),
        "sitemap": get(reader, "/sitemap.xml"),
    }
    asked |= {f"search, {how} word": get(reader, f"/search/?q={q}") for how, q in SEARCHES.items()}
    asked |= {
        "posting": post,
        "queue": get(moderator, LIST),
        "queue, spam": get(moderator, f"{LIST}?status=spam"),
        "approving one": approve,
    }
    return asked


def answer(size: int) -> None:
    """Be one of the two sites: for each name on a line, do it and say what it cost."""
    output, sys.stdout = sys.stdout, sys.stderr
    asked = prepare(size)
    print(*asked, sep=";", file=output, flush=True)
    for line in sys.stdin:
        do = asked[line.strip()]
        if line.startswith("approving"):
            do = do()
        with CaptureQueriesContext(connection) as queries:
            start = time.process_time()
            response = do()
            took = 1000 * (time.process_time() - start)
        assert response.status_code in (200, 302, 303), f"{line}: {response.status_code}"
        print(took, len(queries), file=output, flush=True)


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    sites, found = [], {}
    with contextlib.ExitStack() as stack:
        for size in sizes:
            command = [sys.executable, __file__, "--site", str(size)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            site = stack.enter_context(subprocess.Popen(command, **pipes))
            names = site.stdout.readline().strip().split(";")
            sites.append(site)
        for number in range(ROUNDS + 1):
            for name in names:
                costs = []
                for site in sites:
                    print(name, file=site.stdin, flush=True)
                    took, queries = site.stdout.readline().split()
                    costs.append((float(took), int(queries)))
                if number:  # the first fills what is kept in a process
                    found.setdefault(name, []).append(costs)
        for site in sites:
            site.stdin.close()
    print(f"{f'{ESSAYS:,} essays, and comments:':<32}", end="")
    print(*(f"{size:>12,}" for size in sizes), f"{'queries':>12}{'ratio':>8}")
    for name, rounds in found.items():
        print(f"{name:<32}", end="")
        for costs in zip(*rounds, strict=True):
            print(f"{statistics.median(took for took, _ in costs):>9.2f} ms", end=" ")
        print("/".join(str(queries) for _, queries in rounds[-1]).rjust(12), end="")
        ratio = statistics.median(costs[-1][0] / costs[0][0] for costs in rounds)
        print(f"{ratio:>8.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--site"]:
        answer(int(sys.argv[2]))
    else:
        main()
