"""Files of TypePad, which have one address for every size and none that says what they are."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path

from blog.transfer.media_folder import MediaFolder

_ASSET = re.compile(r"/\.a/(6a[0-9a-f]{8,60})(?:-[a-z0-9]{1,12})?(?:/[^/?#]{0,200})?(?:[?#]|\Z)")
MOST_FILES = 200_000


def is_of_typepad(address: str) -> bool:
    return bool(_ASSET.search(address[:2000]))


class TypePadFolder(MediaFolder):
    """A folder of files, in which one of TypePad's is found by its number, whatever its size."""

    def find(self, address: str, beside: Path | None = None) -> Path | None:
        if found := super().find(address, beside):
            return found
        asset = _ASSET.search(address[:2000])
        return self._by_number.get(asset[1]) if asset else None

    @cached_property
    def _by_number(self) -> dict[str, Path]:
        """The largest file of each number."""
        found: dict[str, Path] = {}
        count = 0
        for folder, folders, names in os.walk(self.root):
            folders.sort()
            for name in sorted(names):
                count += 1
                number = re.match("6a[0-9a-f]{8,60}", name)
                path = Path(folder) / name
                if count > MOST_FILES or not number or not self._is_inside(path):
                    continue
                known = found.get(number[0])
                if known is None or path.stat().st_size > known.stat().st_size:
                    found[number[0]] = path
        return found
