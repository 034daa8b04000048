"""What a search costs on a large site: 10,000 essays and 1,000,000 comments (SQLite).

Run by `make bench`; `search.py 10000 100000` takes other numbers of essays and comments. Pages are
asked of Django itself, as if none were kept. Times are the process's own CPU time, medians: for the
search with the entries of a page, and for one request through every middleware. The last column
compares the requests with that for the rare word, which finds one essay; the index page shows what
a page of twenty entries costs without a search.
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import posting  # sets Django up, on a folder of its own
from django.core.management import call_command
from django.test import Client

from blog.posts.models import Post, SearchEntry, SearchWords, Tag
from blog.posts.search import MOST_RESULTS, find
from blog.posts.search.indexing import posts_again

SIZES = (10_000, 1_000_000)
ROUNDS = 15
QUERIES = {
    "a rare word": "zeugma",
    "a common word": "margin",
    "a common word, comments only": "margin&kind=comment",
    "a common word, one year": "margin&year=2014",
    "two common words": "margin comment",
    "a common beginning": "marg",
    "a beginning of two letters": "ma",
    "a phrase": '"the margin"',
    "without a common word": "margin -comment",
    "a tag and a common word": "tag:margins margin",
    "a common Chinese word": "页边",
    "twenty words": "the a of and to in is that it for as with on are be this one by not or",
}


def fill_essays(count: int) -> None:
    """Add essays whose words are those of a few, half of them about margins, and index them."""
    posting.fill_essays(count)
    chinese = "拿着铅笔读书的人会在页边写下没错然后又划掉"
    entries = []
    for number, post in enumerate(Post.objects.order_by("pk").defer("body", "annotated_html")):
        entry = SearchEntry.of_post(post)
        entry.text += f"\n{chinese}" * (number % 2)
        entries.append(entry)
    SearchEntry.objects.all().delete()
    for start in range(0, len(entries), 500):
        SearchEntry.objects.bulk_create(entries[start : start + 500])


def cost(do: Callable[[], object]) -> float:
    start = time.process_time()
    do()
    return 1000 * (time.process_time() - start)


def searched(query: str) -> list[SearchEntry]:
    text, *narrowed = query.split("&")
    given = dict(each.split("=") for each in narrowed)
    year = int(given["year"]) if "year" in given else None
    return find(text, kind=given.get("kind", ""), year=year)[:20]


def main() -> None:
    essays, comments = [*map(int, sys.argv[1:]), *SIZES[len(sys.argv) - 1 :]]
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    fill_essays(essays)
    tag = Tag.objects.create(name="Margins")
    tag.posts.set(Post.objects.order_by("pk")[: essays // 10])
    newest = Post.objects.published().first()
    newest.title = "Zeugma"
    newest.save()
    client = Client(headers={"accept-encoding": "br", "host": "127.0.0.1"})
    begun = time.process_time()
    again = sum(1 for _batch in zip(posts_again(), range(10), strict=False))
    took = 1000 * (time.process_time() - begun)
    print(f"{essays:,} essays; reading one again takes {took / (again * 100):.2f} ms")
    for size in (0, comments):
        if size:
            posting.fill_comments(size)
        call_command("reindex", count=True)
        took = measured(client)
        rare = took["a rare word"][1]
        print(f"\n{size:,} comments, {SearchWords.objects.count():,} entries")
        print(f"{'':<34}{'found':>6}{'search':>12}{'request':>12}{'to rare':>8}")
        for name, (search, request) in took.items():
            total = len(find(QUERIES[name].partition("&")[0]))
            many = f"{total}+" if total == MOST_RESULTS else str(total)
            ratio = request / rare
            print(f"{name:<34}{many:>6}{search:>9.2f} ms{request:>9.2f} ms{ratio:>8.2f}")
        index = statistics.median(cost(partial(client.get, "/")) for _ in range(ROUNDS))
        print(f"{'the index page':<34}{'':>18}{index:>9.2f} ms")


def measured(client: Client) -> dict[str, tuple[float, float]]:
    """Return the milliseconds of each search and of each request, in turns."""
    found = {name: ([], []) for name in QUERIES}
    for number in range(ROUNDS + 1):
        for name, query in QUERIES.items():
            took = cost(partial(searched, query))
            whole = cost(partial(client.get, f"/search/?q={query}"))
            if number:  # the first fills what is kept in a process
                found[name][0].append(took)
                found[name][1].append(whole)
    return {name: (*map(statistics.median, both),) for name, both in found.items()}


if __name__ == "__main__":
    main()
