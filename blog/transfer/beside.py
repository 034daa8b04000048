"""Files that lie beside an export, for the essays that were imported from it."""

import hashlib
import json

from django.db import transaction

from blog.markup import one_line
from blog.media.files import put_file
from blog.media.names import size_of
from blog.posts.models import FileUse, Image, Recording

PICTURES = {".jpg", ".png", ".webp"}


def bring_files(folder, by=None):
    """Keep those files of a folder that essays show and this site lacks; return how many.

    A file is left where it is if its content is not what its name says. Pictures get their jobs.
    """
    known = {*Image.objects.values_list("file", flat=True)}
    known |= {*Recording.objects.values_list("file", flat=True)}
    shown = {*FileUse.objects.values_list("name", flat=True)}
    shows = descriptions(folder.with_name("pictures.json"))
    return sum(bring(folder / name, by, shows.get(name, "")) for name in sorted(shown - known))


def descriptions(path):
    """Return what pictures show by their names, as the export says; {} where it does not."""
    try:
        return {row["file"]: str(row["alt"]) for row in json.loads(path.read_text())}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def bring(path, by, shows=""):
    """Keep a file under its name with a row of its own; return whether it was there and whole."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest()[:32] != path.name[:32]:
            return False
        # Stored before there is a row that names it.
        put_file(path.name, file)
    with transaction.atomic():
        if path.suffix in PICTURES:
            width, height = map(int, size_of(path.name))
            shows = one_line(shows)[: Image._meta.get_field("alt").max_length]
            given = {"width": width, "height": height, "uploaded_by": by, "alt": shows}
            Image.objects.get_or_create(file=path.name, defaults=given)
        else:
            given = {"bytes": path.stat().st_size, "uploaded_by": by}
            Recording.objects.get_or_create(file=path.name, defaults=given)
    return True
