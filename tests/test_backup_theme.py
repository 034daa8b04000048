"""A theme goes into backups and comes back with them."""

import pytest
from backups import manifest_of, migrated, output_of, remade, site_in

from blog.web.theme import files

pytestmark = pytest.mark.usefixtures("migrated")

__all__ = ["migrated"]  # a fixture

FILES = {
    "templates/base.html": b'{% extends "base.html" %}',
    "templates/broken.html": b"\xff\xfe {% ",
    "static/fonts/mine.woff2": b"wOF2\x00\x01",
}


def put(folder, content=FILES):
    for name, what in content.items():
        path = folder / "theme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(what)


def inside(folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def kept(tmp_path, django_db_blocker):
    """A backup of a site with a theme, and with links out of it."""
    with django_db_blocker.unblock(), site_in(tmp_path / "there", migrated=True) as there:
        put(there)
        (tmp_path / "secret").write_text("not for a backup")
        (there / "theme/static/secret").symlink_to(tmp_path / "secret")
        output_of("backup", tmp_path / "kept")
    yield next((tmp_path / "kept").iterdir())
    files.forget()


def test_theme_comes_back_with_a_backup(kept, tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), site_in(tmp_path / "here") as here:
        assert "is in" not in output_of("restore", kept)
        assert inside(here / "theme") == FILES


def test_theme_that_was_here_is_kept_aside(kept, tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), site_in(tmp_path / "here") as here:
        put(here, {"templates/404.html": b"another"})
        said = output_of("restore", kept)
        (aside,) = here.glob("theme-before-*")
        assert f"The theme that was here is in {aside} now." in said
        assert inside(aside) == {"templates/404.html": b"another"}
        assert inside(here / "theme") == FILES


def test_backup_without_a_theme_leaves_the_one_here(kept, tmp_path, django_db_blocker):
    def without(members, about):
        for name in list(members):
            if name.startswith("theme/"):
                del members[name], about["members"][name]

    bare = remade(kept, tmp_path / "bare.zip", without)
    with django_db_blocker.unblock(), site_in(tmp_path / "here") as here:
        put(here)
        output_of("restore", bare)
        assert inside(here / "theme") == FILES


def test_earlier_versions_refuse_only_what_has_a_theme(kept, tmp_path, django_db_blocker):
    assert manifest_of(kept)["format"] == 2
    with django_db_blocker.unblock(), site_in(tmp_path / "plain", migrated=True):
        output_of("backup", tmp_path / "others")
    assert manifest_of(next((tmp_path / "others").iterdir()))["format"] == 1
