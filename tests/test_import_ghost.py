"""Exports of Ghost: what becomes of posts, pages, people, tags, files and addresses."""

import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from ghost_exports import OWN, export, post, written
from PIL import Image as Pillow
from test_images import media_root  # noqa: F401 - a fixture
from wordpress_exports import all_rows

from blog.posts.models import Image, Post, Tag
from blog.transfer.ghost.importing import import_ghost

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_ghost")]


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path, media_root):  # noqa: F811
    settings.DATA_DIR = tmp_path


def brought(tmp_path, *posts, **tables):
    return import_ghost(written(tmp_path, *posts, **tables))


def picture(width, height):
    file = io.BytesIO()
    Pillow.new("RGB", (width, height), "red").save(file, "PNG")
    return file.getvalue()


def named(report, part):
    """Return what is said under the headings that have some words in them."""
    return [line for heading, lines in report.notes.items() if part in heading for line in lines]


# --- What is public -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"status": "draft"},
        {"status": "draft", "published_at": None},
        {"status": "sent"},
        {"status": "something new"},
        {"status": None},
        {"visibility": "members"},
        {"visibility": "paid"},
        {"visibility": "tiers"},
        {"visibility": "something new"},
        {"status": "scheduled", "published_at": "2020-01-01 00:00:00"},
        {"published_at": None},
        {"published_at": ["2020"]},
    ],
    ids=str,
)
def test_what_was_not_for_all_becomes_a_named_draft(tmp_path, said):
    report = brought(tmp_path, post(title="Quiet", **said))
    assert [str(each.status) for each in Post.objects.all()] == ["draft"]
    assert "Quiet" in "".join(named(report, "Kept as a draft"))


def test_post_for_email_alone_by_its_meta_is_a_draft(tmp_path):
    row = post()
    brought(tmp_path, row, posts_meta=[{"id": "m", "post_id": row["id"], "email_only": 1}])
    assert not Post.objects.published().exists()


@pytest.mark.parametrize(
    "date", ["2099-01-01 00:00:00", "2099-01-01T00:00:00.000Z", 4_070_908_800_000]
)
def test_scheduled_post_waits_for_its_time(tmp_path, date):
    brought(tmp_path, post(status="scheduled", published_at=date))
    found = Post.objects.get()
    assert (str(found.status), found.published_at.year) == ("scheduled", 2099)


@pytest.mark.parametrize("listed", [True, False])
def test_both_forms_give_essays_and_pages_with_their_dates(tmp_path, listed):
    path = tmp_path / "made.json"
    rows = post(1, title="Essay", custom_excerpt="In short."), post(2, type="page", slug="me")
    path.write_text(export(*rows, listed=listed))
    import_ghost(path)
    essay, page = Post.objects.order_by("pk")
    assert (essay.path, essay.standfirst, essay.kind) == ("2021/03/post-1", "In short.", "essay")
    assert f"{essay.published_at:%Y-%m-%d %H:%M} {essay.updated_at:%d}" == "2021-03-02 08:00 03"
    assert (page.path, page.kind) == ("me", "page")


# --- People and tags ----------------------------------------------------------------------------


def test_first_author_in_their_order_and_tags_without_internal_ones(tmp_path):
    row = post()
    report = brought(
        tmp_path,
        row,
        users=[
            {"id": "1", "name": "Bram Vos", "slug": "bram", "email": "bram@example.org"},
            {"id": 2, "name": "Ada Whitlock", "slug": "ada", "password": "$2a$10$secret"},
        ],
        posts_authors=[
            {"post_id": row["id"], "author_id": "1", "sort_order": 1},
            {"post_id": row["id"], "author_id": "2", "sort_order": 0},
        ],
        tags=[
            {"id": "t1", "name": "Tea", "slug": "tea", "visibility": "public"},
            {"id": "t2", "name": "#hidden", "slug": "hash-hidden", "visibility": "internal"},
            {"id": "t3", "name": "Aged", "slug": "aged"},
        ],
        posts_tags=[
            {"post_id": row["id"], "tag_id": "t1", "sort_order": 1},
            {"post_id": row["id"], "tag_id": "t2", "sort_order": 2},
            {"post_id": row["id"], "tag_id": "t3", "sort_order": 0},
            {"post_id": row["id"], "tag_id": "gone", "sort_order": 3},
        ],
    )
    found = Post.objects.get()
    assert found.author.get_full_name() == "Ada Whitlock"
    assert not found.author.has_usable_password()
    assert {tag.name for tag in Tag.objects.all()} == {"Tea", "Aged"}
    assert named(report, "other authors") == ["“Post 1” (/post-1/): Bram Vos"]
    assert named(report, "Internal tags") == ["#hidden"]
    assert "gone" in named(report, "Tags left out")[0]
    assert named(report, "Passwords") == ["1"]


