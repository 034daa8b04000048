"""Sending a blog to the admin's page, and having its jobs done."""

import io
import zipfile
from contextlib import nullcontext

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from blog.jobs.models import Job
from blog.transfer.moving import work as moving_work
from blog.transfer.moving.models import Move

PAGE = "/admin/moving/move/"


class Within:
    """A trial on the test's own connection, whose rows another one would wait for for ever."""

    def __init__(self, folder):
        self.outside = nullcontext

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def stand_in(monkeypatch):
    """On PostgreSQL, try out within the test's transaction."""
    if connection.vendor == "postgresql":
        monkeypatch.setattr(moving_work, "Trial", Within)


def work():
    """Do every job that is due."""
    while job := Job.objects.claim("harrow", timezone.now()):
        job.perform(timezone.now)


def sent(client, content, name="blog.xml", **fields):
    """Send a file by the form without scripts, and return what the form answers."""
    content = content if isinstance(content, bytes) else content.encode()
    given = {"kind": "wordpress", "blog": SimpleUploadedFile(name, content)}
    return client.post(PAGE, given | fields)


def tried(client, content, name="blog.xml", **fields):
    """Send a file, have it read, and return its move."""
    response = sent(client, content, name, **fields)
    assert response.status_code == 302, response.text
    work()
    return Move.objects.latest("pk")


def act(client, move, do):
    """Press a button of the move's page, and have done what it asks for."""
    response = client.post(f"{PAGE}{move.pk}/", {"do": do})
    assert response.status_code == 302
    work()
    move.refresh_from_db()
    return move


def zipped(*members, **changes):
    """Return an archive of pairs of a name and its content; changes are of each entry."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            for field, value in changes.items():
                setattr(entry, field, value)
            archive.writestr(entry, content)
    return file.getvalue()
