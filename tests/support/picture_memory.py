"""Prints what reading a picture takes: MiB above what the process had, seconds, what comes out.

A process of its own, in an empty folder: python picture_memory.py FILE
"""

import re
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File

sys.path.insert(0, str(Path(__file__).parents[2]))
from blog.media.pictures.preparing import prepare


def kib(what):
    return int(re.search(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def measure(path):
    settings.configure(DATA_DIR=path.parent, USE_I18N=False)
    idle, start = kib("VmRSS"), time.monotonic()
    try:
        with path.open("rb") as file:
            found = prepare(File(file, path.name)).name[32:]
    except ValidationError as error:
        found = error.messages[0]
    taken = (kib("VmHWM") - idle) // 1024
    print(taken, f"{time.monotonic() - start:.1f}", found, sep="\t")


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
