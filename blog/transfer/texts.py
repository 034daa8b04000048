"""The texts of one import on the disk, found again by a number: memory holds none of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings


class Texts:
    """A file without a name, so nothing is left of it by a killed import."""

    def __init__(self) -> None:
        folder = Path(settings.DATA_DIR)  # /tmp may be in memory
        place = folder if folder.is_dir() else None
        self._file = tempfile.TemporaryFile(dir=place)  # noqa: SIM115 - closed below

    def add(self, text: str) -> int:
        """Keep a text; return the number by which `read` finds it."""
        data = text.encode("utf-8", "surrogatepass")
        number = self._file.seek(0, 2)
        self._file.write(len(data).to_bytes(8, "big") + data)
        return number

    def read(self, number: int) -> str:
        self._file.seek(number)
        size = int.from_bytes(self._file.read(8), "big")
        return self._file.read(size).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        self._file.close()

    def __del__(self) -> None:
        self.close()
