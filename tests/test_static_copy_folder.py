"""The folder of a static copy: only its own files are changed, and each is whole."""

import os
from pathlib import Path

import pytest

from blog.transfer.static_copy.folder import Blocked, CopyError, Folder


def run(root, files, **changes):
    """Write these files into a copy as one whole run does; return the Folder."""
    with Folder(root).open() as folder:
        for name, value in changes.items():
            setattr(folder, name, value)
        for place, content in files.items():
            folder.write(place, content)
        folder.finish()
    return folder


def there(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.parent.name != ".postil-copy"
    }


def counts(folder):
    return folder.written, folder.same, folder.removed


def test_only_what_changed_is_written_and_what_is_gone_removed(tmp_path):
    assert counts(run(tmp_path, {"a/index.html": b"1", "b/index.html": b"2", "c": b"3"})) == (
        3,
        0,
        0,
    )
    assert counts(run(tmp_path, {"a/index.html": b"1", "c": b"4"})) == (1, 1, 1)
    assert there(tmp_path) == {"a/index.html": b"1", "c": b"4"}
    assert not (tmp_path / "b").exists()


def test_ones_own_files_stay(tmp_path):
    run(tmp_path, {"a/index.html": b"1"})
    (tmp_path / "a" / "mine.txt").write_bytes(b"mine")
    (tmp_path / "CNAME").write_bytes(b"blog.example.org")
    folder = run(tmp_path, {"CNAME": b"theirs"})
    assert folder.strangers == ["CNAME"]
    assert there(tmp_path) == {"a/mine.txt": b"mine", "CNAME": b"blog.example.org"}


@pytest.mark.parametrize("name", ["letter.txt", ".git"])
def test_folder_that_holds_something_else_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"Dear")
    with pytest.raises(CopyError, match="holds something else"), Folder(tmp_path).open():
        pass
    with pytest.raises(CopyError, match="is a file"), Folder(tmp_path / name).open():
        pass
    assert os.listdir(tmp_path) == [name]


def breaks_off():
    yield b"3"
    raise KeyboardInterrupt


def test_run_that_was_killed_goes_on(tmp_path):
    run(tmp_path, {"old": b"1"})
    with Folder(tmp_path).open() as folder:
        folder.write("new", b"2")
        with pytest.raises(KeyboardInterrupt):
            folder.write_pieces("half", 2, breaks_off)
    (tmp_path / ".postil-copy" / "half-left").write_bytes(b"3")
    assert there(tmp_path) == {"old": b"1", "new": b"2"}
    folder = run(tmp_path, {"new": b"2", "half": b"33"})
    assert (counts(folder), folder.strangers) == ((1, 1, 1), [])
    assert there(tmp_path) == {"new": b"2", "half": b"33"}
    assert sorted(os.listdir(tmp_path / ".postil-copy")) == ["files", "lock"]


def test_each_file_is_noted_before_it_is_made(tmp_path):
    """A run that is killed knows its files again."""
    noted = []

    def pieces():
        noted.append((tmp_path / ".postil-copy" / "files.new").read_text())
        yield b"1"

    with Folder(tmp_path).open() as folder:
        folder.write_pieces("a", 1, pieces)
    assert noted == ["a\n"]


def test_two_runs_at_once_are_refused(tmp_path):
    other = Folder(tmp_path).open()
    with Folder(tmp_path).open(), pytest.raises(CopyError, match="already"):
        other.__enter__()


def test_first_of_two_files_stays_where_capitals_are_the_same(tmp_path):
    files = {"about/index.html": b"page", "About/index.html": b"moved"}
    folder = run(tmp_path, files, tells_case=False)
    assert folder.twins == ["About/index.html"]
    assert there(tmp_path) == {"about/index.html": b"page"}
    run(tmp_path, {"ABOUT/index.html": b"page"}, tells_case=False)
    assert there(tmp_path)["about/index.html"] == b"page", "for there it is the same file"


def test_file_becomes_a_folder_and_a_folder_a_file(tmp_path):
    run(tmp_path, {"a.html": b"1", "b.html/index.html": b"2"})
    run(tmp_path, {"a.html/index.html": b"1", "b.html": b"2"})
    assert there(tmp_path) == {"a.html/index.html": b"1", "b.html": b"2"}


def test_file_below_a_file_of_the_same_run_is_refused(tmp_path):
    with Folder(tmp_path).open() as folder:
        folder.write("a.html", b"1")
        with pytest.raises(Blocked):
            folder.write("a.html/index.html", b"2")


@pytest.mark.parametrize("place", [".postil-copy/files", ".Postil-Copy/lock", "_redirects"])
def test_what_the_copy_keeps_for_itself_is_no_address(tmp_path, place):
    with Folder(tmp_path).open() as folder:
        folder.reserve("_redirects")
        assert not folder.write(place, b"hostile")
        folder.write_large("_redirects", ["/a /b\n"])
        folder.finish()
    assert there(tmp_path) == {"_redirects": b"/a /b\n"}


def test_files_can_be_read_by_a_web_server(tmp_path):
    run(tmp_path, {"a/index.html": b"1"})
    assert Path(tmp_path / "a/index.html").stat().st_mode & 0o777 == 0o644
