"""Comments with their moderators' decisions, and the filter tried on them, without a database.

Read from the trial data beside this checkout; see its README for where each file is from.
"""

import csv
import html
import json
import random
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from comments.text.comparing import nearest
from comments.text.duplicates import compared
from comments.text.spam import FEWEST, Trial, features, increments_of, score

FILE_ABOVE = 98  # what COMMENT_SPAM_ABOVE is by default


class Decided(NamedTuple):
    text: str
    name: str
    spam: bool
    repeat: bool = False

    @property
    def tokens(self) -> list[str]:
        return tokens_of(self)


@cache
def tokens_of(one: Decided) -> list[str]:
    return features(one.text, one.name, repeat=one.repeat)


class Learned:
    """The counts the site keeps in its database, in a dict."""

    def __init__(self, decisions: Iterable[Decided]) -> None:
        self.counts: dict[str, tuple[int, int]] = {}
        for one in decisions:
            for token, times in increments_of(one.tokens).items():
                spam, ham = self.counts.get(token, (0, 0))
                self.counts[token] = (spam + times * one.spam, ham + times * (not one.spam))

    def tried_on(self, decisions: Iterable[Decided], fewest: int = FEWEST) -> Trial:
        trial = Trial(FILE_ABOVE)
        for one in decisions:
            found = score(one.tokens, self.counts, fewest)
            trial.add(found.points if found else 0, one.spam)
        return trial


def youtube(folder: Path, name: str) -> list[Decided]:
    """Return one file of the YouTube collection in the order of time, each comment once."""
    with (folder / "spam" / f"youtube-{name}.csv").open(encoding="utf-8") as lines:
        rows = {row["COMMENT_ID"]: row for row in csv.DictReader(lines)}
    rows = sorted(rows.values(), key=lambda row: row["DATE"])
    return with_repeats(
        Decided(as_typed(row["CONTENT"]), row["AUTHOR"], row["CLASS"] == "1") for row in rows
    )


def with_repeats(decisions: Iterable[Decided]) -> list[Decided]:
    """Return them with what the site would have noticed: which say nearly what came before."""
    said: list[tuple[int, str]] = []
    writers: dict[str, set[int]] = {}
    marked = []
    for number, one in enumerate(decisions):
        own = writers.setdefault(one.name.casefold(), set())
        # Without a time limit, as nobody is waiting.
        found = nearest(one.text, said, own, clock=lambda: 0.0, pause=lambda seconds: None)
        marked.append(one._replace(repeat=found.key is not None))
        said.append((number, compared(one.text)))
        own.add(number)
    return marked


def as_typed(text: str) -> str:
    """Return what someone typed, from the HTML YouTube made of it."""
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = re.sub(r"</?[a-zA-Z][^>]*>", " ", text)
    return html.unescape(text).replace("\ufeff", "").strip()


def django_cast(folder: Path) -> list[Decided]:
    """Return the decisions of a German blog's moderator in the order of time."""
    rows = json.loads((folder / "spam" / "django-cast-comments-half.json").read_text("utf-8"))
    return with_repeats(
        Decided(row["comment"], row["name"], not row["is_public"] or row["is_removed"])
        for row in rows
    )


def sms(folder: Path) -> list[Decided]:
    lines = (folder / "spam" / "sms-spam-collection.tsv").read_text("utf-8").splitlines()[1:]
    rows = (line.split("\t", 1) for line in lines)
    return [Decided(text, "", label == "spam") for label, text in rows]


def real(folder: Path) -> list[Decided]:
    """Return the comments of a real blog, without spam, in random order."""
    path = folder / "comments" / "made-mistakes-comments.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    comments = [Decided(row["message"], row.get("name") or "", False) for row in rows]
    random.Random(20261123).shuffle(comments)
    return comments


def halves(decisions: list[Decided]) -> tuple[list[Decided], list[Decided]]:
    middle = len(decisions) // 2
    return decisions[:middle], decisions[middle:]