def test_post_of_nobody_belongs_to_the_chosen_author(tmp_path, author):
    import_ghost(written(tmp_path, post()), author=author)
    assert Post.objects.get().author == author


def test_oldest_form_names_author_page_and_picture_in_the_post(tmp_path):
    brought(
        tmp_path,
        post(page=1, type=None, author_id=7, html=None, markdown="*Typed*"),
        users=[{"id": 7, "name": "Ada"}],
    )
    found = Post.objects.get()
    assert (found.kind, found.author.first_name, found.body) == ("page", "Ada", "*Typed*")


# --- Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("below", ["content/images", "", "images"])
def test_pictures_come_from_the_folder_in_any_of_its_depths(tmp_path, below):
    folder = tmp_path / "copy" / below / "2026" / "11"
    folder.mkdir(parents=True)
    (folder / "red.png").write_bytes(picture(60, 40))
    (folder / "red_o.png").write_bytes(picture(90, 60))
    html = f'<p><img src="{OWN}/content/images/size/w600/2026/11/red.png" alt="Red"></p>'
    row = post(html=html, feature_image=f"{OWN}/content/images/2026/11/red.png")
    meta = {
        "post_id": row["id"],
        "feature_image_alt": "Front",
        "feature_image_caption": "By <b>me</b>",
    }
    import_ghost(written(tmp_path, row, posts_meta=[meta]), media=tmp_path / "copy")
    image, found = Image.objects.get(), Post.objects.get()
    address = image.get_absolute_url()
    assert found.picture == image
    assert found.body == f'![Front]({address} "By me")\n\n![Red]({address})'


def test_sounds_of_the_folder_play_here(tmp_path):
    folder = tmp_path / "content" / "media"
    folder.mkdir(parents=True)
    sound = next((Path(__file__).parent / "support" / "recordings").glob("*.mp3"))
    (folder / "talk.mp3").write_bytes(sound.read_bytes())
    html = (
        f'<div class="kg-card kg-audio-card"><audio src="{OWN}/content/media/talk.mp3"></audio>'
        '<div class="kg-audio-title">A talk</div></div>'
    )
    brought(tmp_path, post(html=html))
    found = Post.objects.get()
    assert re.fullmatch(r"!\[A talk\]\(/media/\S+\.mp3\)", found.body)
    assert "<audio" in found.body_html


def test_missing_files_are_named_and_marked(tmp_path):
    html = (
        f'<p><img src="{OWN}/content/images/x.png"> <a href="{OWN}/content/files/a.pdf">A</a></p>'
    )
    report = brought(tmp_path, post(html=html))
    assert len(named(report, "Files that stayed behind")) == 2
    assert "missing file: x.png" in Post.objects.get().body


def test_host_that_holds_its_files_is_the_blogs_own(tmp_path):
    shown = '<img src="https://www.tea.example/content/images/x.png">'
    links = '<a href="https://tea.example/post-2/#a">1</a> <a href="https://other.example/post-2/">2</a>'
    report = brought(
        tmp_path,
        post(1, html=f"<p>{shown} {links}</p>"),
        post(2, html=f'<img src="{OWN}/content/images/x.png">'),
    )
    body = Post.objects.get(slug="post-1").body
    assert "[1](/2021/03/post-2/#a) [2](https://other.example/post-2/)" in body
    assert named(report, "own host") == ["tea.example"]


# --- Addresses ----------------------------------------------------------------------------------


