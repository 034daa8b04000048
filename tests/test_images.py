"""Uploaded images: read within limits, encoded again, and served only as images."""

import io
import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from pictures import bomb
from PIL import Image as Pixels

from blog.markup import render_post
from blog.media.names import NAME, still_of
from blog.media.pictures import limits
from blog.posts.models import Image

ADD, LIST = "/admin/posts/image/add/", "/admin/posts/image/"
SECRET = b"<script>alert(1)</script>"
UNREADABLE = "This image cannot be read here."
DAMAGED = "This file is damaged or not complete. Save it again, or choose another."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def picture(kind="PNG", size=(40, 30), mode="RGB", **options):
    out = io.BytesIO()
    Pixels.new(mode, size, "red" if mode != "L" else 200).save(out, kind, **options)
    return out.getvalue()


def upload(staff, content, name="x.png", alt="A gull", kind="image/png"):
    return staff.post(ADD, {"file": SimpleUploadedFile(name, content, kind), "alt": alt})


def said(response):
    assert response.status_code == 200, "the form is shown again"
    assert not Image.objects.exists()
    return " ".join(response.context["adminform"].form.errors["file"])


def kept():
    with default_storage.open(Image.objects.get().file.name) as file:
        return file.read()


# --- What is kept -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "ending"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "png")]
)
def test_image_file_name_is_a_hash_of_its_content(staff, kind, ending):
    assert upload(staff, picture(kind), name="../../evil.html").status_code == 302
    image = Image.objects.get()
    assert re.fullmatch(NAME, image.file.name)
    assert image.file.name.endswith(f"-40x30.{ending}")
    assert (image.width, image.height) == (40, 30)
    with Pixels.open(io.BytesIO(kept())) as again:
        assert again.size == (40, 30)


def test_upload_page_shows_the_markdown_to_copy(staff, author):
    page = staff.post(
        ADD, {"file": SimpleUploadedFile("x.png", picture()), "alt": "A [b] gull"}, follow=True
    )
    image = Image.objects.get()
    assert f'value="![A \\[b\\] gull](/media/{image.file.name})"' in page.text
    assert image.uploaded_by == author


def test_photo_metadata_is_removed(staff):
    exif = Pixels.Exif()
    exif[0x010F] = "Maker of phones"
    exif.get_ifd(0x8825)[1] = "N"
    assert upload(staff, picture("JPEG", exif=exif, comment=SECRET)).status_code == 302
    assert b"Maker of phones" not in kept()
    assert SECRET not in kept()
    with Pixels.open(io.BytesIO(kept())) as again:
        assert not again.getexif()
        assert not {"exif", "comment", "icc_profile"} & set(again.info)


def test_a_photograph_taken_sideways_stands_upright(staff):
    exif = Pixels.Exif()
    exif[0x0112] = 6
    upload(staff, picture("JPEG", exif=exif))
    assert (Image.objects.get().width, Image.objects.get().height) == (30, 40)


def test_large_image_is_reduced_to_the_largest_shown_size(staff):
    upload(staff, picture("JPEG", size=(5120, 1024)))
    assert (Image.objects.get().width, Image.objects.get().height) == (2560, 512)


def test_transparency_is_kept(staff):
    half = Pixels.new("RGBA", (40, 30), (255, 0, 0, 128))
    out = io.BytesIO()
    half.save(out, "PNG")
    upload(staff, out.getvalue())
    with Pixels.open(io.BytesIO(kept())) as again:
        assert again.mode == "RGBA"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_data_appended_to_an_image_is_removed(staff, kind):
    """A polyglot: an image for one reader, a page or an archive for another."""
    upload(staff, picture(kind) + SECRET + b"PK\x03\x04")
    assert SECRET not in kept()
    assert b"PK\x03\x04" not in kept()


def test_the_same_image_is_stored_once(staff):
    upload(staff, picture())
    again = upload(staff, picture())
    name = Image.objects.get().file.name
    errors = again.context["adminform"].form.errors["file"]
    assert errors == [f"This picture is here already: ![A gull](/media/{name})"]


def test_its_file_goes_with_it(staff, django_capture_on_commit_callbacks):
    upload(staff, picture())
    image = Image.objects.get()
    name = image.file.name
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(f"{LIST}{image.pk}/delete/", {"post": "yes"})
    assert not default_storage.exists(name)


