"""The addresses of a blog that moves here: which are its own, and how they are written here.

An address of its own is stored without a host, so that nothing stored depends on what this site or
the old one is called.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from blog.lib.base_path import is_below, unbased

# WordPress's proxy of pictures: the host is the first part of the path.
_PROXY = re.compile(r"i[0-9]\.wp\.com")
_IN_UPLOADS = re.compile(r"/wp-content/|/files/[0-9]{4}/|/wp-includes/images/")
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|heic|svg|bmp|tiff?|ico|pdf|docx?|xlsx?|pptx?|odt|ods|odp|epub|zip"
    r"|gz|txt|csv|mp3|m4a|ogg|oga|opus|wav|wma|flac|mp4|m4v|webm|ogv|mov|avi|wmv|flv|mpe?g)\Z",
    re.IGNORECASE,
)


def split(address: str) -> SplitResult:
    """`urlsplit` that returns an empty address instead of raising an error."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return urlsplit("")


def host_of(netloc: str) -> str:
    """Return a host as it is compared: without `www.`, a name, a port that says nothing."""
    host = netloc.rpartition("@")[2].lower().rstrip(".")
    return host.removesuffix(":80").removesuffix(":443").removeprefix("www.")


def key_of(path: str) -> str:
    """Return a path as it is compared: one form of letters, no percent signs or outer slashes."""
    return unicodedata.normalize("NFC", unquote(path)).strip("/")


class OldSite:
    """A blog by its address and all hosts it was read at. `base` is its folder there, or ""."""

    def __init__(self, url: str, hosts: Iterable[str] = ()) -> None:
        parts = split(url)
        self.url = url
        self.base = parts.path.rstrip("/")
        self.host = host_of(parts.netloc)
        self.here = host_of(split(str(settings.SITE_URL)).netloc)
        own = {self.host, *map(host_of, hosts), self.here}
        # Files of blogs at WordPress.com have a host of their own.
        files = {
            host.replace(".wordpress.com", ".files.wordpress.com")
            for host in own
            if host.endswith(".wordpress.com")
        }
        self.hosts = (own | files) - {""}

    def own(self, address: str) -> str | None:
        """Return an address of the blog without its host; None for any other address."""
        parts = split(address)
        if parts.scheme not in {"", "http", "https"}:
            return None
        host, path = host_of(parts.netloc), parts.path
        if _PROXY.fullmatch(host):
            host, _slash, path = path.lstrip("/").partition("/")
            parts, host, path = parts._replace(query=""), host_of(host), f"/{path}"
        if not host:
            return address.strip() if path.startswith("/") else self._query(parts)
        if host not in self.hosts:
            return None
        if host != self.host and host == self.here and not is_below(path):
            return None  # of the site around this one
        if self.base and host == self.host and not self._is_below(path) and not is_upload(path):
            return None
        query = f"?{parts.query}" if parts.query else ""
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        path = path if host == self.host else unbased(path)
        return f"{path or '/'}{query}{fragment}"

    def _is_below(self, path: str) -> bool:
        return f"{path}/".startswith(f"{self.base}/")

    def _query(self, parts: SplitResult) -> str | None:
        """Return `?p=7`, which relative links can be, below the front page."""
        is_short = not parts.path and re.match(r"(?:p|page_id|attachment_id)=\d", parts.query)
        return f"/?{parts.query}" if is_short else None


def is_upload(path: str) -> bool:
    return _IN_UPLOADS.search(path) is not None


def is_file(path: str) -> bool:
    """Return whether an address of the blog is that of a file, by how it ends."""
    plain = unquote(path.partition("?")[0].partition("#")[0])
    return _FILE.search(plain) is not None
