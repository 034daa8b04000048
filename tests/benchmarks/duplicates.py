"""How well and how fast the same thing said again is recognised, on real comments.

Run by `make bench`. 200 comments of a real blog are changed in the ways people, their keyboards
and their phones change a text; then every comment is held against all others, to count false
alarms. Needs the trial data beside this checkout, and says so without it.
"""

import json
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from comments.text.comparing import nearest
from comments.text.duplicates import compared
from comments.text.fingerprints import fingerprint, identity

SOURCE = ROOT.parent / "shared" / "data" / "comments" / "made-mistakes-comments.jsonl"
SAMPLE, SEED = 200, 20261123
WRITER = identity("Lou Barba", "lou@example.org")

Change = Callable[[str, random.Random], str]


def no_pause(seconds: float) -> None:
    """Wait for nobody, where nothing else runs."""


def read(path: Path = SOURCE) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["message"] for line in lines]


def sample(messages: list[str]) -> list[int]:
    return sorted(random.Random(SEED).sample(range(len(messages)), SAMPLE))


def spaced(text: str, rng: random.Random) -> str:
    gaps = ["  ", "\u00a0", " \u2009", "\t", "\n"]
    words = [word for word in re.split(r"[ ]+", text) if word]
    return " " + "".join(word + rng.choice(gaps) for word in words)


def curly(text: str, rng: random.Random) -> str:
    text = re.sub(r'"(?=\w)', "“", text).replace('"', "”")
    return text.replace("'", "’")


def straight(text: str, rng: random.Random) -> str:
    return text.translate(str.maketrans("‘’“”", "''\"\""))


def dashed(text: str, rng: random.Random) -> str:
    return re.sub("[-–—]", lambda match: {"-": "–", "–": "-", "—": "-"}[match[0]], text)


def dotted(text: str, rng: random.Random) -> str:
    return text.replace("…", "...") if "…" in text else text.replace("...", "…")


