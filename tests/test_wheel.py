"""The wheel holds the program and nothing else, and a site runs from it as from a checkout."""

import email
import re
import shutil
import signal
import subprocess
import tomllib
import zipfile

import prepared
import pytest
from reading import fetch
from test_films_on_a_server import Desk
from wheels import ROOT, Installed, unpacked, wheel

from blog import __version__

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("wheel")]

SHIPPED = "blog/shipped/"
ABOUT = f"postil-{__version__}.dist-info/"


@pytest.fixture(scope="module")
def names():
    with zipfile.ZipFile(wheel()) as packed:
        return packed.namelist()


def in_the_repository():
    """Return the files of the program, by the names that a wheel has them under."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    command += ["blog", "comments", "templates", "static", ".env.example"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    there = {name for name in found.split("\0") if name and (ROOT / name).exists()}
    return {name if name.startswith(("blog/", "comments/")) else SHIPPED + name for name in there}


def test_wheel_holds_every_file_of_the_program(names):
    of_program = {name for name in names if name.startswith(("blog/", "comments/"))}
    assert of_program == in_the_repository()
    assert len(of_program) > 800


def test_wheel_holds_units_licence_and_nothing_else(names):
    rest = {name for name in names if not name.startswith(("blog/", "comments/"))}
    units = {name for name in rest if "/share/postil/systemd/" in name}
    assert {name.rpartition("/")[2] for name in units} == {
        *("postil.service", "postil.socket", "postil-worker.service"),
        *("postil-backup.service", "postil-backup.timer", "installed.conf"),
    }
    about = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    assert rest - units == {ABOUT + name for name in about}


def test_wheel_holds_no_tests_data_or_leavings(names):
    foreign = re.compile(
        r"(^|/)(tests?|docs|var|media|\.git|\.venv|__pycache__|\.env|secret_key|backups)(/|$)"
        r"|\.(pyc|sqlite3|orig|rej|pem|key|swp)$"
    )
    of_ours = {"blog/media", "blog/transfer"}
    assert [name for name in names if foreign.search(name) and name[:10] not in of_ours] == []


def test_wheel_says_version_command_and_extras():
    with zipfile.ZipFile(wheel()) as packed:
        about = email.message_from_bytes(packed.read(f"{ABOUT}METADATA"))
        command = packed.read(f"{ABOUT}entry_points.txt").decode()
    assert about["Version"] == __version__
    assert about["License-Expression"] == "MIT"
    assert {"postgres", "s3", "redis", "metrics", "sentry"} <= {*about.get_all("Provides-Extra")}
    assert "postil = blog.program:main" in command
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "version" not in project  # it stands in one place


# --- A site that runs from it -----------------------------------------------------------------


def of_a_checkout(folder):
    """Return a site that runs from the wheel, with data that a checkout had."""
    theirs = prepared.started(folder / "checkout")
    site = Installed(folder, unpacked())
    site.data.parent.mkdir()
    theirs.close_shell()
    shutil.move(theirs.data, site.data)
    (site.data / ".env").write_text('SITE_TITLE="Said in a file"\n')
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = of_a_checkout(tmp_path_factory.mktemp("installed"))
    site.said = site.start("--no-worker", "--workers", "1")
    yield site
    assert site.stop(signal.SIGTERM).code == 0
    site.close_shell()


def test_data_of_a_checkout_is_served_by_the_wheel(site):
    page = fetch(f"{site.url}/").text
    assert "Said in a file" in page  # the settings beside the data
    assert "Everything you can write" in page
    assert "Loading the demo" not in site.said


def test_wheel_serves_the_static_files_of_the_admin(site):
    page = fetch(f"{site.url}/admin/login/").text
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert sheets
    assert {fetch(site.url + path).status for path in sheets} == {200}


def test_upload_goes_into_the_data_folder(site):
    desk = Desk(site)
    given = desk.send((ROOT / "docs/essay.png").read_bytes(), "essay.png")
    address = re.search(r"\((/media/[^)\s]+)", given["markdown"])[1]
    assert (site.data / address.removeprefix("/")).is_file()
    desk.line.close()


# What an owner keeps a site by, one after the other in one process; `into` is a new folder.
KEEPING = """
from contextlib import suppress
from pathlib import Path
from django.core.management import call_command as call
into = Path({into!r})
with suppress(SystemExit):  # no worker runs
    call("doctor")
call("backup", str(into / "kept"))
call("export", str(into / "left"))
call("demo", remove=True)
call("demo")
"""


def test_owners_commands_work_from_the_wheel(site, tmp_path):
    said = site.shell(KEEPING.format(into=str(tmp_path)))
    assert "Run postil worker, or serve without --no-worker." in said
    assert "manage.py" not in said
    assert (tmp_path / "left/content").is_dir()
    assert "Took away 9 demo essays and pages." in said
    assert "Loaded 9 demo essays and pages." in said
    (kept,) = (tmp_path / "kept").iterdir()
    with zipfile.ZipFile(kept) as backup:
        # Its list of settings is that of the file which travels with the wheel.
        assert 'SITE_TITLE="Said in a file"' in backup.read("settings.env").decode()


def test_wheel_without_a_home_says_what_to_set(tmp_path):
    site = Installed(tmp_path, unpacked(), HOME="", XDG_DATA_HOME="")
    done = subprocess.run(**site.command("check"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.endswith("HOME is not set. Set DATA_DIR to a folder.\n")
