"""What a search costs on a large site: 10,000 essays and 1,000,000 comments (SQLite).

Run by `make bench`; `search.py 10000 100000` takes other numbers of essays and comments. Pages are
asked of Django itself, as if none were kept. Times are the process's own CPU time for one request
through every middleware, medians. The word of a kind is in every second essay or comment, or in
one of each; the last column compares with the rare word.
"""

import statistics
import sys
import time

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
        entry = post.search_entry()
        entry.text += f"\n{chinese}" * (number % 2)
        entries.append(entry)
    SearchEntry.objects.all().delete()
    for start in range(0, len(entries), 500):
        SearchEntry.objects.bulk_create(entries[start : start + 500])


def cost(client: Client, query: str) -> float:
    start = time.process_time()
    response = client.get(f"/search/?q={query}")
    assert response.status_code == 200
    return 1000 * (time.process_time() - start)


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
        found = {name: [] for name in QUERIES}
        for number in range(ROUNDS + 1):
            for name, query in QUERIES.items():
                took = cost(client, query)
                if number:  # the first fills what is kept in a process
                    found[name].append(took)
        rare = statistics.median(found["a rare word"])
        print(f"\n{size:,} comments, {SearchWords.objects.count():,} entries")
        for name, took in found.items():
            total = len(find(QUERIES[name].partition("&")[0]))
            many = f"{total}+" if total == MOST_RESULTS else str(total)
            median = statistics.median(took)
            print(f"{name:<34}{many:>6}{median:>9.2f} ms{median / rare:>8.2f}")


if __name__ == "__main__":
    main()
