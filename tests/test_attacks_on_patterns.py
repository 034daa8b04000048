"""No regular expression that meets input can be made slow (ReDoS, CWE-1333).

Each is found in the code with the way it is used, and run that way on what makes backtracking
long: marks repeated, then something that does not fit. Four times the text may take about four
times as long.
"""

import ast
import importlib
import re
import signal
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.urls import get_resolver
from inputs import every

ROOT = Path(__file__).resolve().parent.parent
WAYS = {"match", "fullmatch", "search", "sub", "subn", "finditer", "findall", "split"}
PUMPS = [
    "a", "0", " ", "-", "[", "<", "\\", '"', "a ", "(", "*", "_", "`", "/", "a/", "a-", "a.",
    "<a ", "](", "\n", " \n", "> ", "1.", "|", ":", 'a="b" ', "&#", "<!--", "[^", "a@", "é,",
    "http://", "%2",
]  # fmt: skip
# Characters of the first try; patterns that take less than QUICK seconds are not tried with more.
SIZE, QUICK = 2_000, 0.001
# Seconds below which a clock says little.
SHORT = 0.005

# Seconds after which a pattern is given up.
LONGEST = 20

MOST = 8  # times as long for four times the text; a square is 16


def modules():
    for path in [*ROOT.glob("blog/**/*.py"), *ROOT.glob("comments/**/*.py")]:
        if "migrations" not in path.parts and path.name not in ("wsgi.py", "settings.py"):
            yield path, ".".join(path.relative_to(ROOT).with_suffix("").parts)


def used():
    """Return every pattern with the ways it is used in, by a name for people."""
    found = {}
    for path, name in modules():
        module = importlib.import_module(name.removesuffix(".__init__"))
        if not any(isinstance(each, re.Pattern) or each is re for each in vars(module).values()):
            continue  # before its source is read, which takes long
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if (way := node.func.attr) not in WAYS:
                continue
            owner = ast.unparse(node.func.value)
            if owner == "re":
                if isinstance(node.args[0], ast.Constant):
                    pattern = re.compile(node.args[0].value)
                    found[f"{name}:{node.lineno} {way}"] = (pattern, way)
            elif isinstance(pattern := getattr(module, owner, None), re.Pattern):
                found[f"{name}.{owner} {way}"] = (pattern, way)
    return found


def addresses():
    """Return the patterns of our own addresses, as Django matches them."""
    found = {}

    def walk(resolver):
        for entry in resolver.url_patterns:
            if hasattr(entry, "url_patterns"):
                if getattr(entry, "app_name", "") != "admin":
                    walk(entry)
            elif isinstance(expression := getattr(entry.pattern, "regex", None), re.Pattern):
                found[f"address {entry.pattern}"] = (expression, "search")

    walk(get_resolver())
    return found


@cache
def patterns():
    return used() | addresses()


def seconds(pattern, way, text):
    if isinstance(pattern.pattern, bytes):
        text = text.encode()
    run = getattr(pattern, way)
    with no_longer_than(LONGEST):
        began = time.thread_time()
        if way in ("sub", "subn"):
            run(text[:0], text)
        elif way == "finditer":
            for _found in run(text):
                pass
        else:
            run(text)
        return time.thread_time() - began


def least(pattern, way, text, enough=0):
    """Return the seconds of the quickest of three tries, for the machine may be busy.

    The tries end with one that took less than `enough`.
    """
    quickest = seconds(pattern, way, text)
    for _again in range(2):
        if quickest >= enough:
            quickest = min(quickest, seconds(pattern, way, text))
    return quickest


@contextmanager
def no_longer_than(seconds):
    """Break off what would take for ever: a pattern looks for signals while it matches."""

    def over(*_given):
        raise AssertionError(f"It takes more than {seconds} s.")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def test_there_are_patterns_to_try():
    assert len(patterns()) > 60


@every("name", lambda: sorted(patterns()))
def test_four_times_the_text_takes_four_times_as_long(name):
    pattern, way = patterns()[name]
    for pump in PUMPS:
        texts = [pump * (SIZE * times // len(pump)) + "\x00!" for times in (1, 2, 8)]
        if least(pattern, way, texts[0], QUICK) < QUICK:
            continue
        short = least(pattern, way, texts[1])
        long = least(pattern, way, texts[2], MOST * short)
        assert long < MOST * short or long < SHORT, f"{pump!r}: {short:.3f} s, then {long:.3f}"