def invisible(text: str, rng: random.Random) -> str:
    for _ in range(1 + len(text) // 20):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice("\u200b\u200c\u200d\u2060\ufeff\u00ad") + text[at:]
    return text


def trailing_dropped(text: str, rng: random.Random) -> str:
    return re.sub(r"(?<=\w)[\s.!…,;]+$", "", text)


def trailing_added(text: str, rng: random.Random) -> str:
    return text + rng.choice(["!", "!!!", ".", "...", " !", "…"])


def emphasised(text: str, rng: random.Random) -> str:
    mark = rng.choice(["*", "**", "_", "__", "~~", "`"])
    words = text.split(" ")
    plain = [at for at, word in enumerate(words) if word.isalnum()]
    for at in rng.sample(plain, min(len(plain), 3)):
        words[at] = f"{mark}{words[at]}{mark}"
    return rng.choice(["", "> ", "## "]) + " ".join(words)


def mistyped(percent: int) -> Change:
    """Change that many of a hundred characters, at least one: wrong, missing, extra or swapped."""

    def change(text: str, rng: random.Random) -> str:
        letters = list(text)
        for _ in range(max(1, round(len(text) * percent / 100))):
            at = rng.randrange(len(letters))
            other = rng.choice("abcdefghijklmnopqrstuvwxyz")
            kind = rng.randrange(4)
            if kind == 0:
                letters[at] = other
            elif kind == 1 and len(letters) > 1:
                del letters[at]
            elif kind == 2:
                letters.insert(at, other)
            else:
                letters[at : at + 2] = letters[at : at + 2][::-1]
        return "".join(letters)

    return change


def linked(text: str, rng: random.Random) -> str:
    link = rng.choice(
        [
            "https://cheap-sketchbooks.example/offers?ref=4411",
            "http://example.org",
            "[my page](https://www.example.com/2026/a-longer-page/)",
            "www.example.net/shop",
        ]
    )
    words = text.split(" ")
    at = rng.choice([0, len(words), rng.randrange(len(words) + 1)])
    return " ".join([*words[:at], link, *words[at:]])


def swapped(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    for _ in range(1 + len(words) // 50):
        if len(words) > 1:
            at = rng.randrange(len(words) - 1)
            words[at : at + 2] = words[at : at + 2][::-1]
    return " ".join(words)


def cut(text: str, rng: random.Random) -> str:
    return text[: round(len(text) * (1 - rng.uniform(0.1, 0.2)))]


def opened(text: str, rng: random.Random) -> str:
    return rng.choice(["Hi Michael, ", "Hello! ", "Dear Mr. Rose, "]) + text


SAME: dict[str, Change] = {
    "upper case": lambda text, rng: text.upper(),
    "odd spacing": spaced,
    "curly quotes": curly,
    "straight quotes": straight,
    "other dashes": dashed,
    "other ellipses": dotted,
    "zero-width inserted": invisible,
    "trailing marks dropped": trailing_dropped,
    "trailing marks added": trailing_added,
    "Markdown emphasis": emphasised,
}
NEAR: dict[str, Change] = {
    "typos, 1 %": mistyped(1),
    "typos, 3 %": mistyped(3),
    "typos, 5 %": mistyped(5),
    "link added": linked,
    "words swapped": swapped,
    "tail cut, 10-20 %": cut,
    "opening added": opened,
}


def corrected(text: str, rng: random.Random) -> str:
    """Return a text with a sign that carries meaning put in, changed or taken away."""
    changes = [
        (r"(?<=\w)\.(?=\s|$)", "?"),
        (r"(?<=\w)!(?=\s|$)", "?"),
        (r"(?<=\s)(?=\d)", "-"),
        (r"(?<=\d)(?=\s|$)", " %"),
        (r"(?<=\d)\.(?=\d)", ""),
        (r":\)", ":("),
        (r"(?<=\s)(?=\d)", "±"),
        (r"(?<=\w)'(?=\w)", ""),
        (r"(?<=\w),(?=\s)", ""),
        (r"[()]", ""),
        (r"(?<=\s)(?=\w)", "*"),
        (r"$", " 👎"),
    ]
    fitting = [(find, put) for find, put in changes[:-1] if re.search(find, text)] or changes[-1:]
    find, put = rng.choice(fitting)
    places = list(re.finditer(find, text))
    at = rng.choice(places)
    return text[: at.start()] + put + text[at.end() :]


def taken_for_repeats(messages: list[str]) -> float:
    """Return how many of a hundred corrections the fingerprint takes for the same again."""
    rng = random.Random(SEED)
    same = [
        fingerprint(WRITER, None, corrected(messages[at], rng))
        == fingerprint(WRITER, None, messages[at])
        for at in sample(messages)
    ]
    return 100 * sum(same) / SAMPLE


def near_though_quoting(messages: list[str]) -> float:
    """Return how many of a hundred answers that quote a whole comment are near to that."""
    others = list(enumerate(map(compared, messages)))
    rng = random.Random(SEED)
    near = 0
    for at in sample(messages):
        quoted = "\n".join(f"> {line}" for line in messages[at].splitlines())
        answer = messages[rng.choice([n for n in range(len(messages)) if n != at])]
        found = nearest(f"{quoted}\n\n{answer}", others, pause=no_pause)
        near += found.key == at
    return 100 * near / SAMPLE


def found_by_fingerprint(messages: list[str]) -> dict[str, float]:
    """Return for each harmless change in how many of a hundred the fingerprint is the same."""
    shares = {}
    for name, change in SAME.items():
        rng = random.Random(SEED)
        hits = 0
        for at in sample(messages):
            changed = change(messages[at], rng)
            hits += fingerprint(WRITER, None, changed) == fingerprint(WRITER, None, messages[at])
        shares[name] = 100 * hits / SAMPLE
    return shares


def held_as_near(messages: list[str], *, by_writer: bool) -> dict[str, float]:
    """Return for each change how many of a hundred lead to the comment that was changed.

    Every text is held against all comments of the file. `by_writer` says whether the changed
    comment is known to be the same writer's; if not, a courtesy is not to be found, so every
    miss below THRESHOLDS' first length is meant.
    """
    others = list(enumerate(map(compared, messages)))
    shares = {}
    for name, change in NEAR.items():
        rng = random.Random(SEED)
        hits = 0
        for at in sample(messages):
            found = nearest(
                change(messages[at], rng), others, own={at} if by_writer else (), pause=no_pause
            )
            hits += found.key is not None and others[found.key][1] == others[at][1]
        shares[name] = 100 * hits / SAMPLE
    return shares


def false_alarms(messages: list[str]) -> list[tuple[float, str, str]]:
    """Return the different comments that count as near to another: how alike, and both."""
    texts = [compared(message) for message in messages]
    alarms = []
    for at, message in enumerate(messages):
        # Its last 1,000 others: going round, because the file has fewer than 1,001.
        others = [(n, texts[n]) for n in range(len(texts)) if n != at][-1000:]
        found = nearest(message, others, pause=no_pause)
        if found.key is not None:
            alarms.append((found.likeness, message, messages[found.key]))
    return sorted(alarms, reverse=True)


def microseconds(messages: list[str], size: int) -> tuple[float, float]:
    """Return the median and 99th percentile of CPU time for one check against `size` comments."""
    rng = random.Random(SEED)
    # Made of real ones, each with its words in another order: as long, and none like another.
    others = []
    for key in range(size):
        words = compared(messages[key % len(messages)]).split()
        rng.shuffle(words)
        others.append((key, " ".join(words)))
    times = []
    for at in sample(messages):
        start = time.process_time()
        nearest(messages[at], others, pause=no_pause)
        times.append(1_000_000 * (time.process_time() - start))
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def longest(stored: int = 3000) -> tuple[float, bool]:
    """Return the CPU milliseconds of one check of the longest text, and if all were compared."""
    rng = random.Random(SEED)
    texts = ["".join(rng.choices("abcdefghijklmnopqrst   ", k=65_000)) for _ in range(21)]
    others = [(key, compared(texts[key % 20])) for key in range(stored)]
    start = time.thread_time()
    found = nearest(texts[20], others, pause=no_pause)
    return 1000 * (time.thread_time() - start), found.complete


def main() -> None:
    if not SOURCE.is_file():
        print("Duplicates are measured on trial data, which is not beside this checkout.")
        return
    messages = read()
    print(f"{SAMPLE} of {len(messages)} comments, changed; found of 100")
    print(f"{'by the fingerprint':<32}")
    for name, share in found_by_fingerprint(messages).items():
        print(f"  {name:<30}{share:>8.1f}")
    print(f"  {'corrections taken for repeats':<30}{taken_for_repeats(messages):>8.1f}")
    quoting = near_though_quoting(messages)
    print(f"  {'near to what they only quote':<30}{quoting:>8.1f}")
    by_writer = held_as_near(messages, by_writer=True)
    by_other = held_as_near(messages, by_writer=False)
    print(f"{'as near':<32}{'same writer':>14}{'another':>10}")
    for name in NEAR:
        print(f"  {name:<30}{by_writer[name]:>14.1f}{by_other[name]:>10.1f}")
    overall = statistics.mean(by_writer.values()), statistics.mean(by_other.values())
    print(f"  {'overall':<30}{overall[0]:>14.1f}{overall[1]:>10.1f}")
    alarms = false_alarms(messages)
    print(f"different comments held: {len(alarms)} of {len(messages)}")
    for likeness, one, other in alarms:
        print(f"  {likeness:5.1f} % {one[:60]!r} {other[:60]!r}")
    for size in (1000, 5000):
        median, slowest = microseconds(messages, size)
        print(f"one check against {size:,}: {median:,.0f} µs, 99th percentile {slowest:,.0f} µs")
    taken, complete = longest()
    rest = "all compared" if complete else "the rest left to a person"
    print(f"65,000 characters against 3,000 such: {taken:.0f} ms, {rest}")


if __name__ == "__main__":
    main()
