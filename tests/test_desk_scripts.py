"""How large the desk's scripts are, and whose they are."""

import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "static" / "js"
# Bytes, minified, before compression.
MOST = 60_000


def smaller(source):
    """Return about what a minifier leaves that keeps all names: no comments and no spaces."""
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    source = re.sub(r"(?:^|(?<=\s))//\s.*$", "", source, flags=re.MULTILINE)
    return re.sub(r"\s*([{}()=+,;:<>?&|!])\s*", r"\1", re.sub(r"\s+", " ", source))


def test_scripts_of_the_desk_stay_small():
    files = [*SCRIPTS.glob("desk/*.js"), *SCRIPTS.glob("vendor/*.js")]
    assert len(files) > 10
    sizes = {path.name: len(smaller(path.read_text()).encode()) for path in files}
    print(sizes, sum(sizes.values()))
    assert sum(sizes.values()) <= MOST


@pytest.mark.parametrize("path", [*SCRIPTS.glob("vendor/*.js")], ids=lambda path: path.name)
def test_scripts_of_others_name_version_and_licence(path):
    head = path.read_text().partition("*/")[0]
    assert re.search(r"\d+\.\d+\.\d+", head)
    assert "Permission" in head
