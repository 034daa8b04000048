"""The Markdown of an export, built by the programs that it is written for."""

import shutil
import subprocess

import pytest
import whole_site

pytestmark = [
    pytest.mark.xdist_group("export"),
    pytest.mark.long("builds the export with Debian's hugo and jekyll"),
]
PUBLIC = "2026/01/über-ränder 2026/11/room-in-the-margin about impressum"
HIDDEN = "zurückgezogen ein-entwurf später weggeworfen read-the-errata-first"


@pytest.fixture(scope="module")
def exported(django_db_blocker):
    with django_db_blocker.unblock():
        return whole_site.export()


def build(exported, folder, settings, command):
    """Build it as docs/move-in-folders.md says."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}: apt-get install {command[0]}")
    shutil.copytree(exported, folder)
    for name, text in settings.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def looked_at(pages):
    found = {str(path.parent.relative_to(pages)) for path in pages.rglob("index.html")}
    whole = "\n".join(path.read_text() for path in pages.rglob("index.html"))
    assert "Room for a note, room to think." in whole
    assert "{% y %} {{ z }}" in whole
    return found


def holds(found):
    names = {path.rpartition("/")[2] for path in found}
    assert not {*HIDDEN.split()} & names
    assert {*PUBLIC.split()} <= found


def test_hugo_builds_it_at_the_same_addresses(exported, tmp_path):
    settings = {
        "config.toml": 'baseURL = "https://example.org/"\n',
        "layouts/_default/single.html": "{{ .Content }}",
        "layouts/_default/list.html": "{{ range .Pages }}{{ .Title }}{{ end }}",
    }
    build(exported, tmp_path / "hugo", settings, ["hugo"])
    holds(looked_at(tmp_path / "hugo" / "public"))


def test_jekyll_builds_it_at_the_same_addresses(exported, tmp_path):
    settings = {"_config.yml": "title: Margins\nexclude: ['*.json', wordpress.xml]\n"}
    build(exported, tmp_path / "jekyll", settings, ["jekyll", "build"])
    holds(looked_at(tmp_path / "jekyll" / "_site"))