def test_first_frame_is_kept_beside_what_moves(staff, django_capture_on_commit_callbacks):
    first, second = Pixels.new("RGB", (9, 9), "red"), Pixels.new("RGB", (9, 9), "blue")
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=[second], duration=100)
    upload(staff, out.getvalue())
    image = Image.objects.get()
    still = still_of(image.file.name)
    assert default_storage.exists(still)
    with default_storage.open(still) as file, Pixels.open(file) as found:
        assert not getattr(found, "is_animated", False)
        assert found.size == (9, 9)
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
    assert not default_storage.exists(still)


def test_image_shown_in_an_essay_is_not_deleted(staff, write):
    upload(staff, picture())
    image = Image.objects.get()
    write(body=image.markdown)
    page = staff.post(f"{LIST}{image.pk}/delete/", {"post": "yes"})
    assert "is shown in “On margins”" in page.text
    assert Image.objects.exists()


# --- What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (100_000_001, 1), (2**31 - 1, 1)])
def test_decompression_bomb_is_refused_before_unpacking(staff, width, height):
    assert "million are the most for a PNG. Make it smaller." in said(
        upload(staff, bomb(width, height))
    )


def test_a_file_of_too_many_bytes_is_refused(staff, monkeypatch):
    monkeypatch.setattr(limits, "BYTES", 1_000_000)
    found = said(upload(staff, picture() + bytes(1_500_000)))
    assert found == "This file has 1.5 MB; 1 are the most. Make the picture smaller."


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.4",
        b"P6 1 1 255\n123",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"x" * 100_000,
    ],
)
def test_other_file_is_refused_with_a_sentence(staff, content):
    assert UNREADABLE in said(upload(staff, content))


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a/*<script>*/=1;alert(1)//",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    ],
)
def test_the_mere_start_of_a_picture_is_refused(staff, content):
    assert said(upload(staff, content)) == DAMAGED


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_file_that_broke_off_is_refused(staff, kind):
    noise = Pixels.effect_noise((200, 200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)
    assert said(upload(staff, out.getvalue()[: len(out.getvalue()) // 2])) == DAMAGED


def test_an_empty_file_is_refused(staff):
    assert "empty" in said(upload(staff, b""))


def test_only_who_may_upload_uploads(client, author):
    client.force_login(author)
    assert upload(client, picture()).status_code == 403
    client.logout()
    assert upload(client, picture()).status_code == 403
    assert not Image.objects.exists()


# --- How it is served -------------------------------------------------------------------------


def test_image_is_served_as_image_for_a_year(staff, client):
    upload(staff, picture("JPEG"))
    client.logout()
    answer = client.get(Image.objects.get().get_absolute_url())
    assert answer.content == kept()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not answer.cookies
    again = client.get(answer.wsgi_request.path, headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


def test_image_is_not_compressed_again(staff, client):
    upload(staff, picture("PNG", size=(900, 900)))
    client.logout()
    url = Image.objects.get().get_absolute_url()
    assert "Content-Encoding" not in client.get(url, headers={"accept-encoding": "br, gzip"})


@pytest.mark.parametrize(
    "path",
    [
        "../postil.sqlite3",
        "..%2fsecret_key",
        "%2e%2e/secret_key",
        "/etc/passwd",
        "x.html",
        "secret_key",
        f"{'0' * 32}-1x1.svg",
        f"{'0' * 32}-1x1.png",
        f"{'0' * 32}-1x1.png/..",
        f"{'0' * 32}-1x1.png%00",
        "",
    ],
)
def test_no_other_file_is_served(client, media_root, path):
    media_root.mkdir()
    (media_root / "x.html").write_text("secret")
    (media_root.parent / "secret_key").write_text("secret")
    response = client.get(f"/media/{path}")
    assert response.status_code in (301, 404)
    assert "secret</" not in response.text


# --- In essays --------------------------------------------------------------------------------


def test_essay_has_image_size_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        html = render_post(f"![A gull](/media/{'0' * 32}-1200x800.jpg)")
    assert 'width="1200"' in html
    assert 'height="800"' in html


def test_a_size_that_its_author_chose_stays(db):
    html = render_post(f'<img src="/media/{"0" * 32}-1200x800.jpg" alt="" width="300">')
    assert 'width="300"' in html
    assert 'width="1200"' not in html
