"""How well the filter learns, from how few decisions, and what scoring and learning cost.

Run by `make bench`. It learns from one half of the decisions and is tried on the other. Needs the
trial data beside this checkout, and says so without it. Times are this process's own CPU time, the
median of many, so that a busy machine hardly moves them; SQLite's work is in them.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="postil-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import django

django.setup()

from benchmarks.decisions import FILE_ABOVE, Decided, Learned, django_cast, halves, real, sms
from benchmarks.decisions import youtube as read_youtube
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from blog.posts.models import Post
from comments.models import Comment
from comments.models.filter_counts import FilterToken, learn, tokens_of
from comments.screening.assess import weigh
from comments.text.spam import ALL, EVERY, Trial, key_of

DATA = ROOT.parent / "shared" / "data"
CURVE, DRAWS = (10, 50, 100, 400), 20
TABLE, ROUNDS = 200_000, 200


def say(name: str, trial: Trial) -> None:
    print(
        f"{name:<44}{trial.accuracy:>9.3f}{trial.precision:>10.3f}{trial.recall:>8.3f}"
        f"{trial.f1:>7.3f}{trial.filed_wrongly:>13.1%}"
    )


def shuffled(decisions: list[Decided]) -> list[Decided]:
    return random.Random(20261123).sample(decisions, len(decisions))


def drawn(decisions: list[Decided], count: int, rng: random.Random) -> list[Decided]:
    """Return a random choice of decisions, half of them spam if there are enough."""
    spam = [one for one in decisions if one.spam]
    ham = [one for one in decisions if not one.spam]
    fewer = min(count // 2, len(spam), len(ham))
    of_spam = min(len(spam), count - fewer) if len(ham) < count // 2 else count // 2
    of_ham = min(len(ham), count - of_spam)
    return rng.sample(spam, min(of_spam, len(spam))) + rng.sample(ham, of_ham)


def curve(name: str, lessons: list[Decided], tries: list[Decided]) -> None:
    rng = random.Random(20261123)
    line = ""
    for count in CURVE:
        some = [drawn(lessons, count, rng) for _ in range(DRAWS)]
        found = [Learned(one).tried_on(tries, fewest=1).accuracy for one in some]
        line += f"{statistics.mean(found):>9.3f}" + ("" if len(some[0]) == count else "*")
    print(f"{name:<44}{line}")


def accuracy() -> None:
    psy, eminem = read_youtube(DATA, "01-psy"), read_youtube(DATA, "04-eminem")
    earlier, later = halves(django_cast(DATA))
    pairs = [
        ("YouTube: learned from Psy, tried on Eminem", psy, eminem),
        ("YouTube: learned from Eminem, tried on Psy", eminem, psy),
        ("YouTube: half and half of Psy, by chance", *halves(shuffled(psy))),
        ("YouTube: half and half of Eminem, by chance", *halves(shuffled(eminem))),
        ("django-cast: earlier half, later half", earlier, later),
        ("SMS: half and half, by chance", *halves(shuffled(sms(DATA)))),
    ]
    print(f"{'':<44} accuracy precision  recall     F1  filed wrongly")
    for name, lessons, tries in pairs:
        say(name, Learned(lessons).tried_on(tries))
    print(f"\nReal comments of a blog, none of them spam (points above {FILE_ABOVE} are filed)")
    print(f"{'':<44}     held        filed")
    known, new = halves(real(DATA))
    for name, lessons, tries in [
        ("learned from half of them and Psy", psy + known, new),
        ("learned from half of them and Eminem", eminem + known, new),
        ("learned from half of them and django-cast", earlier + known, new),
        ("learned from Psy alone", psy, known + new),
        ("learned from Eminem alone", eminem, known + new),
        ("learned from django-cast alone", earlier + later, known + new),
    ]:
        trial = Learned(lessons).tried_on(tries)
        print(f"{name:<44}{trial.held:>9}{trial.filed:>6} of {trial.count}")
    print(f"\nAccuracy after so many decisions, the mean of {DRAWS} draws; below 20 of each kind")
    print("the filter would say nothing; * all there are")
    print(f"{'':<44}{''.join(f'{count:>9}' for count in CURVE)}")
    for name, lessons, tries in pairs:
        curve(name, lessons, tries[:1000])


def rows() -> None:
    """Print how many rows the counts take, as decisions of every source come in."""
    mixed = shuffled([*real(DATA), *sms(DATA), *django_cast(DATA)])
    seen: set[str] = set()
    print("\nRows in the table of counts")
    for number, one in enumerate(mixed, 1):
        seen.update(one.tokens)
        if number in (500, 1000, 2000, 4000) or number == len(mixed):
            print(f"{number:>6,} decisions{len(seen):>12,}")


def speed() -> None:
    call_command("migrate", verbosity=0)
    essays = (DATA / "essays" / "bacon-essays.json").read_text("utf-8")
    messages = [Comment(body=one.text, name=one.name) for one in real(DATA)[:ROUNDS]]
    long = [Comment(body=essays[n * 900 :][:5000], name="Lou Barba") for n in range(ROUNDS)]
    # Every token of these comments is known, which costs most; the rest fill the table.
    tokens = {token for comment in messages + long for token in tokens_of(comment)}
    tokens.update(f"word {number}" for number in range(TABLE - len(tokens)))
    counts = dict.fromkeys(tokens, 1) | {EVERY: 900, ALL: 60_000}
    FilterToken.objects.bulk_create(
        FilterToken(key=key_of(token), spam=count, ham=2 * count) for token, count in counts.items()
    )
    print(f"\nScoring on {connection.vendor}, {TABLE:,} tokens known{'median':>17}{'95 %':>11}")
    for name, comments in (("real comments", messages), ("5,000 characters, the longest", long)):
        for comment in comments:
            weigh(comment)
        times = []
        for comment in comments:
            start = time.process_time()
            weigh(comment)
            times.append(1000 * (time.process_time() - start))
        middle, most = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{name:<44}{middle:>8.2f} ms{most:>8.2f} ms")
    author = get_user_model().objects.create_user("bench")
    post = Post(title="Bench", body="Bench.", author=author, published_at=timezone.now())
    post.save()
    times = []
    for comment in messages:
        comment.post, comment.status = post, Comment.Status.APPROVED
        comment.save(refresh=False)
        start = time.process_time()
        learn(comment)
        times.append(1000 * (time.process_time() - start))
    print(f"{'learning a real comment':<44}{statistics.median(times):>8.2f} ms")


def main() -> None:
    if not DATA.is_dir():
        print("The filter's trial needs the trial data, which is not beside this checkout.")
        return
    accuracy()
    rows()
    speed()


if __name__ == "__main__":
    main()
