"""Files beside an export come along with the essays that show them."""

import hashlib
import io
import json

import pytest
from backups import output_of
from django.core.files.storage import default_storage
from inputs import every
from test_images import media_root, picture  # noqa: F401 - a fixture

from blog.media.names import name_of
from blog.posts.models import Image, Recording
from blog.transfer.beside import descriptions
from blog.transfer.export_rows import write_pictures
from blog.transfer.wxr_writer import WxrWriter

pytestmark = pytest.mark.django_db


@pytest.fixture
def beside(tmp_path, write):
    """An export without posts, beside files: two that an essay shows, one not, one spoiled."""
    content, sound = picture("JPEG", size=(800, 600)), b"ID3 rain"
    names = {
        "shown": name_of(content, 800, 600, "jpg"),
        "played": f"{hashlib.sha256(sound).hexdigest()[:32]}.mp3",
        "not shown": name_of(b"other", 80, 60, "png"),
        "spoiled": f"{'0' * 32}-80x60.png",
    }
    folder = tmp_path / "out"
    (folder / "media").mkdir(parents=True)
    for what, name in names.items():
        given = {"shown": content, "played": sound}.get(what, b"other")
        (folder / "media" / name).write_bytes(given)
    write(body=" ".join(f"![A](/media/{names[what]})" for what in ("shown", "played", "spoiled")))
    out = io.BytesIO()
    WxrWriter(out).write([], [], {})
    (folder / "wordpress.xml").write_bytes(out.getvalue())
    return folder, names


def test_files_of_an_export_come_with_its_essays(beside):
    folder, names = beside
    said = output_of("import_wordpress", folder / "wordpress.xml")
    assert f"Pictures, sounds and films from {folder / 'media'}: 2." in said
    image, recording = Image.objects.get(), Recording.objects.get()
    assert (image.file.name, image.width, image.height) == (names["shown"], 800, 600)
    assert (recording.file.name, recording.bytes) == (names["played"], 8)
    assert {*default_storage.listdir("")[1]} == {names["shown"], names["played"]}
    assert "Pictures, sounds" not in output_of("import_wordpress", folder / "wordpress.xml")


def test_dry_run_brings_no_file(beside):
    folder, _names = beside
    output_of("import_wordpress", folder / "wordpress.xml", "--dry-run")
    assert not Image.objects.exists()


def test_descriptions_of_pictures_come_along(beside):
    folder, names = beside
    said = [{"file": names["shown"], "alt": "A gull\x00 over\nthe harbour"}]
    (folder / "pictures.json").write_text(json.dumps(said))
    output_of("import_wordpress", folder / "wordpress.xml")
    assert Image.objects.get().alt == "A gull over the harbour"


@every("said", ["", "{}", "[1]", '[{"file": 1}]', '{"a": {}}', "[" * 100_000])
def test_odd_descriptions_are_left_out(said, tmp_path):
    (tmp_path / "pictures.json").write_text(said)
    assert descriptions(tmp_path / "pictures.json") == {}


def test_an_export_says_what_pictures_show(tmp_path):
    Image(file="b.png", alt="Boats", width=1, height=1).save()
    Image(file="a.png", width=1, height=1).save()
    write_pictures(tmp_path / "pictures.json")
    assert descriptions(tmp_path / "pictures.json") == {"a.png": "", "b.png": "Boats"}
