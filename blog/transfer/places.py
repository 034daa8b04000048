"""Where backups are kept: a folder, or a bucket of any store that speaks S3."""

import contextlib
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from blog.lib.whereabouts import to_install

# Seconds after which a half-made backup is one of a process that died.
FORSAKEN = 24 * 3600


class PlaceError(Exception):
    """A place cannot be used. The message is one translated sentence that says what to do."""


def place(text):
    """Return the place that a person names: `s3://bucket/folder`, else a folder."""
    text = str(text)
    return Bucket(text) if text.startswith("s3://") else Folder(Path(text))


def new_name(kind, now=None):
    """Return the name of a backup made now; in order of names is in order of time."""
    return f"{kind}-{now or datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}.zip"


def _of_kind(names, kind):
    stamp = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.zip"
    return sorted(name for name in names if re.fullmatch(f"{re.escape(kind)}-{stamp}", name))


def _when(name, kind):
    """Return the moment that a name says."""
    if not name:
        return None
    stamp = name.removeprefix(f"{kind}-")
    return datetime.strptime(stamp, "%Y-%m-%dT%H-%M-%SZ.zip").replace(tzinfo=UTC)


class Folder:
    def __init__(self, path):
        self.path = path

    @contextlib.contextmanager
    def new(self, name):
        """Give a path to write to; what is written stands under `name` once it is whole."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for forsaken in self.path.glob("*.zip.part"):
                if time.time() - forsaken.stat().st_mtime > FORSAKEN:
                    forsaken.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(self.path, error) from error
        part = self.path / f"{name}.part"
        try:
            yield part
            part.replace(self.path / name)
        finally:
            part.unlink(missing_ok=True)

    def keep(self, count, kind):
        """Delete all but the newest `count` backups of a kind; return the names of the deleted."""
        old = _of_kind([path.name for path in self.path.iterdir()], kind)[:-count]
        for name in old:
            (self.path / name).unlink(missing_ok=True)
        return old

    def newest(self, kind):
        """Return when the newest backup of a kind was begun; None without one."""
        return _when(self.newest_name(kind), kind)

    def newest_name(self, kind):
        """Return the name of the newest backup of a kind; "" without one."""
        return max(_of_kind([path.name for path in self.path.glob("*.zip")], kind), default="")

    def said(self, name):
        return str(self.path / name)


class Bucket:
    """A bucket and what names in it begin with. Who asks, and where, boto3 reads from AWS_…"""

    def __init__(self, address):
        parts = urlsplit(address)
        self.bucket, prefix = parts.netloc, parts.path.strip("/")
        self.prefix = f"{prefix}/" if prefix else ""
        if not self.bucket:
            raise PlaceError(_("Name a bucket, as in s3://bucket/folder."))

    @contextlib.contextmanager
    def new(self, name):
        """Give a path to write to; what is written is sent there once it is whole."""
        with self._asking() as client, tempfile.TemporaryDirectory(prefix="postil-") as folder:
            # Before a long work is begun that could not be kept.
            client.head_bucket(Bucket=self.bucket)
            path = Path(folder) / name
            yield path
            client.upload_file(str(path), self.bucket, self.prefix + name)

    def keep(self, count, kind):
        """Delete all but the newest `count` backups of a kind; return the names of the deleted."""
        with self._asking() as client:
            old = _of_kind(self._names(client, kind), kind)[:-count]
            for name in old:
                client.delete_object(Bucket=self.bucket, Key=self.prefix + name)
        return old

    def newest(self, kind):
        """Return when the newest backup of a kind was begun; None without one."""
        return _when(self.newest_name(kind), kind)

    def newest_name(self, kind):
        """Return the name of the newest backup of a kind; "" without one."""
        with self._asking() as client:
            return max(_of_kind(self._names(client, kind), kind), default="")

    def _names(self, client, kind):
        pages = client.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.bucket, Prefix=f"{self.prefix}{kind}-")
        keys = [said["Key"] for page in found for said in page.get("Contents", ())]
        return [key.removeprefix(self.prefix) for key in keys]

    def said(self, name):
        return f"s3://{self.bucket}/{self.prefix}{name}"

    @contextlib.contextmanager
    def _asking(self):
        boto3, failures = _boto3()
        try:
            yield boto3.client("s3")
        except failures as error:
            why = " ".join(str(error).split()).rstrip(".")
            raise PlaceError(
                _("The bucket %(bucket)s cannot be used: %(why)s.")
                % {"bucket": self.bucket, "why": why}
            ) from error


@contextlib.contextmanager
def fetched(text):
    """Give the path of a backup that a person names, brought here first from `s3://`."""
    text = str(text)
    if not text.startswith("s3://"):
        yield Path(text)
        return
    folder, _slash, name = text.rpartition("/")
    bucket = Bucket(folder)
    with tempfile.TemporaryDirectory(prefix="postil-") as here:
        path = Path(here) / (name or "backup.zip")
        with bucket._asking() as client:
            client.download_file(bucket.bucket, bucket.prefix + name, str(path))
        yield path


def _boto3():
    """Return boto3 and what it raises; it is an extra, for few need it."""
    try:
        import boto3  # noqa: PLC0415
        from boto3.exceptions import Boto3Error  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError as error:
        raise PlaceError(
            _("For s3:// boto3 is needed: %(how)s") % {"how": to_install("boto3", "s3")}
        ) from error
    return boto3, (Boto3Error, BotoCoreError, ClientError)


def _unusable(path, error):
    return PlaceError(
        _("%(folder)s cannot be used for backups: %(why)s.")
        % {"folder": path, "why": error.strerror}
    )
