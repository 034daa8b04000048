"""Measure an import from WordPress, or of comments alone: CPU for a comment, and the most memory.

    DATA_DIR=load python tests/benchmarks/importing.py 5000 100000
    DATA_DIR=load python tests/benchmarks/importing.py 5000 100000 disqus

It makes an export of so many essays and comments of real words, imports it into an empty SQLite
database, and prints what that took. The comments are those of `made-mistakes-comments.jsonl`. For
comments alone the essays are brought before.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
WORDS = ROOT.parent / "shared" / "data" / "comments" / "made-mistakes-comments.jsonl"


def said():
    """Return real comments, as WordPress would have them."""
    texts = [json.loads(line) for line in WORDS.read_text().splitlines()]
    return [next(str(each[key]) for key in ("message", "body", "text") if key in each)
            for each in texts]  # fmt: skip


def write_export(path, essays, comments):
    from wordpress_exports import export_xml, item_xml, numbered  # noqa: PLC0415

    chance, words = random.Random(7), said()
    whole = export_xml("\0")
    head, tail = whole.split("\0")
    number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for essay in range(1, essays + 1):
            share = comments * essay // essays - comments * (essay - 1) // essays
            rows = []
            for place in range(share):
                number += 1
                text = f"{chance.choice(words)} {number}"
                row = {"comment_id": str(number), "comment_content": text}
                row |= {"comment_author": f"Reader {number % 5000}", "comment_author_email": ""}
                if place and chance.random() < 0.4:
                    row["comment_parent"] = str(number - chance.randint(1, place))
                rows.append(row)
            file.write(
                item_xml(
                    *rows,
                    title=f"Essay {essay}",
                    post_id=str(essay),
                    guid=f"http://old.example/?p={essay}",
                    link=f"http://old.example/e{essay}/",
                    post_name=f"e{essay}",
                    content="<p>" + escape(chance.choice(words)) + "</p>",
                )
            )
        file.write(tail)
    return numbered


def write_disqus(path, essays, comments):
    """Write threads, and their posts in any order, each perhaps before the one it answers."""
    chance, words = random.Random(7), said()
    numbers = list(range(1, comments + 1))
    chance.shuffle(numbers)
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="utf-8"?><disqus xmlns="http://disqus.com"'
            ' xmlns:dsq="http://disqus.com/disqus-internals">'
        )
        for essay in range(1, essays + 1):
            link = f"<link>http://old.example/e{essay}/</link>"
            file.write(f'<thread dsq:id="{essay}"><id />{link}<isClosed>false</isClosed></thread>')
        for number in numbers:
            essay = 1 + (number - 1) * essays // comments
            before = number - 1 - chance.randrange(20)
            same = before > 0 and 1 + (before - 1) * essays // comments == essay
            text = escape(f"{chance.choice(words)} {number}")
            file.write(
                f'<post dsq:id="{number}"><id /><message>{escape(f"<p>{text}</p>")}</message>'
                f"<createdAt>2019-05-{1 + number * 28 // (comments + 1):02}T12:00:00Z</createdAt>"
                "<isDeleted>false</isDeleted><isSpam>false</isSpam><author>"
                f"<name>Reader {number % 5000}</name><isAnonymous>true</isAnonymous></author>"
                f'<thread dsq:id="{essay}" />'
                + (f'<parent dsq:id="{before}" />' if same and number % 5 < 2 else "")
                + "</post>\n"
            )
        file.write("</disqus>")


def measured(act, comments):
    begun, cpu = time.monotonic(), time.process_time()
    report = act()
    spent, took = time.process_time() - cpu, time.monotonic() - begun
    print(report.added, "notes:", {heading: len(lines) for heading, lines in report.notes.items()})
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = spent / comments * 1000
    print(f"{spent:.1f} s of CPU, {took:.1f} s, {each:.2f} ms of CPU a comment, {most:.0f} MiB")


def main(essays, comments, system=""):
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from blog.transfer.discussions.bringing import import_discussion  # noqa: PLC0415
    from blog.transfer.discussions.disqus import Disqus  # noqa: PLC0415
    from blog.transfer.wordpress import import_wordpress  # noqa: PLC0415

    folder = Path(os.environ["DATA_DIR"])
    if system == "essays":  # in a process of its own, whose memory does not count
        call_command("migrate", verbosity=0)
        write_export(folder / "load.xml", essays, 0)
        import_wordpress(folder / "load.xml")
    elif system:
        subprocess.run([sys.executable, __file__, str(essays), "0", "essays"], check=True)
        write_disqus(folder / "comments.xml", essays, comments)
        for _again in range(2):
            measured(lambda: import_discussion(Disqus(folder / "comments.xml")), comments)
    else:
        call_command("migrate", verbosity=0)
        write_export(folder / "load.xml", essays, comments)
        measured(lambda: import_wordpress(folder / "load.xml"), comments)


if __name__ == "__main__":
    numbers = map(int, [each for each in sys.argv[1:] if each.isdecimal()])
    main(*numbers, *[each for each in sys.argv[1:] if not each.isdecimal()])
