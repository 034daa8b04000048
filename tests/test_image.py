"""The image's steps, followed in an empty folder with what its list lets in: no Docker is needed.

`FROM`'s system and what changes it (`apt-get`, `useradd`) are left out, and each path of the image
is one below the folder.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from reading import fetch
from server import Site
from wheels import ROOT, build, wheel

pytestmark = pytest.mark.server

DOCKERFILE = ROOT / "deploy/Dockerfile"
OF_THE_SYSTEM = ("apt-get", "useradd")
# The top folders of the image that steps name.
PLACES = re.compile(r"(?<![\w./-])/(build|builder|venv|wheel|postil|data)(?![\w-])")


def stages():
    """Return the steps of each stage, as pairs of instruction and words."""
    text = re.sub(r"\\\n", " ", DOCKERFILE.read_text())
    found = []
    for line in text.splitlines():
        word, _space, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        if word.isupper():
            found[-1].append((word, " ".join(rest.split())))
    return found


def let_in():
    """Return the files that .dockerignore lets into the build, as git has them."""
    lines = (ROOT / "deploy/Dockerfile.dockerignore").read_text().split()
    allowed = [line[1:] for line in lines if line.startswith("!")]
    refused = [line.removeprefix("**/") for line in lines if line[0] != "!" and line != "*"]
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    named = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, named.split("\0")):
        parts = Path(name).parts
        is_in = any(name == each or name.startswith(f"{each}/") for each in allowed)
        if is_in and not any(fnmatch.filter(parts, each) for each in refused):
            yield name


def test_image_lets_in_all_that_the_wheel_is_made_of(tmp_path):
    """Built of these files alone, the wheel is that of the checkout, byte for byte."""
    context(tmp_path / "context")
    build(tmp_path / "theirs", of=tmp_path / "context")
    (theirs,) = (tmp_path / "theirs").iterdir()
    assert wheel().read_bytes() == theirs.read_bytes()


def test_image_starts_what_the_wheel_installs():
    last = dict(stages()[-1])
    assert json.loads(last["ENTRYPOINT"]) == ["postil"]
    assert json.loads(last["CMD"])[0] == "serve"
    assert last["USER"] == "10001:10001"
    assert "DATA_DIR=/data" in last["ENV"]


def context(folder):
    for name in let_in():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


class Image:
    """A folder that stands for an image."""

    def __init__(self, folder, context):
        self.folder, self.context, self.place, self.set = folder, context, folder, {}

    def below(self, text):
        return PLACES.sub(lambda found: f"{self.folder}/{found[1]}", text)

    def follow(self, word, rest):
        if word == "WORKDIR":
            self.place = Path(self.below(rest))
            self.place.mkdir(parents=True, exist_ok=True)
        elif word == "ENV":
            self.set |= dict(each.split("=", 1) for each in shlex.split(self.below(rest)))
        elif word == "COPY" and "--from" not in rest:
            self.copy(*rest.split())
        elif word == "RUN" and not any(name in rest for name in OF_THE_SYSTEM):
            command = ["sh", "-euc", self.below(rest)]
            subprocess.run(command, cwd=self.place, env=self.environment(), check=True)

    def copy(self, *names):
        for name in names[:-1]:
            source = self.context / name
            if source.is_dir():
                shutil.copytree(source, self.place / names[-1], dirs_exist_ok=True)
            else:
                shutil.copy(source, self.place / names[-1])

    def environment(self):
        # `python` is the image's, here the one that runs the tests.
        path = f"{Path(sys.base_prefix)}/bin:{os.environ['PATH']}"
        left_out = {"DATA_DIR", "ENV_FILE", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV"}
        kept = {name: it for name, it in os.environ.items() if name not in left_out}
        return kept | {"PATH": path} | {n: it.replace("$PATH", path) for n, it in self.set.items()}


@pytest.mark.long("it installs all packages of the image")
def test_steps_of_the_image_give_a_site(tmp_path):
    context(tmp_path / "context")
    image = Image(tmp_path / "image", tmp_path / "context")
    for stage in stages():
        for step in stage:
            image.follow(*step)
    last = dict(stages()[-1])
    site = Site(tmp_path)
    site.data = image.folder / "data"
    entry = json.loads(last["ENTRYPOINT"])

    def command(*given):
        port = {"PORT": str(site.port)}
        program = shutil.which(entry[0], path=image.environment()["PATH"])
        return {"args": [program, *given], "env": image.environment() | port, "cwd": image.place}

    site.command = command
    assert Path(command()["args"][0]).is_relative_to(image.folder)
    said = site.start(*json.loads(last["CMD"])[1:])
    assert "Password" in said
    assert fetch(f"{site.url}/").status == 200
    # As it was typed before.
    subprocess.run(**command() | {"args": ["sh", "-c", "python manage.py backup"]}, check=True)
    assert [*(site.data / "backups").iterdir()]
    assert site.stop(signal.SIGTERM).code == 0
