"""Which essay here an address was: by its path, old and new, whatever the blog was called.

What answers old addresses on the site answers them here too (blog/posts/moved.py), but drafts and
withdrawn essays are found as well: comments on them wait with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.db.models import Q

from blog.lib.base_path import unbased
from blog.posts.models import OldAddress, Post
from blog.posts.moved import asked_for, moved_to
from blog.transfer.old_site import host_of, key_of, split

_INDEX = re.compile(r"(?:\A|/)(?:index\.(?:html?|php)|default\.html?)\Z", re.IGNORECASE)
_ENDS = ("index.html", "index.htm", "index.php")
_SCHEME = re.compile(r"\A(?:https?:)?/{2,}", re.IGNORECASE)
# Machines that everybody calls so: what was said there was a trial, unless a person names them.
_LOCAL = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]|0\.0\.0\.0)(?::[0-9]*)?\Z")
_IN_ORIGIN = re.compile(r"\A[a-z0-9_-]{1,30}:(?:https?://)?([^/:\s]+\.[^/:\s]+?)(?:[/:]|\Z)")
LONGEST = 500


def hosts_known() -> set[str]:
    """Return the hosts that this site has, and those of the blogs that were brought here."""
    hosts = {as_compared(urlsplit(str(settings.SITE_URL)).netloc)}
    brought = Post.objects.filter(Q(origin__isnull=False) | Q(feed_id__startswith="http"))
    for origin, feed_id in brought.values_list("origin", "feed_id").iterator(chunk_size=1000):
        if found := _IN_ORIGIN.match(origin or ""):
            hosts.add(as_compared(found[1]))
        if origin and feed_id.startswith(("http://", "https://")):
            hosts.add(as_compared(split(feed_id).netloc))
    return {host for host in hosts if host and not _LOCAL.match(host)}


def as_compared(netloc: str) -> str:
    """Return a host as it is compared: as `host_of`, in the letters that the network knows."""
    host = host_of(netloc)
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def parts_of(address: str) -> tuple[str, str, str]:
    """Return host, path and query of an address, as they are compared; host "" where it has none.

    The path has no slashes at its ends, no percent signs and no `index.html`.
    """
    address = address.strip()
    if "://" not in address and re.match(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/", address):
        address = f"//{address}"  # as some programs keep it: example.org/page/
    address = _SCHEME.sub("//", address)
    parts = split(address)
    path = _INDEX.sub("", key_of(parts.path)).strip("/")
    return as_compared(parts.netloc), path, parts.query


# How a table names an address: host, path and query as compared, or alone the name of a page.
Key = tuple[str, ...]


class Finder:
    """Finds the essays of addresses. `hosts` count beside those that are known.

    `table` leads from addresses, as a person wrote them, to essays (old_table.py).
    """

    def __init__(self, hosts: Iterable[str] = (), table: dict[Key, int] | None = None) -> None:
        self.hosts = hosts_known() | {as_compared(split(_whole(host)).netloc) for host in hosts}
        self.table = {self._plain(key): post for key, post in (table or {}).items()}
        self.known: dict[tuple[str, str], int | None] = {}

    def find(self, addresses: Iterable[str], *, exactly: bool = False) -> int | None:
        """Return the key of the essay that one of the addresses is; the first that is one counts.

        `exactly` leaves out what only a rule would lead on.
        """
        for address in addresses:
            if (post := self._in_table(address)) is not None:
                return post
            host, path, query = parts_of(address)
            if host and host not in self.hosts:
                continue
            key = (path, query if not path else "")
            if key not in self.known:
                if len(self.known) >= 5000:
                    self.known.clear()
                self.known[key] = post_at(path, query, exactly=exactly)
            if (found := self.known[key]) is not None:
                return found
        return None

    def other_host(self, address: str) -> str:
        """Return the host of an address, "" where it is this blog's or it has none."""
        host = parts_of(address)[0]
        return "" if host in self.hosts else host

    def _in_table(self, address: str) -> int | None:
        if not self.table:
            return None
        host, path, query = self._plain(parts_of(address))
        keys: tuple[Key, ...] = ((address.strip(),), (host, path, query), (host, path, ""))
        return next((self.table[key] for key in keys if key in self.table), None)

    def _plain(self, key: Key) -> Key:
        """Return a key without its host if that is the blog's own."""
        return ("", *key[1:]) if len(key) > 1 and key[0] in self.hosts else key


def post_at(path: str, query: str = "", *, exactly: bool = False) -> int | None:
    """Return the key of the essay at a path here, or that was there once; None for none."""
    if not f"{path}{query}".isprintable() or len(path) > LONGEST:
        return None
    below = unbased(f"/{path}").strip("/")
    if below != path and (found := post_at(below, query, exactly=exactly)) is not None:
        return found
    if not path:
        return _asked_for(query) if query else None
    post = Post.objects.filter(path=path).values_list("pk", flat=True).first()
    old = OldAddress.objects.filter(path__in=[path, *(f"{path}/{end}" for end in _ENDS)])
    post = post or old.values_list("post", flat=True).first()
    if post or exactly:
        return post
    return _at(moved_to(f"/{path}/"))


def _asked_for(query: str) -> int | None:
    """Return the essay that a query of the front page asks for, as `?p=12`."""
    asked = dict(parse_qsl(query[:2000], max_num_fields=50)) if query.count("&") < 50 else {}
    for name in ("p", "page_id"):
        if asked.get(name, "").isdecimal():
            old = OldAddress.objects.filter(path=f"?p={asked[name][:20]}")
            if post := old.values_list("post", flat=True).first():
                return post
    return _at(asked_for(asked))


def _at(place: str | None) -> int | None:
    """Return the essay at an address that the site sends its readers to."""
    path = key_of(split(place or "").path)
    return Post.objects.filter(path=path).values_list("pk", flat=True).first() if path else None


def _whole(host: str) -> str:
    return host if "//" in host else f"//{host}"
