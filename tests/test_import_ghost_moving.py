"""A blog of Ghost sent to the admin’s page: packed with its pictures, killed, and gone on with."""

import io

import pytest
from ghost_exports import OWN, export, post
from moving import PAGE, act, stand_in, tried, work, zipped
from PIL import Image as Pillow

from blog.jobs.models import Job
from blog.posts.models import Image, Post
from blog.transfer import course
from blog.transfer.discussions import thread
from blog.transfer.moving import work as moving_work
from blog.transfer.moving.models import Move
from comments.models import Comment

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_ghost")]


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path, monkeypatch):
    stand_in(monkeypatch)
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path


def test_export_is_taken_alone_and_packed_with_its_folder(admin_client):
    file = io.BytesIO()
    Pillow.new("RGB", (60, 40), "red").save(file, "PNG")
    text = export(post(html=f'<p><img src="{OWN}/content/images/red.png" alt="R"></p>'))
    alone = tried(admin_client, text, "my.json", kind="ghost")
    assert (alone.state, alone.trial["added"].get("file")) == ("tried", None)
    inside = [("b/my.ghost.json", text), ("b/content/images/red.png", file.getvalue())]
    move = act(admin_client, tried(admin_client, zipped(*inside), "b.zip", kind="ghost"), "bring")
    assert (move.state, Image.objects.count()) == ("done", 1)
    assert Post.objects.get().body.startswith("![R](/media/")


def test_refused_file_is_called_by_the_name_it_was_sent_with(admin_client):
    move = tried(admin_client, '{"db": [', "mine.json", kind="ghost")
    assert move.state == "refused"
    assert "mine.json cannot be read. It ends in the middle." in move.said


def test_killed_import_goes_on_and_reports_everything_once(admin_client, monkeypatch):
    """Each step is a stretch of its own; the worker dies after every third."""
    monkeypatch.setattr(thread, "AT_ONCE", 2)
    monkeypatch.setattr(course, "STRETCH", -1)
    monkeypatch.setattr(moving_work, "REST", 0)
    given = {"post_id": post(1)["id"], "status": "published"}
    said = [{**given, "id": f"c{n}", "html": f"<p>Word {n}.</p>"} for n in range(6)]
    said[2] |= {"status": "deleted"}
    rows = [post(n, visibility="paid" if n == 3 else "public") for n in range(1, 5)]
    move = tried(admin_client, export(*rows, comments=said), "my.json", kind="ghost")
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
    assert len(kept) > 6
    assert move.report["added"] == move.trial["added"]
    assert move.report["skipped"] == {"comment": 1}
    assert (Post.objects.count(), Comment.objects.count()) == (4, 5)
    headings = list(move.lines.values_list("heading", flat=True))
    assert headings.count("Kept as a draft") == headings.count("Comments left out") == 1
    assert not Post.objects.filter(thread_stale=True).exists()
