"""Pictures in several widths: their names, and what is served until they are made."""

import io
import re

import pytest
from backups import output_of
from django.core.files.storage import default_storage
from django.core.management import call_command
from PIL import Image as Pixels
from test_images import media_root  # noqa: F401 - a fixture

from blog.jobs.models import Job
from blog.media.files import put
from blog.media.names import (
    instead_of,
    made_of,
    name_in,
    name_of,
    original_of,
    renditions_of,
    size_in,
    still_of,
)
from blog.media.pictures import renditions
from blog.media.pictures.renditions import make_missing
from blog.media.pictures.turns import Busy
from blog.posts.models import Image, Post, Revision
from blog.posts.tasks import catch_up, make_renditions
from comments.linkbacks.sending import digest, text_digest_of
from comments.models import LinkedPage, ThreadPage

HASH = "0f" * 16
PHOTO = f"{HASH}-2560x1707.jpg"
MOVING = f"{HASH}-400x300.moving.webp"


# --- Names ------------------------------------------------------------------------------------


def test_renditions_follow_from_the_name():
    found = renditions_of(PHOTO)
    assert found[1] == (720, 480, f"{PHOTO}.720.webp")
    assert [made.width for made in found] == [360, 720, 1040, 1280, 1920]
    for name in (f"{HASH}-360x9000.png", MOVING, f"{HASH}.mp3", f"{HASH}-900x600.mp4", "x.jpg"):
        assert renditions_of(name) == []
    assert made_of(MOVING) == [still_of(MOVING)]
    assert original_of(found[1].name) == PHOTO
    assert original_of(still_of(MOVING)) == MOVING
    assert original_of(PHOTO) is None


def test_address_says_its_size():
    sizes = {
        PHOTO: ("2560", "1707"),
        f"{PHOTO}.720.webp": ("720", "480"),
        still_of(MOVING): ("400", "300"),
        f"{HASH}-900x600.webm": ("900", "600"),
        f"{HASH}.mp3": None,
        f"{PHOTO}.exe": None,
    }
    assert {name: size_in(f"/media/{name}") for name in sizes} == sizes
    assert name_in(f"/media/{PHOTO}?x") is None
    assert name_in(f"https://example.org/media/{PHOTO}") is None


def test_nearest_width_stands_in():
    found = instead_of(f"{PHOTO}.1040.webp")
    widths = ["1280", "720", "360", "1920"]
    assert found == [*(f"{PHOTO}.{width}.webp" for width in widths), PHOTO]
    assert instead_of(still_of(MOVING)) == [MOVING]
    assert instead_of(PHOTO) == []


# --- How they are served ----------------------------------------------------------------------


def test_nearest_that_is_there_is_served_for_now(client):
    put(PHOTO, b"original")
    address = f"/media/{PHOTO}.720.webp"
    answers = [client.get(address)]
    put(f"{PHOTO}.1920.webp", b"wide")
    answers.append(client.get(address))
    put(f"{PHOTO}.720.webp", b"right")
    answers.append(client.get(address))
    assert [answer.content for answer in answers] == [b"original", b"wide", b"right"]
    kinds = [answer["Content-Type"] for answer in answers]
    assert kinds == ["image/jpeg", "image/webp", "image/webp"]
    short, kept = "public, max-age=20", "public, max-age=31536000, immutable"
    assert [answer["Cache-Control"] for answer in answers] == [short, short, kept]
    assert len({answer["ETag"] for answer in answers}) == 3
    policies = {answer["Content-Security-Policy"] for answer in answers}
    assert policies == {"default-src 'none'; sandbox"}


@pytest.mark.django_db
def test_rendition_of_nothing_is_not_there(client):
    for name in (f"{PHOTO}.720.webp", still_of(MOVING), f"{HASH}.mp3"):
        assert client.get(f"/media/{name}").status_code == 404


# --- How they are made ------------------------------------------------------------------------


@pytest.fixture
def kept(db, author):
    """A picture as an author would add it: a photograph whose pixels all differ."""
    noise = Pixels.effect_noise((1100, 700), 40)
    content = io.BytesIO()
    Pixels.merge("RGB", [noise, noise.rotate(180), noise]).save(content, "JPEG", quality=70)
    name = name_of(content.getvalue(), 1100, 700, "jpg")
    put(name, content.getvalue())
    return Image.objects.create(file=name, width=1100, height=700, uploaded_by=author)


def there():
    return {name for name in default_storage.listdir("")[1] if not name.startswith(".")}


def test_job_makes_them_after_a_picture_is_kept(kept):
    (job,) = Job.objects.filter(task_path=make_renditions.module_path)
    assert job.args_kwargs["args"] == [kept.pk]
    assert make_renditions.call(kept.pk) == "3 made"
    name = kept.file.name
    assert there() == {name, *made_of(name)}
    for made in renditions_of(name):
        with default_storage.open(made.name) as file, Pixels.open(file) as pixels:
            assert (pixels.format, pixels.size) == ("WEBP", (made.width, made.height))
    kept.refresh_from_db()
    assert kept.bytes == default_storage.size(name)
    assert kept.renditions_bytes == sum(default_storage.size(made) for made in made_of(name))
    # Again, as after a worker was killed before it could say so.
    assert make_renditions.call(kept.pk) == "0 made"
    kept.delete()
    assert make_renditions.call(kept.pk) == "gone"


