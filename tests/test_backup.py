"""What a backup holds, and what happens when making one fails."""

import json
import os
import shutil
import stat
import zipfile
from datetime import timedelta

import backups
import pytest
from backups import (
    SECRETS,
    empty_site,
    made,
    migrated,
    output_of,
    restored,
    restored_once,
)
from django.utils import timezone

import blog
from blog.jobs.models import Sign
from blog.transfer import backup, places, tables

__all__ = ["empty_site", "made", "migrated", "restored", "restored_once"]  # fixtures

# In one process, which makes the site they share once.
pytestmark = pytest.mark.xdist_group("backups")


def members(path):
    with zipfile.ZipFile(path) as made:
        return {info.filename: made.read(info) for info in made.infolist()}


# --- What is in it --------------------------------------------------------------------------


def test_backup_holds_no_secret_and_no_session(made):
    inside = members(made)
    everything = b"".join(inside.values())
    assert b"not-for-anyone" not in everything
    assert b"hush" not in everything
    assert "tables/django_session.jsonl" not in inside
    settings = inside["settings.env"].decode()
    assert "\n#SECRET_KEY=\n" in settings
    assert "\n#EMAIL_URL=\n" in settings


def test_backup_time_is_recorded_and_not_restored(restored, tmp_path):
    assert not Sign.objects.exists()
    output_of("backup", tmp_path / "kept")
    assert Sign.objects.ages(timezone.now())[Sign.BACKUP] < timedelta(minutes=1)


def test_settings_are_read_back_unchanged(made, tmp_path, monkeypatch):
    import environ  # noqa: PLC0415

    monkeypatch.delenv("SITE_TITLE", raising=False)
    (tmp_path / "env").write_bytes(members(made)["settings.env"])
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(environ.Env, "ENVIRON", {})
    environ.Env.read_env(str(tmp_path / "env"))
    assert environ.Env.ENVIRON["SITE_TITLE"] == SECRETS["SITE_TITLE"]


def test_only_the_owner_can_read_a_backup(made):
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_manifest_names_version_and_database(made):
    about = backups.manifest_of(made)
    assert (about["postil"], about["database"]) == (blog.__version__, "sqlite")
    assert ["comments", "0001_initial"] in about["migrations"]
    assert about["members"]["tables/posts_post.jsonl"]["rows"] == 9


def test_only_old_backups_are_deleted(restored, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    for year in (2021, 2022, 2023):
        (there / f"postil-{year}-01-01T00-00-00Z.zip").write_text("old")
        (there / f"before-upgrade-{year}-01-01T00-00-00Z.zip").write_text("another kind")
    (there / "postil-of-mine.zip").write_text("mine")
    assert "Deleted 2 older ones." in output_of("backup", there, keep=2)
    left = sorted(path.name for path in there.iterdir())
    assert [name for name in left if name.startswith("before")] == [
        f"before-upgrade-{year}-01-01T00-00-00Z.zip" for year in (2021, 2022, 2023)
    ]
    assert "postil-2023-01-01T00-00-00Z.zip" in left
    assert len([name for name in left if name.startswith("postil-2")]) == 2
    assert "postil-of-mine.zip" in left


def test_failed_backup_leaves_and_deletes_nothing(restored, tmp_path, monkeypatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    there = tmp_path / "there"
    there.mkdir()
    (there / "postil-2021-01-01T00-00-00Z.zip").write_text("old")
    monkeypatch.setattr(backup, "settings_without_secrets", full)
    said = output_of("backup", there, keep=1)
    assert said == "The backup could not be made: No space left on device."
    assert [path.name for path in there.iterdir()] == ["postil-2021-01-01T00-00-00Z.zip"]


def test_a_folder_that_cannot_be_used_is_named(restored, tmp_path):
    (tmp_path / "file").write_text("in the way")
    said = output_of("backup", tmp_path / "file")
    assert said.startswith(f"{tmp_path / 'file'} cannot be used for backups: ")


def test_backup_without_a_database_is_refused(empty_site):
    assert output_of("backup") == "The database does not exist yet, so there is nothing to back up."
    assert not (empty_site / "postil.sqlite3").exists()


# --- Amazon's interface ---------------------------------------------------------------------


def test_a_bucket_needs_a_name():
    assert output_of("backup", "s3://") == "Name a bucket, as in s3://bucket/folder."


def test_old_partial_files_are_deleted(tmp_path):
    there = places.Folder(tmp_path)
    old, new = tmp_path / "postil-a.zip.part", tmp_path / "postil-b.zip.part"
    for part in (old, new):
        part.write_text("half")
    os.utime(old, (0, 0))
    with there.new("postil-c.zip") as path:
        path.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["postil-b.zip.part", "postil-c.zip"]
    shutil.rmtree(tmp_path)


# --- One line -------------------------------------------------------------------------------


def test_only_null_characters_are_replaced_for_postgresql():
    said = tables._line(["a\0b\\\0", "\\u0000", "plain", {"k": ["\0"]}]).decode()
    changed, count = tables._NUL.subn(r"\1\\ufffd", said)
    assert count == 3
    assert json.loads(changed) == ["a\ufffdb\\\ufffd", "\\u0000", "plain", {"k": ["\ufffd"]}]


def test_lone_surrogate_survives_json():
    assert json.loads(tables._line([{"said": "\ud83e"}])) == [{"said": "\ud83e"}]
