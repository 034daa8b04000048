"""Cards: what essays without a picture are shown with elsewhere, drawn from their titles."""

import io

import pytest
from conftest import cards_are_made
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from PIL import Image as Pixels
from PIL import ImageColor
from test_when_shared import head, picture, site  # noqa: F401 - a fixture

from blog.jobs.models import Job
from blog.media.cards import charmap, fonts, name_of_site_card
from blog.media.cards.bidi import in_order, levels
from blog.media.cards.drawing import NAME, RULE, TITLE, Colours, card, site_card
from blog.media.cards.setting import Setter
from blog.posts import cards
from blog.posts.models import Post
from blog.site import reading

COLOURS = Colours("#fcfcfa", "#1c1e21", "#5a5f66", "#dd8f88")
LONG = "On the habit of writing in the margins of other people’s books, and what it has taught " * 5


@pytest.fixture(autouse=True)
def only_own_font(monkeypatch):
    """Have every machine draw alike, whatever fonts it has."""
    monkeypatch.setattr(fonts, "of_the_server", lambda: ())


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def pixels(content):
    return Pixels.open(io.BytesIO(content)).convert("RGB")


# --- What is drawn ----------------------------------------------------------------------------


def test_card_has_the_rule_and_both_texts():
    drawn = pixels(card("Why", "My margin", COLOURS))
    assert drawn.size == (1200, 630)
    assert drawn.getpixel((2, 2)) == ImageColor.getrgb(COLOURS.paper)
    assert drawn.getpixel((RULE + 1, 5)) == ImageColor.getrgb(COLOURS.rule)
    colours = {colour for _count, colour in drawn.getcolors(4096)}
    assert {ImageColor.getrgb(ink) for ink in (COLOURS.ink, COLOURS.soft)} <= colours


@pytest.mark.parametrize("title", ["\U00012000 tablet", "हाशिये", "No box \ue0fff \U000f0000"])
def test_title_with_a_sign_no_font_has_is_left_out(title):
    assert card(title, "My margin", COLOURS) == site_card("My margin", "", COLOURS)


@pytest.mark.parametrize("title", ["Why", "Ruled before written", LONG[:200], LONG])
def test_title_of_any_length_fits(title):
    words = Setter(title)
    size, lines = words.set(TITLE)
    assert max(words.width(line, size) for line in lines) <= TITLE.width
    assert len(lines) * words.leading * size <= TITLE.height + words.leading * size
    assert "".join(lines).rstrip("…").replace(" ", "") in title.replace(" ", "")
    assert lines[-1].endswith("…") == (title == LONG)


def test_long_title_is_cut_at_a_word():
    _size, lines = Setter(LONG).set(TITLE)
    assert lines[-1].endswith("…")
    assert lines[-1].rstrip("…").split()[-1] in LONG.split()


def test_name_in_the_margin_is_cut_where_it_must_be():
    words = Setter("A magazine of essays, letters and notes in margins of every width " * 2)
    _size, lines = words.set(NAME)
    assert len(lines) <= NAME.most_lines


def test_numbers_and_foreign_words_stand_in_order():
    """As browsers order them; capitals stand for Hebrew here."""
    for text, right_to_left, expected in (
        ("אב cd 12", True, [("אב ", 1), ("cd 12", 2)]),
        ("cd אב 12", False, [("cd ", 0), ("אב ", 1), ("12", 2)]),
        ("cd (אב) e", False, [("cd (", 0), ("אב", 1), (") e", 0)]),
    ):
        found = []
        for character, level in zip(text, levels(text, right_to_left), strict=True):
            if found and found[-1][1] == level:
                found[-1] = (found[-1][0] + character, level)
            else:
                found.append((character, level))
        assert found == expected, text
    assert in_order([(0, "a"), (1, "b"), (2, "c"), (2, "d"), (0, "e")]) == ["a", "c", "d", "b", "e"]


def test_shipped_font_says_what_it_has(tmp_path):
    assert all(map(fonts.own().has, "Aé…’Жỗ"))
    assert not any(map(fonts.own().has, "अא界☕"))
    (tmp_path / "x.ttf").write_bytes(fonts.OWN.read_bytes()[:3000])
    (tmp_path / "y.ttf").write_bytes(b"not a font")
    assert charmap.faces_in(tmp_path / "x.ttf") == []
    with pytest.raises(charmap.Broken):
        charmap.faces_in(tmp_path / "y.ttf")


# --- When it is made --------------------------------------------------------------------------


@pytest.fixture
def work(db):
    """Have saves add their jobs; return what does them all."""

    def work():
        while job := Job.objects.claim("harrow", timezone.now()):
            job.perform(timezone.now)
        return Job.objects.filter(status="FAILED").count()

    with cards_are_made():
        yield work


