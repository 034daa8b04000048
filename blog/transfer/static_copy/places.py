"""Under which file an address is found: `/x/` is x/index.html, as every file server has it."""

import re
import unicodedata
from hashlib import blake2b
from urllib.parse import quote, unquote

from blog.lib.base_path import based

# Bytes of a part of a path that are kept of one that is too long: file systems stop at 255.
LONGEST, KEPT = 240, 200
# No file can be called so, or no list of files could hold it.
_NEVER = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
INDEX = "index.html"
# What is read as a page without a folder of its own.
PAGE = re.compile(r"\.html?$", re.IGNORECASE)


def place_of(address):
    """Return the file of an address, from the copy's folder; None if there can be no such file."""
    path = unquote(based(address))
    parts = path.split("/")[1:]
    *folders, name = parts
    if _NEVER.search(path) or any(part in ("", ".", "..") for part in folders):
        return None
    if name in (".", ".."):
        return None
    return "/".join(map(shortened, [*folders, name or INDEX]))


def shortened(part):
    """Return a part of a path as every file system takes it, still one's own."""
    written = part.encode()
    if len(written) <= LONGEST:
        return part
    start = written[:KEPT].decode(errors="ignore")
    dot = part.rfind(".")
    ending = part[dot:] if 0 < len(part) - dot <= 6 else ""
    return f"{start}-{blake2b(written, digest_size=6).hexdigest()}{ending}"


def short_address(address):
    """Return an address as it is in the copy, where a part of it is longer than a file's name."""
    path, mark, rest = re.fullmatch("([^?#]*)([?#]?)(.*)", address, re.DOTALL).groups()
    parts = [unquote(part) for part in path.split("/")]
    if all(len(part.encode()) <= LONGEST for part in parts):
        return address
    return "/".join(quote(shortened(part)) for part in parts) + mark + rest


def folded(place):
    """Return what the names of two files have in common that some file systems take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", place).casefold())


def number_of(place):
    """Return a number for a file's place: of many files, much smaller than their places."""
    return int.from_bytes(blake2b(place.encode(), digest_size=8).digest())
