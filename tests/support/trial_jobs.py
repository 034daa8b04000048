"""Jobs for the tests, of a module that real workers import too: tests/support/ is on their path."""

import os
import time
from pathlib import Path

from django_tasks import task


def write(path, *words):
    with Path(path).open("a") as file:
        file.write(" ".join(map(str, words)) + "\n")


@task()
def note(path, number, seconds=0):
    """Write that it starts, work so long, and write that it ended."""
    write(path, "start", number, os.getpid())
    time.sleep(seconds)
    write(path, "end", number, os.getpid())


@task()
def meet(path, number):
    """Do the same, and end once another process has started one as well."""
    write(path, "start", number, os.getpid())
    while len({line.split()[2] for line in Path(path).read_text().splitlines()}) < 2:
        time.sleep(0.02)
    write(path, "end", number, os.getpid())


@task()
def two_seconds(path, number):
    note.func(path, number, 2)


@task()
def until_told(path, number):
    """Run until a file appears."""
    write(path, "start", number, os.getpid())
    while not Path(path).with_suffix(".go").exists():
        time.sleep(0.1)


@task()
def fail():
    raise ConnectionRefusedError("lou@example.org is not at home")


@task(takes_context=True)
def which_attempt(context):
    return context.attempt
