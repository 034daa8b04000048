"""What an essay with very many notes costs, beside the same essay with fifty.

Run by `make bench`; `notes.py 1000` takes another number than 10,000. Bytes are those of the page
in brotli and of its text alone; CPU is this process's, for a page that is not kept: as readers get
it, as the writer of a waiting note gets it, and for approving one note more.
"""

import statistics
import sys
import time

from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import timezone
from posting import FOLDER, WORDS, fill_essays  # sets Django up, on a folder of its own

from blog.posts.models import Post
from comments import browser
from comments.models import Comment, ThreadPage

FEW, MANY = 50, int(sys.argv[1]) if sys.argv[1:] else 10_000
ROUNDS = 40
SENTENCES, IN_PARAGRAPH = 240, 4


def sentence(number: int) -> str:
    return " ".join(WORDS[number * 12 : number * 12 + 12]).capitalize() + f" number {number}."


def essay(title: str, notes: int) -> Post:
    """Make an essay with so many notes on its sentences, and with their thread."""
    lines = [sentence(number) for number in range(SENTENCES)]
    parts = [lines[at : at + IN_PARAGRAPH] for at in range(0, SENTENCES, IN_PARAGRAPH)]
    author = Post.objects.first().author
    post = Post(title=title, author=author, published_at=timezone.now())
    post.body = "\n\n".join(" ".join(part) for part in parts)
    post.save()
    first = (Comment.objects.order_by("pk").values_list("pk", flat=True).last() or 0) + 1
    rows = []
    for number in range(first, first + notes):
        text = f"Note {number} says: {' '.join(WORDS[number % 9000 : number % 9000 + 25])}."
        row = Comment(pk=number, post=post, name=f"Reader {number}", body=text, status="approved")
        row.body_html, row.passage = f"<p>{text}</p>", lines[number % SENTENCES]
        rows.append(row)
    Comment.objects.bulk_create(rows, batch_size=500)
    ThreadPage.objects.refresh(post)
    return Post.objects.get(pk=post.pk)


def cpu(call, *given) -> float:
    begun = time.process_time()
    call(*given)
    return (time.process_time() - begun) * 1000


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    setup_test_environment()
    fill_essays(1)
    posts = [essay("Few", FEW), essay("Many", MANY)]
    found: dict[str, list[list[float]]] = {}
    readers = []
    for post in posts:
        own = Comment(post=post, name="Own", body=f"Own of {post.title}.", status="pending")
        own.passage, own.browser = sentence(7), browser.new_key()
        own.save()
        readers.append((post, Client(), writer_of(own)))
    sizes = []
    for post, reader, _writer in readers:
        page = reader.get(post.get_absolute_url(), headers={"accept-encoding": "br"})
        sizes.append((len(page.content), len(reader.get(post.get_absolute_url()).content)))
    for at in range(ROUNDS):
        for number, (post, reader, writer) in enumerate(readers):
            url = post.get_absolute_url()
            found.setdefault("page", [[], []])[number].append(cpu(reader.get, url))
            found.setdefault("writer's page", [[], []])[number].append(cpu(writer.get, url))
            if at % 4 == 0:
                new = Comment(post=post, name="New", body=f"New {at}.", status="pending")
                new.passage = sentence(at)
                new.save()
                found.setdefault("approving", [[], []])[number].append(cpu(new.approve))
    print(f"{FEW} notes beside {MANY:,}, SQLite, {FOLDER}")
    for what, (few, many) in zip(("brotli", "plain"), zip(*sizes, strict=True), strict=True):
        print(f"  bytes, {what:<9}{few:>9,}{many:>9,}  {many / few:.2f} times")
    for what, (few, many) in found.items():
        one, other = statistics.median(few), statistics.median(many)
        print(f"  ms, {what:<13}{one:>8.2f}{other:>9.2f}  {other / one:.2f} times")


def writer_of(own: Comment) -> Client:
    """Return the browser that wrote a comment."""
    client = Client()
    request = client.get("/").wsgi_request
    response = client.get("/robots.txt")
    browser.remember(request, response, own)
    client.cookies.update(response.cookies)
    return client


main()