def names(media_root):
    files = media_root.iterdir() if media_root.exists() else ()
    return {path.name for path in files if path.is_file()}


def test_published_essay_gets_a_card(client, write, work, media_root):
    post = write("On margins")
    assert "og:image" not in head(client, post), "nothing is named before it is there"
    assert work() == 0
    post.refresh_from_db()
    said = head(client, post)
    assert said["og:image"] == f"https://blog.example.org/media/{post.shared_name}"
    assert (said["og:image:alt"], said["og:image:type"]) == ("On margins", "image/png")
    assert client.get(f"/media/{post.shared_name}").content == cards.drawn("On margins")


def test_new_title_gets_a_new_card_and_the_old_one_goes(write, work, media_root):
    post, other = write("On margins"), write("On margins", slug="again")
    work()
    post.refresh_from_db()
    old = post.shared_name
    post.title = "On wide margins"
    post.save()
    assert post.shared_name == old, "until the new one is there"
    work()
    assert {Post.objects.get(pk=post.pk).shared_name, old} <= names(media_root), "another has it"
    Post.objects.get(pk=other.pk).delete()
    work()
    assert old not in names(media_root)


def test_draft_gets_no_card(write, work, media_root):
    post = write(published_at=None)
    assert not Job.objects.exists()
    post.publish()
    post.save()
    work()
    post.refresh_from_db()
    assert post.shared_name in names(media_root)


def test_picture_takes_the_place_of_the_card(write, work, media_root):
    post = write("On margins")
    work()
    post.refresh_from_db()
    card, post.body = post.shared_name, picture(1).markdown
    post.save()
    work()
    assert post.shared_name == f"{1:032x}-900x600.jpg"
    assert card not in names(media_root)


def test_large_or_webp_picture_is_shared_as_jpeg(write, work, media_root):
    out = io.BytesIO()
    Pixels.new("RGBA", (1500, 100)).save(out, "WEBP")
    gull = picture(1, "1500x100", "A gull", "webp")
    default_storage.save(gull.file.name, ContentFile(out.getvalue()))
    post = write(body=gull.markdown)
    assert post.shared_name == "", "not all networks know WebP"
    work()
    post.refresh_from_db()
    assert (post.shared_size, post.shared_type) == (("1200", "80"), "image/jpeg")
    with default_storage.open(post.shared_name) as file, Pixels.open(file) as made:
        assert (made.format, made.size) == ("JPEG", (1200, 80))
        assert made.getpixel((5, 5)) == pytest.approx((252, 252, 250), abs=2)


def said(capsys, *options):
    call_command("cards", *options)
    return capsys.readouterr().out.strip()


def test_command_makes_what_is_missing(write, media_root, capsys):
    for title in ("On margins", "Old"):
        write(title)
    write("Draft", published_at=None)
    assert said(capsys) == "2 pictures were made."
    made = {post.shared_name for post in Post.objects.all()} - {""}
    site_card = name_of_site_card(reading.site().title, reading.site().tagline)
    assert names(media_root) == made | {site_card}
    assert len(made) == 2
    assert said(capsys) == "0 pictures were made."
    default_storage.delete(made.copy().pop())
    assert said(capsys, "--again") == "2 pictures were made."
    assert names(media_root) == made | {site_card}


def test_worker_makes_what_is_missing_daily(write, work):
    write()
    small = write("Small", body=picture(1).markdown)
    Post.objects.update(shared_name="", shared_from="")
    call_command("cards", "--later")
    assert work() == 0
    assert Post.objects.get(pk=small.pk).shared_name == f"{1:032x}-900x600.jpg"
    assert Post.objects.exclude(pk=small.pk).get().shared_from
    Job.objects.all().delete()
    call_command("cards", "--later")
    assert not Job.objects.exists()


def test_desk_draws_a_card_and_keeps_nothing(client, author, write, media_root):
    author.user_permissions.set(Permission.objects.filter(content_type__app_label="posts"))
    client.force_login(author)
    post = write("On margins", published_at=None)
    answer = client.get(f"/admin/posts/post/card/?post={post.pk}")
    assert answer.content == cards.drawn("On margins")
    assert answer["Cache-Control"] == "private, no-store"
    assert not names(media_root)
    page = client.get(f"/admin/posts/post/{post.pk}/change/?ask=publish").text
    assert f'<img src="/admin/posts/post/card/?post={post.pk}"' in page


def test_lists_of_the_site_name_its_own_card(client, write, media_root):
    write()
    call_command("cards")
    for path in ("/", "/archive/", "/about/", "/tags/"):
        name = name_of_site_card(reading.site().title, reading.site().tagline)
        assert f'content="https://blog.example.org/media/{name}"' in client.get(path).text
    assert client.get(f"/media/{name}").status_code == 200
