"""What restoring a backup replaces and keeps, and which archives are refused."""

import io
import json
import zipfile

import backups
import pytest
from backups import (
    empty_site,
    made,
    manifest_of,
    migrated,
    output_of,
    remade,
    restored,
    restored_once,
)
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django_otp import user_has_device
from PIL import Image as Pixels

from blog.accounts.models import Passkey
from blog.jobs.models import Job
from blog.media.files import put
from blog.media.names import made_of, name_of
from blog.posts.models import Image, Post, SearchEntry
from blog.posts.search import find
from blog.posts.tasks import catch_up
from comments.models import Comment

# In one process, which makes the site they share once.
pytestmark = pytest.mark.xdist_group("backups")

__all__ = ["empty_site", "made", "migrated", "restored", "restored_once"]  # fixtures


# --- Restoring ------------------------------------------------------------------------------


def test_restore_fills_an_empty_folder(made, restored):
    assert Post.objects.count() == 9
    assert Comment.objects.count() == 35
    assert Session.objects.count() == 0
    with default_storage.open("2026/harbour.png") as file:
        assert file.read() == b"\x89PNG \x00 a harbour"
    assert get_user_model().objects.exists()


def test_search_finds_what_was_restored(restored):
    assert SearchEntry.objects.exists()
    assert len(find("margin")) > 3


def test_passkeys_are_restored(restored):
    key = Passkey.objects.get()
    assert (key.credential_id, key.host, key.sign_count) == ("AAAA", "localhost", 7)
    assert user_has_device(key.user)


def test_new_ids_continue_after_the_highest(restored):
    post = Post.objects.first()
    last = Comment.objects.order_by("-pk").first().pk
    comment = Comment(post=post, name="Lou", body="New here.")
    comment.save()
    assert comment.pk > last


def test_second_backup_equals_the_first(made, restored, tmp_path):
    output_of("backup", tmp_path / "again")
    (again,) = (tmp_path / "again").iterdir()
    assert backups.tables_in(again) == backups.tables_in(made)


@pytest.mark.usefixtures("migrated")
def test_existing_site_is_replaced_only_with_overwrite(made, restored):
    Post.objects.filter(slug="about").update(title="Mine")
    said = output_of("restore", made)
    assert said == "There is a site here already. To replace all of it, add --overwrite."
    assert Post.objects.get(slug="about").title == "Mine"
    output_of("restore", made, overwrite=True)
    assert Post.objects.get(slug="about").title != "Mine"


@pytest.mark.usefixtures("migrated")
def test_restore_replaces_changed_files_and_keeps_others(made, restored):
    for name in ("2026/harbour.png", "2026/later.png"):
        default_storage.delete(name)
        default_storage.save(name, ContentFile(b"another"))
    output_of("restore", made, overwrite=True)
    with default_storage.open("2026/harbour.png") as file:
        assert file.read() == b"\x89PNG \x00 a harbour"
    assert default_storage.exists("2026/later.png")


@pytest.mark.usefixtures("migrated")
def test_a_dry_run_compares_and_changes_nothing(made, empty_site):
    assert "Nothing was changed" in output_of("restore", made, dry_run=True)
    assert not (empty_site / "postil.sqlite3").exists()


# --- What is refused ------------------------------------------------------------------------


def refused(path, folder):
    """Restore and return the sentence it is refused with; nothing may have been touched."""
    before = sorted(folder.rglob("*"))
    said = output_of("restore", path)
    assert sorted(folder.rglob("*")) == before
    assert "\n" not in said
    assert said.endswith(".")
    return said


def test_truncated_archive_is_refused(made, empty_site, tmp_path):
    whole, cut = made.read_bytes(), tmp_path / "cut.zip"
    for size in (1, 100, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:size])
        assert "not a backup of Postil" in refused(cut, empty_site)
    cut.write_bytes(b"")
    assert refused(cut, empty_site) == f"{cut} is empty."


