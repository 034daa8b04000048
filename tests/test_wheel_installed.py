"""The wheel in an environment of its own, and a checkout of 0.1.0 turned into it: nothing is lost.

It installs packages from the index that pip uses, and makes data with the program of that time.
"""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from reading import Browser, fetch
from server import Site
from test_films_on_a_server import Desk
from wheels import ROOT, Installed, wheel

pytestmark = [
    pytest.mark.server,
    pytest.mark.long("an environment is installed, and 0.1.0 run; test_wheel.py has a part"),
]

# Where the version before kept its first sample of data.
OF_THEN = ["log", "--format=%H", "--diff-filter=A", "--", "tests/releases/0.1.0.zip"]


# What was there then, word for word.
HELD = (
    "SELECT id, slug, path, title, body, published_at FROM posts_post ORDER BY id",
    "SELECT id, post_id, name, email, body, status, created_at FROM comments_comment ORDER BY id",
    "SELECT id, username, password, is_superuser FROM auth_user ORDER BY id",
    "SELECT name, slug FROM posts_tag ORDER BY id",
)


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The command `postil` of an environment that was empty."""
    folder = tmp_path_factory.mktemp("environment")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder / "env"], check=True)
    install = [uv, "pip", "install", "-q", "--python", folder / "env/bin/python", wheel()]
    subprocess.run(install, check=True)
    return folder / "env/bin/postil"


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A checkout of 0.1.0 that was served, with a comment from then and settings in a file."""
    if not (commit := git(*OF_THEN).decode().strip()):
        pytest.skip("the history of this checkout does not reach to 0.1.0")
    folder = tmp_path_factory.mktemp("checkout")
    subprocess.run(["tar", "x", "-C", folder], input=git("archive", commit), check=True)
    (folder / ".env").write_text('SITE_TITLE="From then"\nDATA_DIR=var\n')
    site = Site(folder)
    site.data = folder / "var"
    site.command = lambda *given: {
        "args": [sys.executable, folder / "manage.py", *given],
        "env": site.environment() | {"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        "cwd": folder,
    }
    said = site.start()
    try:
        site.password = re.search(r"Password (\S+)", said)[1]
        (path,) = site.rows("SELECT path FROM posts_post WHERE slug = 'room-in-the-margin'")[0]
        assert Browser(site).write(f"/{path}/", "Said to 0.1.0.").status == 303
    finally:
        site.stop(signal.SIGTERM)
    return site


@pytest.fixture(scope="module")
def upgraded(program, before, tmp_path_factory):
    """That checkout's data in the user's data folder, and the installed program on it."""
    site = Installed(tmp_path_factory.mktemp("upgraded"), program)
    site.data.parent.mkdir(parents=True)
    shutil.copytree(before.data, site.data)
    settings = (before.data.parent / ".env").read_text().replace("DATA_DIR=var\n", "")
    (site.data / ".env").write_text(settings)
    site.checked = site.run("upgrade", "--check")
    site.said = site.start()
    yield site
    site.stop(signal.SIGTERM)
    site.close_shell()


def test_check_says_what_the_upgrade_changes(upgraded):
    assert "migrations are pending; serve makes a backup before." in upgraded.checked
    assert "All that are set are read." in upgraded.checked


def test_nothing_is_lost_on_the_way_to_the_wheel(upgraded, before):
    assert "Backing up before the upgrade" in upgraded.said
    for question in HELD:
        assert upgraded.rows(question) == before.rows(question)
    assert ("Said to 0.1.0.",) in upgraded.rows("SELECT body FROM comments_comment")
    secrets = [(site.data / "secret_key").read_text() for site in (before, upgraded)]
    assert secrets[0] == secrets[1]
    assert "From then" in fetch(f"{upgraded.url}/").text
    public = "SELECT path FROM posts_post WHERE published_at <= CURRENT_TIMESTAMP"
    for (path,) in upgraded.rows(public):
        assert fetch(f"{upgraded.url}/{path}/").status == 200


def test_account_of_then_signs_in_to_the_wheel(upgraded, before):
    Browser(upgraded).sign_in(password=before.password)


def test_admin_and_uploads_work_from_an_empty_environment(upgraded):
    page = fetch(f"{upgraded.url}/admin/login/").text
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert sheets
    assert {fetch(upgraded.url + path).status for path in sheets} == {200}
    desk = Desk(upgraded)
    given = desk.send((ROOT / "docs/essay.png").read_bytes(), "essay.png")
    address = re.search(r"\((/media/[^)\s]+)", given["markdown"])[1]
    assert (upgraded.data / address.removeprefix("/")).is_file()
    desk.line.close()


def test_each_command_of_an_owner_works(upgraded, program, tmp_path):
    upgraded.run("backup", str(tmp_path / "kept"), "--verify")
    (kept,) = (tmp_path / "kept").iterdir()
    upgraded.run("export", str(tmp_path / "left"))
    doctor = subprocess.run(**upgraded.command("doctor"), capture_output=True, text=True)
    assert "broken" not in doctor.stdout
    (tmp_path / "other").mkdir()
    other = Installed(tmp_path / "other", program)
    other.run("restore", str(kept))
    assert {*other.kept()["comments"]} == {*upgraded.kept()["comments"]}
    (tmp_path / "third").mkdir()
    third = Installed(tmp_path / "third", program)
    third.run("upgrade")
    third.run("demo", "--remove")
    third.run("import_wordpress", str(tmp_path / "left/wordpress.xml"))
    assert len(third.kept()["posts"]) >= 8
