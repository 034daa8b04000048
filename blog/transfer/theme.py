"""The owner's own templates and static files, into a backup and out of it."""

import os
import shutil
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.utils import validate_file_name
from django.utils.translation import gettext as _

from blog.web.theme.files import STATIC, TEMPLATES, files_of

from .archive import CHUNK, FORMAT


def add(archive):
    """Add the files of the theme as they are, broken ones too; links lead nowhere else."""
    for folder in (TEMPLATES, STATIC):
        for name, path in files_of(settings.THEME_DIR, folder):
            if not is_named_well(name):
                continue
            try:
                file = path.open("rb")
            except OSError:
                continue
            with file:
                archive.add(f"theme/{folder}/{name}", iter(lambda: file.read(CHUNK), b""))  # noqa: B023
    if archive.manifest.theme:
        archive.manifest.format = FORMAT


def is_named_well(name):
    try:
        validate_file_name(name, allow_relative_path=True)
    except SuspiciousFileOperation:
        return False
    return name.isprintable() and "\\" not in name


def put_back(archive):
    """Put the theme of an archive into its place; return what is said about the one before.

    An archive without a theme leaves the one that is here.
    """
    names = archive.manifest.theme
    if not names:
        return []
    top = settings.THEME_DIR
    part = top.with_name(f"{top.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        for name in names:
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(f"theme/{name}") as member, path.open("wb") as file:
                shutil.copyfileobj(member, file, CHUNK)
        said = put_aside(top)
        part.rename(top)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return said


def put_aside(top):
    """Give the theme that is here another name."""
    if not os.path.lexists(top):
        return []
    if top.is_dir() and not top.is_symlink() and not any(top.iterdir()):
        top.rmdir()
        return []
    aside = top.with_name(f"{top.name}-before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    top.rename(aside)
    return [_("The theme that was here is in %s now.") % aside]
