"""Backups in a bucket: a store that speaks S3, started for this on loopback."""

import subprocess
from urllib.request import urlopen

import prepared
import pytest
import warm
from backups import output_of, site_in, tables_are_there
from server import PATIENCE
from trials import FULL

from blog.posts.models import Tag

boto3 = pytest.importorskip("boto3")
threaded = pytest.importorskip("moto.server")

KEYS = {
    "AWS_ACCESS_KEY_ID": "postil",
    "AWS_SECRET_ACCESS_KEY": "a secret of the test alone",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def stop_empty(server):
    """Stop a store; what it holds would outlast it, for the next test of this process."""
    host, port = server.get_host_and_port()
    urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").close()
    server.stop()


@pytest.fixture
def store(monkeypatch):
    server = threaded.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}).items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="margin")
    yield client
    client.close()
    stop_empty(server)


def run(site, *arguments):
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return warm.run(**site.command(*arguments), timeout=PATIENCE, check=False, **said)


def test_backup_is_kept_in_and_restored_from_a_bucket(store, tmp_path, django_db_blocker):
    site = prepared.migrated(tmp_path)
    with django_db_blocker.unblock(), site_in(site.data):
        Tag.objects.create(name="Margins", key="margins")
    for year in (2021, 2022):
        store.put_object(Bucket="margin", Key=f"daily/postil-{year}-01-01T00-00-00Z.zip", Body=b"")
    store.put_object(Bucket="margin", Key="daily/another", Body=b"")

    verify = ["--verify"] if FULL else []
    done = run(site, "backup", "s3://margin/daily", "--keep", "2", *verify)
    assert done.returncode == 0, done.stdout
    assert "s3://margin/daily/postil-20" in done.stdout
    assert ("every row and sum is the same" in done.stdout) == bool(verify)
    assert "Deleted 1 older one." in done.stdout
    keys = [said["Key"] for said in store.list_objects_v2(Bucket="margin")["Contents"]]
    assert keys[:2] == ["daily/another", "daily/postil-2022-01-01T00-00-00Z.zip"]
    assert len(keys) == 3

    with django_db_blocker.unblock(), site_in(tmp_path / "elsewhere") as other, tables_are_there():
        output_of("restore", f"s3://margin/{keys[2]}")
        assert (other / "postil.sqlite3").exists()
        assert Tag.objects.get().name == "Margins"


@pytest.mark.usefixtures("store")
def test_refusal_of_a_store_is_one_sentence():
    for said in (
        output_of("backup", "s3://nobodys/daily"),
        output_of("restore", "s3://margin/nothing.zip"),
    ):
        assert said.startswith("The bucket ")
        assert "cannot be used: " in said
        assert said.count("\n") == 0


def test_missing_store_is_reported_in_one_sentence(monkeypatch):
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert "cannot be used: Could not connect" in output_of("backup", "s3://margin")
