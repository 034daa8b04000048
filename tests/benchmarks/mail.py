"""What mail costs: a posting with and without it, and mails a second by one thread of a worker.

Run by `make bench`. The mail server is on this machine and answers at once, so the second figure
is what writing, sending and noting a mail takes here.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="postil-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import django

django.setup()

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone
from smtp_server import mail_server

from blog.jobs.models import Job
from blog.posts.models import Post
from comments import tasks
from comments.models import Comment, MailAddress, Subscription

MAILS, POSTINGS = 500, 200


def posting(post: Post, name: str) -> float:
    """Return the median milliseconds that storing a comment takes."""
    took = []
    for number in range(POSTINGS):
        began = time.perf_counter()
        with transaction.atomic():
            new = Comment(post=post, name=name, body=f"{name} {number}.", email="lou@example.org")
            new.save()
            tasks.received(new, notify=True)
        took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took)


def sending(post: Post) -> float:
    """Return how many mails a second one thread sends."""
    asked = Comment.objects.create(post=post, name="Lou", body="Quince.", status="approved")
    now = timezone.now()
    for number in range(MAILS):
        address = MailAddress.objects.create(email=f"r{number}@example.org", confirmed_at=now)
        Subscription.objects.create(address=address, comment=asked, confirmed_at=now)
    reply = Comment.objects.create(post=post, name="A", body="So.", status="approved", parent=asked)
    Job.objects.all().delete()
    tasks.announce.func(reply.pk)
    began = time.perf_counter()
    while job := Job.objects.claim("bench", timezone.now()):
        job.perform(timezone.now)
    return MAILS / (time.perf_counter() - began)


def main() -> None:
    call_command("migrate", verbosity=0)
    author = get_user_model().objects.create_user("bench")
    post = Post(title="On margins", body="Room.", author=author, published_at=timezone.now())
    post.save()
    with mail_server() as server:
        backend = settings.EMAIL_BACKEND.replace("console", "smtp")
        where = {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": server.port}
        without = posting(post, "Without")
        with override_settings(MAIL_IS_SET_UP=True, **where):
            print(f"storing a comment: {without:.1f} ms without mail, ", end="")
            print(f"{posting(post, 'With'):.1f} ms where its writer wants replies")
            print(f"{sending(post):.0f} mails a second by one thread")


if __name__ == "__main__":
    main()
