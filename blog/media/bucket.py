"""Uploaded images in a bucket, for a site on several machines (MEDIA_STORAGE=s3://…).

They are still served by the site, under /media/: so they come from its own host, as its policy
demands, with headers that no store would send. Their names are made of their content, so whatever
is in front, a proxy, a CDN or a browser, keeps them for a year and asks once.
"""

import contextlib
import time

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

# Seconds to reach the bucket and for its answer, and for how long nobody asks one that failed:
# each who waits is a thread that readers lack.
REACH, ANSWER, REST = 2, 5, 10
# Sizes of sounds and films that are remembered.
MOST_SIZES = 1000


class BucketAway(OSError):
    """The bucket does not answer, or not as it should; the message says what it did."""


@contextlib.contextmanager
def not_found_as_such(name):
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise FileNotFoundError(name) from error
        raise


class MediaBucket(S3Storage):
    """django-storages' S3, which gives up within seconds and says so in one way."""

    away_until = float("-inf")

    def __init__(self, **settings):
        super().__init__(**settings)
        self.sizes = {}

    def get_default_settings(self):
        return super().get_default_settings() | {
            "client_config": Config(
                connect_timeout=REACH,
                read_timeout=ANSWER,
                retries={"total_max_attempts": 2},
                # Others than Amazon know no checksums by default.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
            # A name is one content, so writing it again changes nothing.
            "file_overwrite": True,
            "default_acl": None,
            # Large files without threads of their own, of which each would hold a piece.
            "transfer_config": TransferConfig(use_threads=False),
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        }

    def _asking(self, ask, *given):
        if time.monotonic() < self.away_until:
            raise BucketAway("It did not answer a moment ago.")
        try:
            return ask(*given)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, BotoCoreError):
                self.away_until = time.monotonic() + REST
            raise BucketAway(" ".join(str(error).split())) from error

    def _open(self, name, mode="rb"):
        """Return the file with all its content, by one request."""
        return self._asking(self._fetch, name)

    def _fetch(self, name):
        return ContentFile(self._fetch_body(name).read(), name)

    def _fetch_body(self, name):
        with not_found_as_such(name):
            return self.bucket.Object(self._normalize_name(clean_name(name))).get()["Body"]

    def pieces(self, name, length):
        """Return a file's bytes in pieces, as they come by one request."""
        body = self._asking(self._fetch_body, name)

        def read():
            with contextlib.closing(body):
                while piece := self._asking(body.read, length):
                    yield piece

        return read()

    def read_range(self, name, start, end):
        """Return this part of a file, by one request."""
        return self._asking(self._fetch_range, name, f"bytes={start}-{end - 1}")

    def _fetch_range(self, name, asked):
        found = self.bucket.Object(self._normalize_name(clean_name(name)))
        with not_found_as_such(name):
            return found.get(Range=asked)["Body"].read()

    def size(self, name):
        """Return a file's bytes. A name is one content, so it is asked for once."""
        if name not in self.sizes:
            if len(self.sizes) >= MOST_SIZES:
                self.sizes.clear()
            self.sizes[name] = self._asking(self._fetch_size, name)
        return self.sizes[name]

    def _fetch_size(self, name):
        with not_found_as_such(name):
            found = self.bucket.Object(self._normalize_name(clean_name(name)))
            return found.content_length

    def exists(self, name):
        return self._asking(super().exists, name)

    def _save(self, name, content):
        return self._asking(super()._save, name, content)

    def delete(self, name):
        return self._asking(super().delete, name)

    def listdir(self, name):
        return self._asking(super().listdir, name)
