"""What moderating costs with 100,000 comments: the queue, a search, 500 approved at once.

Run by `make bench`. Milliseconds are this process's own CPU time for one request through every
middleware, the median of several.
"""

import statistics
import time
from functools import partial

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from posting import THREAD, fill_comments, fill_essays  # sets Django up, on a folder of its own

from blog.posts.models import Post
from comments.admin.shown import carried
from comments.models import Comment

SIZE = 100_000
ROUNDS = 9
AT_ONCE = 500
LIST = "/admin/comments/comment/"


def measure(name, ask, rounds=ROUNDS):
    times = []
    for _ in range(rounds):
        with CaptureQueriesContext(connection) as queries:
            start = time.process_time()
            response = ask()
            times.append(1000 * (time.process_time() - start))
        assert response.status_code in (200, 302), f"{name}: {response.status_code}"
    print(f"{name:<40}{statistics.median(times):>8.0f} ms{len(queries):>10}")


def decide(client, verb, comments):
    return client.post(LIST, comments | {"action": verb})


def main():
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    fill_essays(SIZE // THREAD)
    fill_comments(SIZE)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.create_superuser("mo"))
    client.get(LIST)  # once, for what is kept per process
    print(f"{f'moderating, {SIZE:,} comments':<40}{'CPU':>11}{'queries':>10}")
    measure("the queue, 50 rows", lambda: client.get(LIST))
    measure("its last page", lambda: client.get(f"{LIST}?p=20"))
    measure("spam, campaigns folded", lambda: client.get(f"{LIST}?status=spam"))
    measure("search for a word", lambda: client.get(f"{LIST}?q=margin"))
    measure("search for an address", lambda: client.get(f"{LIST}?q=reader777@example.org"))
    from_one = f"{LIST}?from=email:reader7@example.org"
    measure("everything from an address", lambda: client.get(from_one))
    for count, essays in ((1, 1), (AT_ONCE, 1), (AT_ONCE, 20), (AT_ONCE, AT_ONCE)):
        chosen = waiting(count, essays)
        name = f"approve {count} under {essays} essay{'s' if essays > 1 else ''}"
        measure(name, partial(decide, client, "approve", chosen), rounds=1)

    chosen = waiting(AT_ONCE, AT_ONCE)
    measure(f"file {AT_ONCE} as spam", partial(decide, client, "mark_spam", chosen), rounds=1)


def waiting(count, essays):
    """Return the form that selects waiting comments, spread over several essays."""
    chosen = list(Comment.objects.pending().order_by("-pk")[:count])
    posts = list(Post.objects.order_by("-pk")[:essays])
    for at, comment in enumerate(chosen):
        Comment.objects.filter(pk=comment.pk).update(
            post=posts[at % essays], parent=None, root=None, created_at=timezone.now()
        )
    # As the page of the queue sends them: folded into one row.
    chosen = list(Comment.objects.filter(pk__in=[comment.pk for comment in chosen]))
    first = chosen[0].pk
    return {"folded": "1", "_selected_action": [first], f"shown-{first}": carried(chosen)}


if __name__ == "__main__":
    main()
