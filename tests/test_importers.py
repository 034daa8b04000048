"""The list of importers names each kind, and costs a process nothing until one is run."""

import subprocess
import sys

from blog.transfer.folders.importing import kinds
from blog.transfer.importers import FOLDERS

# What reads other people's HTML: a sixth of the time of a start, and memory for as long.
COSTLY = {"bs4", "markdownify", "yaml"}


def test_every_kind_of_folder_is_listed():
    assert {*FOLDERS} == {*kinds()}


def test_no_process_loads_what_only_importers_need():
    said = "import django; django.setup(); import blog.urls, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert not COSTLY & {*done.stdout.split()}
