"""A file in the storage is there whole or not at all."""

import io

import pytest
from django.core.files.storage import default_storage

from blog.media.files import HALF, put, put_file

NAME = "f" * 32 + "-9x9.png"


class BrokenOff(io.BytesIO):
    """A file of which the disk gives the first half."""

    def read(self, size=-1):
        if self.tell():
            raise OSError("It broke off.")
        return super().read(4)


@pytest.mark.parametrize("before", [[], [b"whole"]], ids=["new", "there"])
def test_file_that_breaks_off_leaves_what_was_there(settings, tmp_path, before):
    settings.MEDIA_ROOT = tmp_path
    for content in before:
        put(NAME, content)
    with pytest.raises(OSError, match="broke off"):
        put_file(NAME, BrokenOff(b"half of it"))
    kept = [path.read_bytes() for path in tmp_path.glob(NAME)]
    assert kept == before
    assert default_storage.listdir(HALF) == ([], [])
