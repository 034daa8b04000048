"""A blog is brought here from the admin: sent, read without changing anything, then imported."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from moving import PAGE, act, sent, stand_in, tried, work, zipped
from trials import FULL
from wordpress_exports import COMMENT, all_rows, export_xml, item_xml, part_of

from blog.jobs.models import Job
from blog.media import parts
from blog.posts.models import Image, Post
from blog.transfer import course
from blog.transfer.discussions import thread
from blog.transfer.moving import work as moving_work
from blog.transfer.moving.models import Line, Move, Parcel, place
from comments.models import Comment

pytestmark = pytest.mark.django_db

EXPORT = export_xml(
    item_xml(COMMENT, title="Public & kept"),
    item_xml(
        title="A picture", post_id="8", post_type="attachment", guid="http://old.example/?p=8"
    ),
    item_xml(title="Hidden", post_id="9", status="private", guid="http://old.example/?p=9"),
)


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path, monkeypatch):
    stand_in(monkeypatch)
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path


def files():
    return [name for key in parts.begun("moving") for name in parts.there(place(key))]


def test_trial_changes_nothing_and_says_what_would_come(admin_client):
    before = all_rows()
    move = tried(admin_client, EXPORT)
    page = admin_client.get(f"{PAGE}{move.pk}/").text
    assert move.state == "tried"
    assert all_rows() == before
    for said in ("Nothing has changed yet.", "Left out, being of the type “attachment”", "Hidden"):
        assert said in page
    assert "Bring it here" in page


def test_import_brings_it_once_and_its_file_goes(admin_client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        move = act(admin_client, tried(admin_client, EXPORT), "bring")
    assert (move.state, files()) == ("done", [])
    assert {post.title: post.is_public for post in Post.objects.all()} == {
        "Public & kept": True,
        "Hidden": False,
    }
    rows = all_rows()
    again = act(admin_client, tried(admin_client, EXPORT), "bring")
    assert all_rows() == rows
    assert again.report["added"] == {}
    page = admin_client.get(PAGE).text
    assert "Added: 1 post, 1 comment" in page.replace("2 posts", "1 post")
    assert page.count("blog.xml") == 2


@pytest.mark.parametrize("name", ["blog.xml.gz", "blog.zip"])
def test_packed_file_is_unpacked(admin_client, name):
    packed = gzip.compress(EXPORT.encode())
    if name.endswith("zip"):
        packed = zipped(("__MACOSX/._blog.xml", b"x"), ("backup/blog.xml", EXPORT))
    assert tried(admin_client, packed, name).state == "tried"


def test_killed_import_goes_on_and_reports_everything_once(admin_client, monkeypatch):
    """Each comment or three are a stretch of their own; the worker dies after some, anywhere."""
    monkeypatch.setattr(thread, "AT_ONCE", 3)
    monkeypatch.setattr(course, "STRETCH", -1)
    monkeypatch.setattr(moving_work, "REST", 0)
    said = [COMMENT | {"comment_id": str(n), "comment_content": f"Word {n}."} for n in range(8)]
    said[3] |= {"comment_type": "order_note"}
    export = export_xml(
        item_xml(*said),
        item_xml(title="Menu", post_type="menu", post_id="8", guid="x8"),
        item_xml(*said, title="Second", post_id="9", guid="x9", link="http://old.example/b/"),
    )
    move = tried(admin_client, export)
    kept, change = [], Move.change

    def dying(move, **changes):
        change(move, **changes)
        if "steps" in changes:
            kept.append(changes["steps"])
            if len(kept) % 3 == 0:
                raise KeyboardInterrupt

    monkeypatch.setattr(Move, "change", dying)
    admin_client.post(f"{PAGE}{move.pk}/", {"do": "bring"})
    for _attempt in range(30):
        job = Job.objects.filter(pk=Move.objects.get(pk=move.pk).job)
        job.update(status="READY", run_after="2020-01-01T00:00Z", worker_ids=[])
        try:
            work()
            break
        except KeyboardInterrupt:
            continue
    move.refresh_from_db()
    assert move.state == "done", repr(kept)
    assert len(kept) > 9
    assert move.report["added"] == move.trial["added"]
    assert move.report["added"]["comment"] == 14
    assert move.report["already"] == {}
    assert move.report["skipped"] == {"comment": 2, "other": 1}
    lines = list(move.lines.values_list("heading", flat=True))
    assert lines.count("Comments left out") == 2
    assert Comment.objects.count() == 14
    assert not Post.objects.filter(thread_stale=True).exists()


def test_two_at_once_take_turns(admin_client):
    first, second = (tried(admin_client, EXPORT) for _number in range(2))
    for move in (first, second):
        admin_client.post(f"{PAGE}{move.pk}/", {"do": "bring"})
        move.refresh_from_db()
    assert first.begin()
    Job.objects.filter(pk=first.job).update(status="RUNNING")
    assert not second.begin()
    assert "It waits for its turn" in admin_client.get(f"{PAGE}{second.pk}/").text
    Job.objects.filter(pk=first.job).update(status="FAILED")
    assert second.begin()
    assert "It failed, several times." in admin_client.get(f"{PAGE}{first.pk}/").text


def test_stopped_import_can_go_on(admin_client):
    move = tried(admin_client, EXPORT)
    admin_client.post(f"{PAGE}{move.pk}/", {"do": "bring"})
    assert act(admin_client, move, "stop").state == "stopped"
    assert not Post.objects.exists()
    assert "It was stopped." in admin_client.get(f"{PAGE}{move.pk}/").text
    assert act(admin_client, move, "bring").state == "done"
    assert Post.objects.count() == 2


def test_button_of_an_old_page_does_nothing(admin_client):
    move = act(admin_client, tried(admin_client, EXPORT), "bring")
    for do in ("bring", "stop", "nonsense"):
        assert act(admin_client, move, do).state == "done"
    page = admin_client.get(f"{PAGE}{move.pk}/").text
    assert "That is not possible any more" in page


def test_report_can_be_thrown_away(admin_client):
    move = tried(admin_client, EXPORT)
    assert files()
    admin_client.post(f"{PAGE}{move.pk}/", {"do": "away"})
    assert not Move.objects.exists()
    assert not Line.objects.exists()


def test_whole_report_is_one_file(admin_client, monkeypatch):
    items = [
        item_xml(title=f"Menu {n}", post_type="menu", post_id=f"{n}", guid=f"x{n}")
        for n in range(80)
    ]
    move = tried(admin_client, export_xml(*items))
    page = admin_client.get(f"{PAGE}{move.pk}/").text
    assert "60 more lines" in page
    assert len(move.trial["notes"][0][2]) == 50
    response = admin_client.get(f"{PAGE}{move.pk}/report/")
    text = b"".join(response).decode()
    assert text.count("“Menu") == 80
    assert "Nothing was changed: this was a dry run." in text


def test_file_comes_in_parts(admin_client):
    content = EXPORT.encode()
    begun = admin_client.post(
        f"{PAGE}upload/?name=blog.xml&bytes={len(content)}", b"", content_type="x/x"
    ).json()
    assert begun["next"] == 0
    form = {"kind": "wordpress", "blog_key": begun["upload"].split("/")[-2]}
    early = admin_client.post(PAGE, form)
    assert "did not arrive whole" in early.text
    done = admin_client.post(f"{begun['upload']}?at=0", content, content_type="x/x").json()
    assert admin_client.post(PAGE, form | {"blog_key": done["whole"]}).status_code == 302
    work()
    assert Move.objects.get().state == "tried"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("blog.pdf", b"x", "is none of these: .xml, .wxr, .zip, .gz."),
        ("blog.xml", b"", "is empty."),
    ],
)
def test_wrong_file_is_refused_at_once(admin_client, name, content, said):
    assert said in sent(admin_client, content, name).text
    assert not Move.objects.exists()


def test_without_a_file_the_form_asks_for_one(admin_client):
    assert "Choose its file." in admin_client.post(PAGE, {"kind": "wordpress"}).text


def test_too_large_file_is_refused_in_a_sentence(admin_client, settings):
    settings.RECORDING_MB = 1
    answer = admin_client.post(
        f"{PAGE}upload/?name=blog.xml&bytes=2000000", b"", content_type="x/x"
    )
    assert "has 2 MB; the limit is 1 MB" in answer.json()["error"]


def test_file_that_went_meanwhile_is_said(admin_client):
    sent(admin_client, EXPORT)
    for key in parts.begun("moving"):
        parts.remove(place(key))
    work()
    move = Move.objects.get()
    assert (move.state, move.said) == (
        "refused",
        "Part of the file is missing. Send it again.",
    )


def test_storage_that_is_away_is_tried_again(admin_client, monkeypatch):
    sent(admin_client, EXPORT)

    def away(*given):
        raise OSError("The bucket does not answer")

    monkeypatch.setattr(parts, "put_together", away)
    work()
    assert Move.objects.get().state == "sent"
    assert Job.objects.get().attempts == 1
    assert Job.objects.get().status == "READY"


def test_unused_files_go_after_days(admin_client):
    move = tried(admin_client, EXPORT)
    admin_client.post(f"{PAGE}upload/?name=b.xml&bytes=9", b"123456789", content_type="x/x")
    Move.objects.forget(timezone.now() + timedelta(days=2))
    assert [parcel.move for parcel in Parcel.objects.all()] == [move]
    Move.objects.forget(timezone.now() + timedelta(days=8))
    assert not Parcel.objects.exists()
    page = admin_client.get(f"{PAGE}{move.pk}/").text
    assert "nobody decided for seven days" in page
    assert "Bring it here" not in page


def test_lines_that_name_people_go_after_months(admin_client):
    move = act(admin_client, tried(admin_client, EXPORT), "bring")
    Move.objects.forget(timezone.now() + timedelta(days=89))
    assert Line.objects.exists()
    Move.objects.forget(timezone.now() + timedelta(days=91))
    assert not Line.objects.exists()
    page = admin_client.get(f"{PAGE}{move.pk}/").text
    assert "Hidden" not in page
    assert "Left out" in page


def test_pages_are_for_owners_alone(staff, admin_client):
    move = tried(admin_client, EXPORT)
    key = "0" * 32
    for path in (PAGE, f"{PAGE}{move.pk}/", f"{PAGE}{move.pk}/report/", f"{PAGE}upload/{key}/"):
        assert staff.get(path).status_code == 403
        assert staff.post(path).status_code == 403
    assert "Bring a blog here" not in staff.get("/admin/").text
    assert "Bring a blog here" in admin_client.get("/admin/").text


def test_list_takes_the_same_queries_for_many(admin_client, django_assert_num_queries):
    tried(admin_client, EXPORT)
    admin_client.get(PAGE)
    with django_assert_num_queries(5):
        admin_client.get(PAGE)
    row = {name: value for name, value in Move.objects.values().get().items() if name != "id"}
    Move.objects.bulk_create(Move(**row) for _number in range(3))
    with django_assert_num_queries(5):
        admin_client.get(PAGE)
    assert default_storage.exists("parts/moving")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["hugo", "pelican", "postil"])
def test_folder_is_brought_and_nothing_in_it_runs(admin_client, shared, kind):
    where = "postil-export" if kind == "postil" else f"static-sites/{kind}-made"
    folder = shared / "data" / where
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    if kind == "postil" and not FULL:  # test_export_read_back.py brings all of it
        paths = [path for path in paths if not {"2020", "2025", "07", "09", "10"} & {*path.parts}]
    packed = zipped(*((str(path.relative_to(folder.parent)), path.read_bytes()) for path in paths))
    marks = [Path("/tmp/evil"), Path("/tmp/pelicanconf-was-run")]
    before = [mark.exists() for mark in marks]
    move = act(admin_client, tried(admin_client, packed, "blog.zip", kind=kind), "bring")
    assert (move.state, move.said) == ("done", "")
    if kind != "hugo" or FULL:  # which comes twice in test_import_folders.py
        rows = all_rows()
        again = act(admin_client, tried(admin_client, packed, "blog.zip", kind=kind), "bring")
        assert again.state == "done"
        assert not {"post", "page", "comment"} & {*again.report["added"]}
        assert all_rows() == rows
    assert [mark.exists() for mark in marks] == before


def test_wordpress_pictures_come_from_their_folder(admin_client, shared):
    folder = shared / "data" / "wxr" / "made-extras"
    uploads = folder / "wp-content" / "uploads"
    paths = sorted(path for path in uploads.rglob("*") if path.is_file())
    files = zipped(*((str(path.relative_to(uploads)), path.read_bytes()) for path in paths))
    export = part_of((folder / "made-extras.xml").read_text(), lambda item: "red.png" in item)
    move = tried(admin_client, export, files=SimpleUploadedFile("uploads.zip", files))
    assert not Image.objects.exists()
    assert act(admin_client, move, "bring").state == "done"
    assert Image.objects.count() >= 3
    assert "](/media/" in Post.objects.get(title__startswith="Pictures on all the names").body