def test_old_addresses_of_all_kinds_lead_on(tmp_path, client):
    row, page = post(), post(2, type="page", slug="me")
    users = [{"id": "1", "name": "Ada", "slug": "ada"}]
    brought(
        tmp_path,
        row,
        page,
        users=users,
        posts_authors=[{"post_id": row["id"], "author_id": "1"}],
        tags=[{"id": "t", "name": "Tea & more", "slug": "tea-x"}],
        posts_tags=[{"post_id": row["id"], "tag_id": "t"}],
    )
    number = get_user_model().objects.get(first_name="Ada").pk
    leads = {
        "/post-1/": "/2021/03/post-1/",
        f"/p/{row['uuid']}/": "/2021/03/post-1/",
        "/post-1/amp/": "/2021/03/post-1/",
        "/tag/tea-x/": "/tags/tea-more/",
        "/tag/tea-x/rss/": "/tags/tea-more/feed.xml",
        "/tag/tea-x/page/2/": "/tags/tea-more/",
        "/author/ada/": f"/authors/{number}/",
        "/rss/": "/feed.xml",
        "/page/2/": "/archive/",
    }
    found = {path: client.get(path).headers.get("Location") for path in leads}
    assert found == leads


def test_links_between_posts_lead_here_and_lists_lead_on(tmp_path):
    links = " ".join(
        f'<a href="{OWN}{path}">x</a>' for path in ("/post-2/#a", "/tag/tea/", "/", "/nowhere/")
    )
    tags = [{"id": "t", "name": "Tea", "slug": "tea"}]
    report = brought(tmp_path, post(1, html=f"<p>{links}</p>"), post(2), tags=tags)
    body = Post.objects.get(slug="post-1").body
    assert body == "[x](/2021/03/post-2/#a) [x](/tag/tea/) [x](/) [x](/nowhere/)"
    assert named(report, "lead nowhere") == ["“Post 1” (/post-1/): /nowhere/"]


def test_feeds_go_on_to_call_a_post_by_its_id(tmp_path):
    brought(tmp_path, post())
    assert Post.objects.get().feed_id == post()["id"]


# --- Again, and without changes -------------------------------------------------------------------


def test_dry_run_changes_nothing_and_second_run_adds_nothing(tmp_path):
    comment = {"id": "c1", "post_id": post()["id"], "status": "published", "html": "<p>So.</p>"}
    path = written(tmp_path, post(), post(2), comments=[comment])
    before = all_rows()
    dry = import_ghost(path, dry_run=True)
    assert all_rows() == before
    first = import_ghost(path)
    assert dry.added == first.added == {"post": 2, "comment": 1, "author": 1, "address": 5}
    rows = all_rows()
    again = import_ghost(path)
    assert (all_rows(), +again.added) == (rows, Counter())
    assert again.already == {"post": 2, "comment": 1}


def test_later_export_adds_what_is_new_alone(tmp_path):
    brought(tmp_path, post())
    comment = {"id": "c1", "post_id": post()["id"], "status": "published", "html": "<p>So.</p>"}
    report = brought(tmp_path, post(html="<p>Changed.</p>"), post(2), comments=[comment])
    assert (report.added["post"], report.added["comment"]) == (1, 1)
    assert Post.objects.get(slug="post-1").body == "Words."


def test_posts_of_one_id_are_both_kept_and_twins_left_out(tmp_path):
    report = brought(tmp_path, post(), post(), post(title="Other", slug="other"))
    assert sorted(Post.objects.values_list("title", flat=True)) == ["Other", "Post 1"]
    assert named(report, "stands twice") == ["Post 1"]
    assert named(report, "id of another") == ["Other"]
    assert not import_ghost(tmp_path / "made.ghost.json").added["post"]


def test_what_has_no_place_here_is_named(tmp_path):
    said = {"canonical_url": "https://else.example/x", "codeinjection_foot": "<script>x</script>"}
    report = brought(
        tmp_path,
        post(meta_title="Meta", **said),
        settings=[{"key": "codeinjection_head", "value": "<style>"}],
        members=[{"id": "m", "email": "lou@example.org"}],
        snippets=[{"id": "s"}],
        roles=[{"id": "r"}],
    )
    lines = "\n".join(report.lines())
    for each in (
        "https://else.example/x",
        "the whole blog",
        "meta_title",
        "Members",
        "snippets: 1",
    ):
        assert each in lines
    assert "lou@example.org" not in json.dumps(report.as_json())
    assert "roles" not in lines


def test_command_reports_what_it_did(tmp_path, capsys):
    call_command("import_ghost", written(tmp_path, post()), "--dry-run")
    said = capsys.readouterr().out
    assert "this was a dry run" in said
    assert "Read 1 item: 1 post." in said
    assert not Post.objects.exists()
