"""Comments of Isso, Remark42 and the documented form find their essays, once and as they were."""

from collections import Counter

import pytest
from backups import output_of
from comment_exports import entry, isso_db, json_file, remark42_backup
from moving import act, stand_in, tried

from blog.transfer.discussions import isso, remark42
from blog.transfer.discussions.bringing import import_discussion
from blog.transfer.discussions.comments_json import CommentsJson
from blog.transfer.wordpress import import_wordpress
from comments.models import Comment

pytestmark = pytest.mark.django_db

TEA, ZEN, DELETING, ABOUT = (
    "2021/03/tea-and-patience",
    "2022/05/茶の湯",
    "2023/11/on-deleting",
    "about",
)


@pytest.fixture
def notes(shared):
    """The essays that the trial data's comments belong to."""
    import_wordpress(shared / "data" / "wxr" / "made-notes-blog.xml")
    Comment.objects.all().delete()
    return shared / "data"


def counts():
    rows = Comment.objects.values_list("post__path", "status")
    return dict(Counter((path.rsplit("/", 1)[-1], status) for path, status in rows))


def test_isso_gives_what_its_description_says(notes):
    report = import_discussion(isso.Isso(notes / "isso" / "isso-0.14-notes.db"))
    assert counts() == {
        ("tea-and-patience", "approved"): 14,
        ("tea-and-patience", "pending"): 2,
        ("茶の湯", "approved"): 2,
        ("on-deleting", "approved"): 6,
        ("on-deleting", "pending"): 2,
        ("about", "approved"): 1,
        ("about", "pending"): 1,
    }
    said = "\n".join(report.lines(limit=None))
    assert "/gone-for-good/: 2 comments" in said
    assert "deleted in Isso" in said
    assert "likes: 8" in said
    assert "dislikes: 3" in said
    assert "wishes to be mailed about replies: 1" in said
    assert Comment.objects.get(name="Ivo").parent.name == "Ada Whitlock"
    assert Comment.objects.filter(body="Same words, said twice.").count() == 2
    assert Comment.objects.filter(name="<b>Mallory</b>").exists()


def test_remark42_gives_what_its_description_says(notes):
    path = notes / "remark42" / "backup-notes-20231105.gz"
    report = import_discussion(remark42.Remark42(path))
    assert counts() == {
        ("tea-and-patience", "approved"): 9,
        ("tea-and-patience", "pending"): 1,
        ("on-deleting", "approved"): 6,
        ("on-deleting", "pending"): 1,
    }
    said = "\n".join(report.lines(limit=None))
    assert "https://notes.example.org/gone-for-good/: 1 comment" in said
    assert said.count("deleted in Remark42") == 2
    assert "Waiting, because Remark42 hides the words of a blocked user (2)" in said
    assert "avatars: 9" in said
    assert "pins: 1" in said
    deepest = Comment.objects.get(body__startswith="A fifth, with")
    assert deepest.parent.parent.parent.parent.parent is None
    assert 'print("<b>hi</b>")' in deepest.body
    assert Comment.objects.filter(body__contains='"Quotes" -- and 1/2 dashes...').exists()
    assert not Comment.objects.filter(body_html__contains="<script").exists()


def test_threads_of_isso_s_own_form_wait_for_their_essays(notes):
    report = import_discussion(CommentsJson(notes / "disqus" / "isso-generic.json"))
    assert (report.added["comment"], report.types["comment"]) == (0, 2)
    assert "/posts/0001/: 1 comment" in "\n".join(report.lines())


# --- Small samples --------------------------------------------------------------------------

REPLY = {"parent": 1, "text": "Indeed.", "author": "Bo", "created": 1614672999.0, "mode": 2}


def isso_sample(path):
    return isso_db(path, {}, REPLY, {"mode": 4, "text": ""})


def remark42_sample(path):
    reply = {"pid": "r1", "orig": "Indeed.", "user": {"name": "Bo", "block": True}}
    return remark42_backup(path, {}, reply, {"delete": True, "orig": "", "text": ""})


def json_sample(path):
    reply = entry(id="2", parent="1", markdown="Indeed.", name="Bo", status=None)
    return json_file(path, entry(), reply, entry(id="3", markdown=""))


SAMPLES = {
    "isso": ("comments.db", isso_sample),
    "remark42": ("backup.gz", remark42_sample),
    "comments": ("comments.json", json_sample),
}


@pytest.fixture(params=SAMPLES)
def kind(request):
    return request.param


@pytest.fixture
def sample(kind, tmp_path, write, settings):
    """A small export, and its essay, at the path that it has in the export."""
    settings.SITE_URL = "https://old.example"
    post = write("On margins", kind="page", slug="on-margins")
    name, make = SAMPLES[kind]
    return make(tmp_path / name), post


def here(post):
    rows = post.comments.order_by("created_at", "pk").select_related("parent")
    return [(one.name, one.body, one.status, one.parent and one.parent.name) for one in rows]


BROUGHT = [("Ann", "Well *said*.", "approved", None), ("Bo", "Indeed.", "pending", "Ann")]


def test_command_brings_comments_once(kind, sample):
    path, post = sample
    dry = output_of(f"import_{kind}", path, "--dry-run")
    assert "Nothing was changed" in dry
    assert here(post) == []
    assert "Added: 2 comments." in output_of(f"import_{kind}", path)
    assert here(post) == BROUGHT
    again = output_of(f"import_{kind}", path)
    assert "Added: nothing." in again
    assert "Already here: 2 comments." in again
    assert here(post) == BROUGHT


def test_admin_takes_the_same_file(kind, sample, admin_client, settings, tmp_path, monkeypatch):
    stand_in(monkeypatch)
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    path, post = sample
    move = tried(admin_client, path.read_bytes(), path.name, kind=kind)
    assert here(post) == []
    act(admin_client, move, "bring")
    assert here(post) == BROUGHT


def test_broken_file_is_refused_in_a_sentence(kind, sample):
    path, post = sample
    path.write_bytes(path.read_bytes()[:-150])
    said = output_of(f"import_{kind}", path)
    assert path.name in said or "damaged" in said
    assert "Traceback" not in said
    assert here(post) == []
