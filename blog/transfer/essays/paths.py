"""Addresses of an old blog as paths, in the one form in which they are kept and compared."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit


def path_of(address: str) -> str:
    """Return the path of an address as old addresses are kept: without host, query, end slashes."""
    try:
        path = urlsplit(address).path if "://" in address[:10] else re.split(r"[?#]", address)[0]
    except ValueError:
        return ""
    path = unquote(path).strip("/")
    path = unicodedata.normalize("NFC", re.sub("/{2,}", "/", path))
    # A folder's index is the folder's own address.
    path = re.sub(r"(?:^|/)index\.html?$", "", path)
    return path if path.isprintable() else ""


def relative_to(address: str, other: str) -> str:
    """Return a path as from the site's root, where it was said from the folder of another's."""
    if address.startswith("/") or "://" in address:
        return address
    folder = other.rstrip("/").rpartition("/")[0]
    return f"{folder}/{address}"
