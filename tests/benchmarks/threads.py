"""What a thread of any shape costs, over HTTP: pages in bytes, and approving one more in CPU.

Run by `make bench`; `threads.py 500` takes other lengths than 3,000. The real server (one process,
SQLite) has three essays: of 25 comments, of 3,000 replies to one comment, and of a chain 3,000
deep. A moderator approves waiting replies under each in turns, so that whatever else runs on the
machine meets all alike. CPU is the server's own, from /proc, for the POST that decides.
"""

import http.client
import re
import signal
import statistics
import sys
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from posting import FOLDER, cpu_of, fill_essays  # sets Django up, on a folder of its own
from server import Site

from blog.posts.models import Post
from comments.models import Comment, ThreadPage

SHORT, LONG = 25, int(sys.argv[1]) if sys.argv[1:] else 3_000
WARM_UP, ROUNDS = 5, 60
# Approvals whose CPU is read at once: the kernel counts it in hundredths of a second.
AT_ONCE = 10
LIST = "/admin/comments/comment/"
PARAGRAPH = "A margin is room for somebody else’s sentence, kept beside one’s own. " * 4


def fill(post: Post, shape: str, count: int, status: str) -> None:
    """Add comments: in a row, all in reply to the first, or each to the one before."""
    first = post.comments.order_by("pk").first()
    above = post.comments.order_by("pk").last()
    key = Comment.objects.order_by("pk").last()
    rows = []
    for number in range((key.pk if key else 0) + 1, (key.pk if key else 0) + 1 + count):
        comment = Comment(pk=number, post=post, name=f"Reader {number}", status=status)
        comment.body = f"Comment {number}. {PARAGRAPH}"
        comment.body_html = f"<p>{comment.body}</p>"
        comment.created_at = timezone.now()
        if shape != "flat" and first:
            comment.parent, comment.root = (first if shape == "wide" else above), first
        rows.append(comment)
        first, above = first or comment, comment if status == "approved" else above
    Comment.objects.bulk_create(rows, batch_size=500)


class Moderator:
    """A browser of a moderator who is signed in."""

    def __init__(self, site: Site) -> None:
        user = get_user_model().objects.create_superuser("mo")
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        self.line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        page, answer = self.ask("GET", LIST)
        self.token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()
        self.cookies += "; " + answer["Set-Cookie"].partition(";")[0]

    def ask(self, method: str, path: str, given: dict[str, object] | None = None):
        headers = {"Cookie": self.cookies, "Accept-Encoding": "identity"}
        if given:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, urlencode(given, True) if given else None, headers)
        response = self.line.getresponse()
        body = response.read()
        assert response.status in (200, 302), f"{path} answered {response.status}"
        return body, response.headers

    def approve(self, comment: Comment) -> None:
        """Press the button in the comment's row."""
        pressed = f"approve:{comment.pk}:{comment.status}:{comment.version}:"
        self.ask("POST", LIST, {"decide": pressed, "csrfmiddlewaretoken": self.token})


def bytes_of(site: Site, path: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    line.request("GET", path, headers={"Accept-Encoding": "br"})
    response = line.getresponse()
    assert response.status == 200, f"{path} answered {response.status}"
    return len(response.read())


def measure_approving(site: Site, moderator: Moderator, waiting: dict[str, list[Comment]]) -> None:
    found: dict[str, list[float]] = {name: [] for name in waiting}
    for comments in waiting.values():
        for _ in range(WARM_UP):
            moderator.approve(comments.pop(0))
    for _ in range(ROUNDS // AT_ONCE):
        for name, comments in waiting.items():
            before = cpu_of(site.server.pid)
            for _ in range(AT_ONCE):
                moderator.approve(comments.pop(0))
            found[name].append(1000 * (cpu_of(site.server.pid) - before) / AT_ONCE)
    short = statistics.mean(found["flat"])
    for name, times in found.items():
        print(f"  approve one more, {name:<20}{statistics.mean(times):>9.1f} ms", end="")
        print(f"{statistics.mean(times) / short:>8.2f}")


def main() -> None:
    call_command("migrate", verbosity=0)
    fill_essays(4)
    names = ["flat", "wide", "deep"]
    *posts, full = Post.objects.order_by("pk")[:4]
    for name, post in zip(names, posts, strict=True):
        fill(post, name, SHORT if name == "flat" else LONG + 1, "approved")
        ThreadPage.objects.refresh(post)
        fill(post, name, WARM_UP + ROUNDS, "pending")
    fill(full, "flat", ThreadPage.COMMENTS, "approved")
    ThreadPage.objects.refresh(full)
    waiting = {
        name: list(post.comments.pending().order_by("pk"))
        for name, post in zip(names, posts, strict=True)
    }
    site = Site(FOLDER)
    site.start("--no-worker", "--workers", "1")
    moderator = Moderator(site)
    connection.close()
    print(f"a thread of {LONG:,} replies to one comment (wide), and a chain (deep):")
    most = bytes_of(site, full.get_absolute_url())
    print(f"  essay with {ThreadPage.COMMENTS} comments{most:>20,} bytes, brotli")
    for name, post in list(zip(names, posts, strict=True))[1:]:
        url, last = post.get_absolute_url(), -(-(LONG + 1) // ThreadPage.COMMENTS)
        pages = {"essay": url, "middle": f"{url}comments/{last // 2}/"}
        pages["last full page"] = f"{url}comments/{last - 1}/"
        for which, path in pages.items():
            size = bytes_of(site, path)
            print(f"  {name}, {which:<24}{size:>15,} bytes{size / most:>8.2f}")
    measure_approving(site, moderator, waiting)
    site.stop(signal.SIGTERM)
    assert not Comment.objects.pending().exists()


if __name__ == "__main__":
    main()
