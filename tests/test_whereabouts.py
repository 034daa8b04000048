"""Where an installed program keeps its data, and where a checkout does."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from blog.lib import whereabouts
from blog.lib.whereabouts import users_folder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """The program as a wheel has it, run in a folder by somebody with a home."""
    monkeypatch.setattr(whereabouts, "IS_CHECKOUT", False)
    for name in ("DATA_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/lou")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("given", "platform", "folder"),
    [
        ({"HOME": "/home/lou"}, "linux", "/home/lou/.local/share"),
        ({"HOME": "/home/lou", "XDG_DATA_HOME": "/srv/lou"}, "linux", "/srv/lou"),
        ({"HOME": "/home/lou", "XDG_DATA_HOME": "lou"}, "linux", "/home/lou/.local/share"),
        ({"HOME": "", "XDG_DATA_HOME": "/srv/lou"}, "freebsd14", "/srv/lou"),
        ({"HOME": "/Users/lou"}, "darwin", "/Users/lou/Library/Application Support"),
        ({"HOME": "/Users/lou", "XDG_DATA_HOME": "/x"}, "darwin",
         "/Users/lou/Library/Application Support"),
    ],
)  # fmt: skip
def test_data_is_in_the_users_data_folder(given, platform, folder):
    assert users_folder(given, platform) == Path(folder)


@pytest.mark.parametrize("home", ["", "/", "lou"])
def test_without_a_home_a_sentence_says_what_to_set(home):
    with pytest.raises(ImproperlyConfigured, match="Set DATA_DIR to a folder"):
        users_folder({"HOME": home}, "linux")


def test_home_that_nobody_knows_is_said(monkeypatch):
    def unknown():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(whereabouts.Path, "home", unknown)
    with pytest.raises(ImproperlyConfigured, match="Set DATA_DIR to a folder"):
        users_folder({}, "linux")


def test_data_of_a_checkout_is_in_it():
    assert whereabouts.data_folder() == ROOT / "var"
    assert whereabouts.settings_file() == ROOT / ".env"
    assert whereabouts.folder("mine") == ROOT / "mine"


@pytest.mark.usefixtures("installed")
def test_installed_program_keeps_data_apart_from_itself(tmp_path):
    assert whereabouts.data_folder() == Path("/home/lou/.local/share/postil")
    assert whereabouts.settings_file() == Path("/home/lou/.local/share/postil/.env")
    assert whereabouts.folder("mine") == tmp_path / "mine"
    assert whereabouts.folder("/srv/mine") == Path("/srv/mine")


@pytest.mark.usefixtures("installed")
def test_settings_are_read_beside_the_data(monkeypatch):
    monkeypatch.setenv("DATA_DIR", "/srv/mine")
    assert whereabouts.settings_file() == Path("/srv/mine/.env")


@pytest.mark.usefixtures("installed")
def test_extra_is_named_as_it_is_installed():
    assert "'postil[s3]'" in whereabouts.to_install("boto3", "s3")
