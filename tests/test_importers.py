"""The list of importers names each kind, and costs a process nothing until one is run."""

from types import SimpleNamespace

import prepared
import pytest

from blog.transfer.folders.importing import kinds
from blog.transfer.importers import FOLDERS

# What reads other people's HTML: a sixth of the time of a start, and memory for as long.
COSTLY = {"bs4", "markdownify", "yaml"}


def test_every_kind_of_folder_is_listed():
    assert {*FOLDERS} == {*kinds()}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """What a command's process is like once it has loaded everything."""
    said = "import blog.urls, gc, sys; print(gc.isenabled(), gc.get_freeze_count(), *sys.modules)"
    site = prepared.migrated(tmp_path_factory.mktemp("started"))
    of, kept, *modules = site.shell(said).split()
    site.close_shell()
    return SimpleNamespace(collects=of == "True", kept=int(kept), modules={*modules})


def test_no_process_loads_what_only_importers_need(started):
    assert not COSTLY & started.modules


def test_memory_is_collected_but_not_what_a_start_loads(started):
    assert started.collects
    assert started.kept > 100_000
