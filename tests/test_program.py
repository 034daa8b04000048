"""The command `postil`, or `manage.py`: what it says where it cannot work."""

import errno
import subprocess
import sys
from pathlib import Path

import django
import pytest
from django.db import OperationalError

from blog import __version__, program

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


@pytest.fixture
def failing(monkeypatch):
    """Run a command that raises this; return the sentence that it ends with."""

    def run(error, *options):
        def fail(_arguments):
            raise error

        monkeypatch.setattr(program, "execute_from_command_line", fail)
        monkeypatch.setattr(sys, "argv", ["postil", "serve", *options])
        with pytest.raises(SystemExit) as ended:
            program.main()
        return ended.value.code

    return run


def test_version_is_that_of_postil(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["postil", "--version"])
    program.main()
    assert capsys.readouterr().out.startswith(f"Postil {__version__} (Django {django.__version__},")


@pytest.mark.parametrize(
    "why", ["attempt to write a readonly database", "unable to open database file"]
)
def test_database_that_cannot_be_used_is_said(failing, why):
    said = failing(OperationalError(f"{why}\n"))
    assert said.startswith(f"The database cannot be used: {why}. ")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_folder_that_cannot_be_written_is_said(failing, number):
    error = OSError(number, "No such luck", "/data/static")
    assert failing(error).startswith("/data/static cannot be used: No such luck.")


def test_what_may_be_a_fault_of_ours_keeps_its_traceback(failing):
    with pytest.raises(OSError, match="Bad file descriptor"):
        failing(OSError(errno.EBADF, "Bad file descriptor"))
    with pytest.raises(OperationalError):
        failing(OperationalError("locked"), "--traceback")


def test_windows_is_said_before_anything_fails(monkeypatch):
    monkeypatch.setattr(program.os, "name", "nt")
    with pytest.raises(SystemExit, match="On Windows, use it in WSL"):
        program.main()


def starting(*options):
    """Return what `manage.py` says when a Python with these options starts it."""
    command = [sys.executable, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    return done.stderr


def test_python_that_is_too_old_is_said():
    code = "import runpy, sys; sys.version_info = (3, 9, 18); "
    said = starting("-c", f"{code}runpy.run_path({str(MANAGE)!r}, run_name='__main__')")
    assert said == "Postil needs Python 3.11 or newer, and this is 3.9.\n"


def test_python_without_our_packages_is_said():
    said = starting("-S", MANAGE)  # without any that are installed
    assert said == "Postil's packages are not installed for this Python: try `make serve`, once.\n"
