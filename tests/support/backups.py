"""Sites and archives for the tests of keeping: databases of their own, without a server."""

import io
import json
import shutil
import zipfile
from contextlib import contextmanager

import prepared
from django.core.management import CommandError, call_command
from django.test import override_settings

from blog.transfer import archive, databases


@contextmanager
def site_in(folder, *, migrated=False):
    """Work on a site whose data is in this folder, on SQLite, until the block ends.

    One that is `migrated` is new and has its tables.
    """
    folder.mkdir(exist_ok=True)
    if migrated:
        shutil.copy(prepared.database(), folder)
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"}
    here = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}
    with (
        override_settings(DATA_DIR=folder, MEDIA_ROOT=folder / "media"),
        databases.standing_in(NAME=str(folder / "postil.sqlite3"), **here),
    ):
        yield folder


def output_of(command, *arguments, **options):
    """Run a command; return what it says, or the sentence it is refused with."""
    out = io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=out, **options)
    except CommandError as error:
        return str(error)
    return out.getvalue()


def manifest_of(path):
    with zipfile.ZipFile(path) as made:
        return json.loads(made.read("manifest.json"))


def tables_in(path):
    """Return the rows and the sum of each table in a backup."""
    members = manifest_of(path)["members"]
    return {name: said for name, said in members.items() if name.startswith("tables/")}


def remade(path, to, change, lies=None):
    """Copy an archive with the changes a test makes, and valid checksums.

    `change` gets the members as a dict of names and bytes, and the manifest. Checksums are computed
    afterwards, so only what the test changed is wrong. `lies` replaces entries of the manifest.
    """
    with zipfile.ZipFile(path) as old:
        members = {info.filename: old.read(info) for info in old.infolist()}
    about = json.loads(members.pop("manifest.json"))
    change(members, about)
    known = about.pop("members")
    writer = archive.Writer(to, archive.Manifest(**about))
    with writer:
        for name, content in members.items():
            said = writer.add(name, [content])
            if name.startswith("tables/"):
                said["rows"] = content.count(b"\n") - 1
        for name in set(known) - set(members):
            writer.manifest.members[name] = known[name]
        for name, lie in (lies or {}).items():
            writer.manifest.members[name] |= lie
    return to