def test_an_archive_with_one_changed_bit_is_refused(made, empty_site, tmp_path):
    whole, changed = made.read_bytes(), tmp_path / "changed.zip"
    for at in range(40, len(whole) - 64, len(whole) // 25):
        byte = bytes([whole[at] ^ 1])
        changed.write_bytes(whole[:at] + byte + whole[at + 1 :])
        assert " was changed since it was made" in refused(changed, empty_site)
    changed.write_bytes(whole[:-1] + b"x")
    assert " was changed since it was made" in refused(changed, empty_site)


def test_other_files_are_refused(empty_site, tmp_path):
    page, foreign = tmp_path / "page", tmp_path / "foreign.zip"
    page.write_text("<!doctype html>")
    with zipfile.ZipFile(foreign, "w") as other:
        other.writestr("manifest.json", "{}")
    assert refused(page, empty_site) == f"{page} is not a backup of Postil."
    assert "not a backup of Postil" in refused(foreign, empty_site)
    assert "cannot be read: No such file" in refused(tmp_path / "nothing", empty_site)
    assert "cannot be read: Is a directory" in refused(tmp_path, empty_site)


@pytest.mark.parametrize(
    "name",
    [
        "media/../../evil",
        "media//etc/passwd",
        "/etc/passwd",
        "../evil",
        "media/a/../../b",
        "media/..",
        "media/a\\..\\b",
        "media/line\nbreak",
        "media/",
        "tables/../evil.jsonl",
        "tables/more/evil.jsonl",
        "evil.py",
    ],
)
def test_member_path_outside_the_site_is_refused(made, empty_site, tmp_path, name):
    hostile = remade(
        made, tmp_path / "hostile.zip", lambda inside, _: inside.update({name: b"x\n"})
    )
    assert "it holds a file with the name" in refused(hostile, empty_site)


def change_row(inside, about):
    inside["tables/posts_tag.jsonl"] = inside["tables/posts_tag.jsonl"][:-2] + b',"x"]\n'


def change_columns(inside, about):
    rows = inside["tables/posts_tag.jsonl"]
    inside["tables/posts_tag.jsonl"] = rows.replace(b'"slug"', b'"snail"', 1)


def refer_to_nothing(inside, about):
    rows = inside["tables/posts_post_tags.jsonl"].splitlines()
    number, _post, tag = json.loads(rows[1])
    rows[1] = json.dumps([number, 987654, tag], separators=(",", ":")).encode()
    inside["tables/posts_post_tags.jsonl"] = b"\n".join([*rows, b""])


def twice(inside, about):
    rows = inside["tables/posts_tag.jsonl"].splitlines(keepends=True)
    inside["tables/posts_tag.jsonl"] = b"".join([*rows, rows[-1]])


def nested(inside, about):
    rows = inside["tables/posts_tag.jsonl"].splitlines(keepends=True)
    inside["tables/posts_tag.jsonl"] = rows[0] + b"[" * 100_000 + b"\n"


def in_another_form(inside, about):
    # A value that is read well and written otherwise is not what was backed up.
    rows = inside["tables/posts_tag.jsonl"]
    inside["tables/posts_tag.jsonl"] = rows.replace(b"[1,", b'["1",', 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda inside, about: inside.pop("tables/posts_tag.jsonl"), "does not hold what its"),
        (lambda inside, about: about.update(members={}) or inside.clear(), "its tables are not"),
        (lambda inside, about: about.update(migrations=[["x"]]), "its manifest cannot be read"),
        (change_row, "posts_tag does not take"),
        (change_columns, "posts_tag has other columns"),
        (refer_to_nothing, "refer to what is not there"),
        (twice, "posts_tag does not take"),
        (nested, "posts_tag does not take"),
        (in_another_form, "posts_tag comes out differently"),
    ],
)
@pytest.mark.usefixtures("migrated")
def test_mismatched_content_is_refused(made, empty_site, tmp_path, change, why):
    assert why in refused(remade(made, tmp_path / "bad.zip", change), empty_site)


@pytest.mark.parametrize(
    "lie", [{"bytes": -2}, {"bytes": "9"}, {"bytes": True}, {"rows": None}, {"sha256": 5}]
)
def test_a_manifest_of_other_types_is_refused(made, empty_site, tmp_path, lie):
    lies = {"tables/posts_tag.jsonl": lie}
    path = remade(made, tmp_path / "lying.zip", lambda *_: None, lies)
    assert "its manifest cannot be read" in refused(path, empty_site)


def test_manifest_with_control_characters_is_refused(made, empty_site, tmp_path):
    path = remade(made, tmp_path / "x.zip", lambda _, about: about.update(site="\x1b[2Jhello"))
    assert "its manifest cannot be read" in refused(path, empty_site)


def test_an_archive_of_a_newer_version_is_refused(made, empty_site, tmp_path):
    def newer(inside, about):
        about["postil"] = "9.1"
        about["migrations"].append(["comments", "0999_marginalia"])

    path = remade(made, tmp_path / "newer.zip", newer)
    said = refused(path, empty_site)
    assert said == (
        f"{path} was made by a newer Postil (9.1) or one with other parts: "
        "this one does not know comments.0999_marginalia."
    )


def test_an_archive_of_a_newer_format_is_refused(made, empty_site, tmp_path):
    path = remade(made, tmp_path / "newer.zip", lambda inside, about: about.update(format=3))
    assert "was made by a newer Postil (0.1.0): restore it with that." in refused(path, empty_site)


@pytest.mark.usefixtures("migrated")
def test_failed_restore_leaves_the_site_unchanged(made, restored, tmp_path):
    Post.objects.filter(slug="about").update(title="Mine")
    bad = remade(made, tmp_path / "bad.zip", refer_to_nothing)
    assert "refer to what is not there" in output_of("restore", bad, overwrite=True)
    assert Post.objects.get(slug="about").title == "Mine"
    assert not list(restored.glob("*.restoring"))


def test_zip_bomb_is_unpacked_only_to_its_stated_size(made, empty_site, tmp_path):
    def bomb(inside, about):
        inside["media/bomb.png"] = b"\0" * (64 << 20)

    lies = {"media/bomb.png": {"bytes": 1000}}
    path = remade(made, tmp_path / "bomb.zip", bomb, lies)
    assert "media/bomb.png is not what it was" in refused(path, empty_site)


@pytest.mark.usefixtures("migrated")
def test_renditions_are_made_again_after_a_restore(restored, tmp_path):
    content = io.BytesIO()
    Pixels.new("RGB", (800, 600), "teal").save(content, "PNG")
    name = name_of(content.getvalue(), 800, 600, "png")
    put(name, content.getvalue())
    image = Image.objects.create(file=name, width=800, height=600)
    image.make_renditions()
    media = restored / "media"
    files = {each: (media / each).read_bytes() for each in (name, *made_of(name))}
    output_of("backup", tmp_path / "kept")
    (path,) = (tmp_path / "kept").iterdir()
    assert [member for member in manifest_of(path)["members"] if name in member] == [
        f"media/{name}"
    ]
    for each in files:
        default_storage.delete(each)
    output_of("restore", path, overwrite=True)
    job = Job.objects.get(task_path=catch_up.module_path)
    assert catch_up.call(**job.args_kwargs["kwargs"]) == "done"
    assert {each: (media / each).read_bytes() for each in files} == files
