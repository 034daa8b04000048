"""Static files are collected again only when one has changed."""

import os
import time

import pytest
from inputs import every

from blog.ops import static_files


@pytest.fixture(autouse=True)
def source(settings, tmp_path):
    """One small file, collected; return where it came from."""
    source = tmp_path / "sources" / "blog.css"
    source.parent.mkdir()
    source.write_text("p { color: black }\n" * 100)  # enough to be worth compressing
    settings.STATICFILES_DIRS = [source.parent]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": storage}}
    assert not static_files.are_collected()
    static_files.collect()
    assert static_files.are_collected()
    return source


def test_a_changed_source_is_collected(source, settings):
    source.write_text("p { color: brown }")
    os.utime(source, (time.time() + 9,) * 2)  # Django copies what is newer than its copy
    assert not static_files.are_collected()
    static_files.collect()
    assert (settings.STATIC_ROOT / "blog.css").read_text() == "p { color: brown }"
    assert static_files.are_collected()


def test_a_further_source_is_collected(source):
    source.with_name("more.css").write_text("")
    assert not static_files.are_collected()


@every("name", ["blog.css", "blog.css.br", "staticfiles.json"])
def test_missing_file_is_made_again(settings, name):
    (settings.STATIC_ROOT / name).unlink()
    assert not static_files.are_collected()
    static_files.collect()
    assert (settings.STATIC_ROOT / name).exists()
    assert static_files.are_collected()


def test_truncated_file_is_detected(settings):
    (settings.STATIC_ROOT / "blog.css").write_text("p {")
    assert not static_files.are_collected()


def test_changed_storage_is_detected(settings):
    storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": storage}}
    assert not static_files.are_collected()


@pytest.mark.parametrize("program", static_files.MADE_BY)
def test_another_version_of_what_makes_them_is_seen(monkeypatch, program):
    monkeypatch.setattr(static_files, "version", lambda name: "99" if name == program else "1")
    before = static_files.describe()
    monkeypatch.setattr(static_files, "version", lambda name: "1")
    assert static_files.describe() != before


def test_a_collection_that_fails_is_begun_again(source, settings, monkeypatch):
    def fail(*arguments, **options):
        (settings.STATIC_ROOT / "blog.css").unlink(missing_ok=True)
        raise OSError(28, "No space left on device")

    source.write_text("p { color: brown }")
    monkeypatch.setattr(static_files, "call_command", fail)
    with pytest.raises(OSError, match="No space left"):
        static_files.collect()
    assert not static_files.are_collected()
