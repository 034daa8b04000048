"""Files of an old blog fetched from it, where its owner asks for that: slowly, and each once.

They are kept in a folder of this site until that is deleted, so one that was killed goes on where
it was. Fetching is done by the one door to the network, which calls public addresses only.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.media.files import written_aside
from blog.net.fetch import FetchError, fetch
from blog.net.response import Response

from .media_folder import parts_of
from .old_site import OldSite, host_of, split
from .report import Report

# Of one file: bytes, all of which are in memory, and seconds.
LARGEST, DEADLINE = 32 * 2**20, 60.0
# Files of one run, and failures one after another after which the old blog is left alone.
MOST_FILES, MOST_FAILURES = 50_000, 20
_AS_IS = "%/:@!$&'()*+,;=~"


class Fetching:
    """Fetches the files of one blog into a folder."""

    def __init__(self, folder: Path, door: Callable[..., Response] = fetch) -> None:
        self.folder, self.door = folder, door
        self.files = self.failures = 0
        self.tried: set[Path] = set()

    def for_site(
        self, site: OldSite, report: Report, *, dry_run: bool
    ) -> Callable[[str], Path | None]:
        """Return what gets a file by its address without a host; None where it cannot."""

        def get(address: str) -> Path | None:
            address = address.partition("?")[0].partition("#")[0]
            place = self.place_of(site, address)
            if place is None or place.is_file():
                return place
            if place in self.tried:
                return None
            self.tried.add(place)
            if dry_run:
                report.note(_("Files that would be fetched"), address)
                return None
            if self.files >= MOST_FILES or self.failures >= MOST_FAILURES:
                return None
            return self._fetched(urljoin(site.url, quote(address, safe=_AS_IS)), place, report)

        return get

    def place_of(self, site: OldSite, address: str) -> Path | None:
        """Return where a file is kept; None if it is not the address of a file."""
        parts = parts_of(unquote(address).lstrip("/"))
        host = host_of(split(site.url).netloc)
        if not parts or not host or "\0" in address or not posixpath.splitext(parts[-1])[1]:
            return None
        if any(len(part.encode("utf-8", "replace")) > 200 for part in parts):
            return None
        return self.folder.joinpath(host.replace(":", "_"), *parts)

    def _fetched(self, url: str, place: Path, report: Report) -> Path | None:
        self.files += 1
        try:
            answer = self.door(url, accept="*/*", limit=LARGEST, deadline=DEADLINE)
            if answer.status != 200:
                raise FetchError(
                    "protocol", _("It answers %(status)d.") % {"status": answer.status}
                )
            if answer.truncated:
                raise FetchError("too-large", _("It is too large to be fetched."))
        except FetchError as error:
            self.failures += error.kind in {"unreachable", "timeout", "refused"}
            report.note(_("Files that could not be fetched"), labelled(url, error))
            return None
        self.failures = 0
        try:
            with written_aside(place, self.folder) as file:
                file.write(answer.body)
        except OSError as error:
            report.note(_("Files that could not be fetched"), labelled(url, error.strerror))
            return None
        return place
