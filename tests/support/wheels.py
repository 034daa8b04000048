"""The wheel, built once in a run, and sites that run from it and not from the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import cache_from_source
from pathlib import Path

import prepared
from server import Site

ROOT = Path(__file__).resolve().parents[2]
# What pip makes of an entry point, but for the first line.
SCRIPT = """
import sys
sys.path[0] += "/packages"
from blog.program import main
main()
"""


def build(folder, of=ROOT):
    """Build the wheel of a checkout into a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=of, check=True, capture_output=True)


def wheel():
    """Return the path of the wheel."""
    (path,) = prepared.once("wheel", build).glob("*.whl")
    return path


def take_compiled(folder):
    """Have what the checkout has compiled already, of the same source, beside what is unpacked.

    To compile all of the program takes as long as a start.
    """
    for path in folder.rglob("*.py"):
        ours = ROOT / path.relative_to(folder)
        compiled = Path(cache_from_source(ours))
        if compiled.exists() and ours.read_bytes() == path.read_bytes():
            os.utime(path, ns=(ours.stat().st_atime_ns, ours.stat().st_mtime_ns))
            path.parent.joinpath("__pycache__").mkdir(exist_ok=True)
            shutil.copy(compiled, cache_from_source(path))


def unpacked():
    """Return a command `postil` that has the wheel's files, and this environment's packages."""

    def unpack(folder):
        with zipfile.ZipFile(wheel()) as packed:
            packed.extractall(folder / "packages")
        take_compiled(folder / "packages")
        (folder / "postil").write_text(SCRIPT)

    return prepared.once("unpacked", unpack) / "postil"


class Installed(Site):
    """A site of which `postil` is the program, with its data in the user's data folder."""

    def __init__(self, folder, program, **settings):
        super().__init__(folder, **settings)
        self.program, self.home = program, folder
        self.data = folder / "share/postil"

    def environment(self):
        given = super().environment()
        del given["DATA_DIR"]
        mine = {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "share")}
        return given | mine | self.settings

    def command(self, *arguments):
        kept = {name: it for name, it in os.environ.items() if name not in OF_TESTS}
        # An installed program has an interpreter of its own.
        python = [] if os.access(self.program, os.X_OK) else [sys.executable]
        return {
            "args": [*python, self.program, *arguments],
            "env": kept | self.environment(),
            "cwd": self.home,
        }

    def run(self, *arguments):
        """Run a command; return what it says."""
        done = subprocess.run(
            **self.command(*arguments), capture_output=True, text=True, timeout=self.patience
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


# What settings of the tests say, which no program of an owner's hears.
OF_TESTS = {"DATA_DIR", "ENV_FILE", "PYTHONPATH", "DJANGO_ALLOW_ASYNC_UNSAFE"}