def test_drawing_without_loss_where_that_is_smaller(db):
    flat = Pixels.new("RGBA", (800, 400), (0, 0, 0, 0))
    flat.paste((200, 30, 30, 255), (100, 100, 700, 300))
    content = io.BytesIO()
    flat.save(content, "PNG")
    name = name_of(content.getvalue(), 800, 400, "png")
    put(name, content.getvalue())
    make_missing(name)
    with default_storage.open(f"{name}.360.webp") as file, Pixels.open(file) as pixels:
        assert pixels.convert("RGBA").getpixel((180, 90)) == (200, 30, 30, 255)
        assert pixels.convert("RGBA").getpixel((5, 5))[3] == 0


def test_first_frame_of_a_moving_picture_is_made(db):
    frames = [Pixels.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    content = io.BytesIO()
    frames[0].save(content, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    put(f"{HASH}-40x30.moving.webp", content.getvalue())
    make_missing(f"{HASH}-40x30.moving.webp")
    with default_storage.open(f"{HASH}-40x30.moving.webp.still.webp") as file:
        still = Pixels.open(file)
        assert not still.is_animated
        assert still.convert("RGB").getpixel((20, 15))[0] > 240


def test_command_goes_on_after_it_was_killed(kept, monkeypatch):
    name = kept.file.name
    whole = renditions.put

    def killed(made, content):
        if ".720." in made:
            raise KeyboardInterrupt
        whole(made, content)

    with monkeypatch.context() as patch:
        patch.setattr(renditions, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            call_command("renditions")
    assert there() == {name, f"{name}.360.webp"}
    assert output_of("renditions") == "Pictures done: 1. Files made: 2. Essays rendered: 0.\n"
    assert there() == {name, *made_of(name)}
    assert output_of("renditions").startswith("Pictures done: 0. Files made: 0.")
    # Files that were lost are found missing where each is looked for.
    default_storage.delete(f"{name}.720.webp")
    assert output_of("renditions", "--all").startswith("Pictures done: 1. Files made: 1.")


def test_broken_and_lost_files_are_named_and_passed(kept):
    put(PHOTO, b"\xff\xd8\xff broken")
    Image.objects.create(file=PHOTO, width=2560, height=1707)
    Image.objects.create(file=f"{HASH}-9x9.png", width=9, height=9)
    said = output_of("renditions")
    assert f"{PHOTO} was left out: " in said
    assert f"{HASH}-9x9.png was left out: its file is not there.\n" in said
    assert "Pictures done: 1." in said
    assert catch_up.call() == "done"


def test_what_was_missed_is_left_to_the_worker(kept, write):
    Job.objects.all().delete()
    call_command("renditions", "--later")
    (job,) = Job.objects.all()
    assert job.task_path == catch_up.module_path
    assert catch_up.call() == "done"
    Job.objects.all().delete()
    call_command("renditions", "--later")
    assert not Job.objects.exists()


def test_picture_whose_turn_does_not_come_is_next(kept, monkeypatch):
    def held(seconds):
        raise Busy

    Job.objects.all().delete()
    monkeypatch.setattr("blog.media.pictures.renditions.alone", held)
    assert catch_up.call() == "to be continued"
    assert Job.objects.get().args_kwargs["args"] == [0, False]
    assert "Run this again to go on." in output_of("renditions")


def test_picture_takes_what_was_made_of_it_along(kept, django_capture_on_commit_callbacks):
    kept.make_renditions()
    put(PHOTO, b"another")
    with django_capture_on_commit_callbacks(execute=True):
        kept.delete()
    assert there() == {PHOTO}
    # The job of one that is deleted while it runs leaves nothing either.
    put(kept.file.name, b"")
    kept.pk = 9
    with pytest.raises(renditions.Unreadable):
        kept.make_renditions()


# --- Essays of earlier versions ---------------------------------------------------------------


def test_essay_is_rendered_again_and_nobody_is_notified(kept, write, say):
    post = write(body=f"Of the sea.\n\n{kept.markdown}")
    comment = say(post, passage="the sea")
    ThreadPage.objects.refresh(post)
    ThreadPage.objects.refresh_margin(post)
    new = Post.objects.get(pk=post.pk)
    assert " srcset=" in new.annotated_html
    old = re.sub(' (srcset|sizes)="[^"]*"', "", new.body_html)
    Post.objects.update(body_html=old, annotated_html=old)
    known = LinkedPage.objects.create(
        post=post, target="x", key="x", source="x", state="sent", digest=digest(post, old)
    )
    before, versions, jobs = [*Post.objects.values()], Revision.objects.count(), Job.objects.count()
    assert "Essays rendered: 1." in output_of("renditions")
    now = Post.objects.get(pk=post.pk)
    assert (now.body_html, now.annotated_html) == (new.body_html, new.annotated_html)
    assert comment.name in now.annotated_html
    changed = {"body_html": new.body_html, "annotated_html": new.annotated_html}
    assert [*Post.objects.values()] == [before[0] | changed]
    assert (Revision.objects.count(), Job.objects.count()) == (versions, jobs)
    known.refresh_from_db()
    assert known.digest == text_digest_of(now)
    assert "Essays rendered: 0." in output_of("renditions")
