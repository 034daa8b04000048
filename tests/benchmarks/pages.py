"""What each page costs: CPU, queries and bytes, with few comments and with many.

Run by `make bench`. Times are this process's own CPU time for one request through every
middleware, the median of many, so that a busy machine hardly moves them. Bytes are the body
as brotli sends it. Lists are made of lines that the process keeps, as after a comment; of none,
as after a start, in those with "all lines".
"""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

import posting  # noqa: F401 - sets Django up, on a folder of its own
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.posts.models import Post, Tag
from blog.posts.templatetags.posts import line
from comments.models import Comment, ThreadPage

ESSAYS = 60
ROUNDS = 40
# Comments under one essay: as many as make one page of its thread, and very many.
FEW, MANY = ThreadPage.COMMENTS, 10_000
PARAGRAPH = "A margin is room for somebody else’s sentence, kept beside one’s own. " * 8


def fill() -> None:
    author = get_user_model().objects.create_user("bench", first_name="A", last_name="Bench")
    tag = Tag.objects.create(name="Margins", slug="margins")
    for number in range(ESSAYS):
        post = Post(
            title=f"Essay number {number}",
            standfirst="What it says in a sentence.",
            body="\n\n".join([PARAGRAPH] * 10),
            author=author,
            published_at=timezone.now() - timedelta(days=7 * number + 1),
        )
        post.save()
        post.tags.add(tag)


def fill_thread(post: Post, count: int) -> None:
    """Add comments in bulk, up to this number."""
    rows = []
    for number in range(post.comment_count, count):
        comment = Comment(post=post, name=f"Reader {number}", status=Comment.Status.APPROVED)
        comment.body = f"Comment {number}. {PARAGRAPH}"
        comment.body_html = f"<p>{comment.body}</p>"
        rows.append(comment)
    Comment.objects.bulk_create(rows, batch_size=1000)
    ThreadPage.objects.refresh(post)


def asking(path: str) -> Callable[[], tuple[str, bytes]]:
    """Return what asks Django for a page as a server does, past the pages that are kept."""
    headers = {"accept-encoding": "br", "host": "127.0.0.1"}
    asked = RequestFactory(headers=headers).get(path).environ

    def ask() -> tuple[str, bytes]:
        said = []
        answer = application(dict(asked), lambda status, _headers: said.append(status))
        try:
            return said[0], b"".join(answer)
        finally:
            answer.close()

    return ask


def measure(
    name: str, path: str, wanted: int = 200, before: Callable[[], None] = lambda: None
) -> None:
    ask = asking(path)
    with CaptureQueriesContext(connection) as captured:
        status, body = ask()
    queries = len(captured)
    assert status.startswith(str(wanted)), f"{path} answered {status}"
    times = []
    for _ in range(ROUNDS):
        before()
        start = time.process_time()
        ask()
        times.append(1000 * (time.process_time() - start))
    print(f"{name:<32}{statistics.median(times):>8.2f} ms{queries:>10}{len(body):>12,}")


def compare(path: str, other: str) -> float:
    """Return the CPU of one page by that of another, asked in turns under the same load."""
    asks = [asking(path), asking(other)]
    times: list[list[float]] = [[], []]
    for _ in range(5 * ROUNDS):
        for ask, taken in zip(asks, times, strict=True):
            start = time.process_time()
            ask()
            taken.append(time.process_time() - start)
    return statistics.median(times[0]) / statistics.median(times[1])


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    global application
    application = get_wsgi_application()  # finds the static files
    fill()
    post = Post.objects.published().first()
    url = post.get_absolute_url()
    print(f"{'page':<32}{'CPU':>11}{'queries':>10}{'bytes, br':>12}")
    measure("index, 60 essays", "/")
    measure("index, all lines", "/", before=line.cache_clear)
    other = Post.objects.published()[1]
    for count in (0, 25, FEW, MANY):
        fill_thread(post, count)
        measure(f"essay, {count:,} comments", url)
    fill_thread(other, FEW)
    last = f"{url}comments/{MANY // ThreadPage.COMMENTS}/"
    newest = Comment.objects.filter(post=post).order_by("pk").last()
    measure("last page of that thread", last)
    measure("permalink to its last comment", f"/comments/{newest.pk}/", 302)
    measure("reply to its last comment", f"/comments/{newest.pk}/reply/")
    for name, path in (("essay", url), ("last page", last)):
        ratio = compare(path, other.get_absolute_url())
        print(f"  {name} with {MANY:,} to essay with {FEW} comments: CPU {ratio:.2f}")
    measure("archive", "/archive/")
    measure("archive, all lines", "/archive/", before=line.cache_clear)
    measure("tag", "/tags/margins/")
    measure("search", "/search/?q=margin")
    measure("RSS, whole text of 20", "/feed.xml")
    measure("sitemap", "/sitemap.xml")
    measure("about", "/about/")


if __name__ == "__main__":
    main()
