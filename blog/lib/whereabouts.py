"""Where the program's own files are, and where a site's data is unless DATA_DIR says.

In a checkout `templates/`, `static/` and `.env.example` are at its top, and the data is in its
`var/`. A wheel brings them in `blog/shipped/`, where pyproject.toml maps them, and keeps the data
in the data folder of its user, where no upgrade of the program reaches.
"""

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PACKAGE = Path(__file__).resolve().parent.parent
IS_CHECKOUT = not (PACKAGE / "shipped").is_dir()
FILES = PACKAGE.parent if IS_CHECKOUT else PACKAGE / "shipped"
# What a person types before the name of a command.
COMMAND = "manage.py" if IS_CHECKOUT else "postil"
# An upgrade that is only looked at makes no folder and no secret.
ONLY_LOOKS = sys.argv[1:2] == ["upgrade"] and "--check" in sys.argv


def folder(text: str) -> Path:
    """Return the folder that DATA_DIR names; one that begins with no slash is in a checkout, or
    in the folder where `postil` is started."""
    return ((FILES if IS_CHECKOUT else Path()) / text).resolve()


def data_folder() -> Path:
    """Return where the data is if DATA_DIR is not set."""
    return FILES / "var" if IS_CHECKOUT else users_folder(os.environ, sys.platform) / "postil"


def users_folder(environment: Mapping[str, str], platform: str) -> Path:
    """Return where programs of this user keep their data; ImproperlyConfigured if nobody says."""
    said = environment.get("XDG_DATA_HOME", "")
    # Relative, it is not valid (XDG Base Directory Specification).
    if said.startswith("/") and platform != "darwin":
        return Path(said)
    if not (home := users_home(environment)):
        raise ImproperlyConfigured(
            "nothing says where its data is to be kept, because HOME is not set. "
            "Set DATA_DIR to a folder."
        )
    return Path(home, "Library/Application Support" if platform == "darwin" else ".local/share")


def users_home(environment: Mapping[str, str]) -> str:
    """Return the home of this user, or "" if there is none."""
    if "HOME" not in environment:
        # As the system's list of users has it.
        try:
            return str(Path.home())
        except (RuntimeError, KeyError):
            return ""
    home = environment["HOME"]
    return home.rstrip("/") if home.startswith("/") and home.strip("/") else ""


def make(folder: Path) -> None:
    """Make the folder of the data; what fails for want of it says so."""
    if not ONLY_LOOKS:
        with contextlib.suppress(OSError):
            # It holds people's addresses: for its owner alone.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def settings_file() -> Path:
    """Return the file of settings that is read if ENV_FILE names none."""
    if IS_CHECKOUT:
        return FILES / ".env"
    named = os.environ.get("DATA_DIR", "").strip()
    return (Path(named) if named else data_folder()) / ".env"


def to_install(package: str, extra: str) -> str:
    """Return the command that installs a package that only some sites need."""
    if IS_CHECKOUT:
        return f".venv/bin/python -m pip install {package}"
    return f"pipx install --force 'postil[{extra}]' (or uv tool install 'postil[{extra}]')"
