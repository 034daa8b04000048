"""Sounds and films, served in pieces (RFC 9110, section 14): a player reads on as it plays.

A piece has 1 MB at most, so an answer takes little memory and its reader's pace keeps no thread; a
player asks for the next. A whole file that is asked for at once is read and sent piece by piece.
"""

import re

from django.core.files.storage import default_storage
from django.http import HttpResponse, StreamingHttpResponse

# Bytes that are read and sent at a time.
PIECE = 1 << 20
# One range; of several, the whole file may be sent (section 14.2).
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Streamed(StreamingHttpResponse):
    """A body that is sent as it is read: the server gives it a thread that does nothing else."""

    is_streamed = True


def answer(request, name, content_type):
    """Return the answer with a file, or with the range of it that is asked for.

    Raises FileNotFoundError, and OSError while the storage is away.
    """
    size = size_of(name)
    asked = range_of(request, name)
    if asked is None:
        response = Streamed(pieces(name, size)) if request.method == "GET" else HttpResponse()
        response.headers["Content-Length"] = str(size)
    elif (found := within(asked, size)) is None:
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
    else:
        start, end = found
        response = HttpResponse(read(name, start, end), status=206)
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response.headers["Content-Type"] = content_type
    response.headers["Accept-Ranges"] = "bytes"
    return response


def range_of(request, name):
    """Return the two ends of the range that is asked for, as text; None for the whole file."""
    found = RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or found is None or not (found[1] or found[2]):
        return None
    # Of another file, the whole is wanted (section 13.1.5). Ours have tags and no dates.
    if request.headers.get("If-Range", f'"{name}"') != f'"{name}"':
        return None
    return found[1], found[2]


def within(asked, size):
    """Return where the piece begins and ends; None where the file has nothing there."""
    first, last = asked
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    return (start, min(end, start + PIECE)) if start < end else None


def pieces(name, size):
    for start in range(0, size, PIECE):
        yield read(name, start, min(size, start + PIECE))


def size_of(name):
    return default_storage.size(name)


def read(name, start, end):
    """Return this part of a file."""
    if hasattr(default_storage, "read_range"):
        return default_storage.read_range(name, start, end)
    with default_storage.open(name) as file:
        file.seek(start)
        return file.read(end - start)
