"""Images in a bucket: a store that speaks S3 on loopback, and the site that serves them from it."""

import pytest
from backups import output_of
from django.core.files.storage import default_storage
from test_backup_s3 import store  # noqa: F401 - a fixture
from test_images import kept, picture, said, upload

from blog.lib.env import parse_media_storage
from blog.media.files import pieces_of, put
from blog.media.names import made_of, name_of
from blog.posts.models import Image
from blog.transfer.archive import Manifest, Reader, Writer
from blog.transfer.backup import add_media
from blog.transfer.restore import load_media

pytest.importorskip("storages")
bucket = pytest.importorskip("blog.media.bucket")
pytestmark = pytest.mark.django_db


@pytest.fixture
def in_a_bucket(settings, store):  # noqa: F811
    keep_in(settings, "s3://margin/images")
    yield store
    default_storage.connection.meta.client.close()


def keep_in(settings, address):
    settings.STORAGES = settings.STORAGES | {"default": parse_media_storage(address)}


def keys(store):  # noqa: F811
    return [found["Key"] for found in store.list_objects_v2(Bucket="margin").get("Contents", [])]


def test_upload_is_stored_in_the_bucket_and_served(in_a_bucket, staff, client):
    assert upload(staff, picture()).status_code == 302
    image = Image.objects.get()
    assert keys(in_a_bucket) == [f"images/{image.file.name}"]
    answer = client.get(image.get_absolute_url())
    assert answer.status_code == 200
    assert answer.content == kept()
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_deleted_image_leaves_the_bucket(in_a_bucket, staff, django_capture_on_commit_callbacks):
    upload(staff, picture())
    with django_capture_on_commit_callbacks(execute=True):
        Image.objects.get().delete()
    assert keys(in_a_bucket) == []


@pytest.mark.usefixtures("in_a_bucket")
def test_image_missing_in_the_bucket_is_404(client):
    assert client.get(f"/media/{'0' * 32}-4x4.png").status_code == 404


def test_unreachable_bucket_is_reported_and_not_retried_at_once(
    settings,
    store,  # noqa: F811
    staff,
    client,
    monkeypatch,
):
    keep_in(settings, "s3://margin?endpoint_url=http://127.0.0.1:1")
    assert "could not be stored just now: Could not connect" in said(upload(staff, picture()))
    answer = client.get(f"/media/{'0' * 32}-4x4.png")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "a moment ago" in said(upload(staff, picture()))
    # Where it is back, so are the images.
    monkeypatch.setattr(bucket.MediaBucket, "away_until", float("-inf"))
    keep_in(settings, "s3://margin")
    assert upload(staff, picture()).status_code == 302
    default_storage.connection.meta.client.close()


def test_a_bucket_that_refuses_is_said(settings, store, staff):  # noqa: F811
    keep_in(settings, "s3://nobodys")
    assert "could not be stored just now: " in said(upload(staff, picture()))
    default_storage.connection.meta.client.close()


def test_renditions_are_made_in_the_bucket_and_go_with_the_picture(
    in_a_bucket, author, client, django_capture_on_commit_callbacks
):
    content = picture("JPEG", size=(800, 600))
    name = name_of(content, 800, 600, "jpg")
    put(name, content)
    image = Image.objects.create(file=name, width=800, height=600, uploaded_by=author)
    address = f"/media/{name}.720.webp"
    assert client.get(address).headers["Content-Type"] == "image/jpeg"
    # As on a machine whose worker was killed in between, and by another one.
    put(f"{name}.360.webp", b"made before")
    assert image.make_renditions() == 1
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert keys(in_a_bucket) == [f"images/{each}" for each in (name, *made_of(name))]
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
    assert keys(in_a_bucket) == []


def test_backup_and_restore_hold_no_file_of_the_bucket_whole(in_a_bucket, monkeypatch, tmp_path):
    content, name = bytes(range(250)) * 10_000, f"{'0' * 32}-64x48.mp4"
    put(name, content)

    def whole(*given):
        raise MemoryError

    monkeypatch.setattr(bucket.MediaBucket, "_open", whole)
    with Writer(tmp_path / "made.zip", Manifest("1", "now", "here", "sqlite", [])) as archive:
        add_media(archive)
    assert [len(piece) for piece in pieces_of(name)] == [2**20, 2**20, len(content) - 2**21]
    with Reader(tmp_path / "made.zip") as archive:
        load_media(archive)  # what is there is compared
        in_a_bucket.delete_object(Bucket="margin", Key=f"images/{name}")
        with pytest.raises(FileNotFoundError):
            pieces_of(name)
        load_media(archive)
    assert b"".join(pieces_of(name)) == content


def test_renditions_say_that_the_bucket_is_away(settings, store):  # noqa: F811
    keep_in(settings, "s3://margin?endpoint_url=http://127.0.0.1:1")
    Image.objects.create(file=f"{'0' * 32}-800x600.png", width=800, height=600)
    assert output_of("renditions").startswith("The storage failed: Could not connect")
    default_storage.connection.meta.client.close()
