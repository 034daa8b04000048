"""Comments of Commento and Comentario: both forms of their first version."""

import json
from io import StringIO

import pytest
from discussions import HERE, by_essay, essay, lines, notes_blog
from django.core.management import call_command
from django.core.management.base import CommandError

from blog.transfer.discussions.bringing import import_discussion
from blog.transfer.discussions.commento import Commento
from comments.models import Comment, Unplaced

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = HERE


COMMENT = {
    "commentHex": "c1",
    "domain": "notes.example.org",
    "url": "/tea/",
    "commenterHex": "h1",
    "markdown": "Good *tea*.",
    "html": "",
    "parentHex": "root",
    "score": 0,
    "state": "approved",
    "creationDate": "2021-03-01T08:15:00.123456789+02:00",
    "deleted": False,
}
LOU = {"commenterHex": "h1", "name": "Lou", "email": "lou@example.org", "link": "undefined"}


def export(tmp_path, *comments, people=(LOU,), **more):
    said = {"version": 1, "comments": comments, "commenters": people} | more
    path = tmp_path / "commento.json"
    path.write_text(json.dumps(said))
    return Commento(path)


def test_made_export_gives_what_its_readme_says(shared):
    notes_blog(shared)
    made = Commento(shared / "data/disqus/made-commento.json")
    dry = import_discussion(made, dry_run=True)
    report = import_discussion(made)
    assert (report.added, report.notes) == (dry.added, dry.notes)
    assert by_essay("approved") == {"tea-and-patience": 3}
    assert by_essay("pending") == {"tea-and-patience": 1}
    assert by_essay("spam") == {"tea-and-patience": 1}
    assert Comment.objects.get(origin="commento:#c5").parent is None
    assert lines(report, "Kept until") == [f"{HERE}/gone-for-good/: 1 comment"]
    assert lines(report, "Has no place here") == ["votes against: 2", "votes for: 3"]
    assert import_discussion(made).added == {}


def test_other_sites_sample_is_kept_whole(shared):
    report = import_discussion(Commento(shared / "data/disqus/remark42-commento.json"))
    assert report.kept == {"comment": 3}
    assert {*Unplaced.objects.values_list("name", flat=True)} == {"", "User5276", "Saturnin Uf"}
    assert Unplaced.objects.exclude(answers="").count() == 1


def test_comment_keeps_what_it_had(write, tmp_path):
    essay(write)
    import_discussion(export(tmp_path, COMMENT))
    comment = Comment.objects.get()
    assert (comment.name, comment.email, comment.url) == ("Lou", "lou@example.org", "")
    assert comment.created_at.isoformat() == "2021-03-01T06:15:00.123456+00:00"


def test_comentarios_form_is_read(write, tmp_path):
    essay(write)
    nobody = "0" * 64
    person = {"commenterHex": "h1", "name": "Lou", "websiteUrl": "https://lou.example/"}
    there = {"host": "notes.example.org", "path": "/tea/", "url": "", "domain": None}
    first = COMMENT | there | {"parentHex": nobody}
    second = first | {"commentHex": "c2", "commenterHex": nobody, "parentHex": "c1"}
    import_discussion(export(tmp_path, first, second, people=[person]))
    assert Comment.objects.get(parent=None).url == "https://lou.example/"
    assert Comment.objects.get(parent__name="Lou").name == ""


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": "unapproved"}, "pending"),
        ({"state": "flagged"}, "spam"),
        ({"state": "odd"}, "pending"),
        ({"state": None}, "pending"),
        ({"deleted": True}, None),
        ({"deleted": "odd"}, None),
        ({"markdown": "[deleted]"}, None),
    ],
)
def test_only_approved_is_public(write, tmp_path, fields, status):
    essay(write)
    import_discussion(export(tmp_path, COMMENT | fields))
    assert [*Comment.objects.values_list("status", flat=True)] == ([status] if status else [])


def test_wrong_types_are_taken_for_nothing(write, tmp_path):
    essay(write)
    odd = {"parentHex": ["x"], "score": 1e300, "creationDate": 10**400, "commenterHex": {}}
    report = import_discussion(export(tmp_path, COMMENT | odd, "text", None, people=[7, "x"]))
    assert report.added == {"comment": 1}
    assert len(lines(report, "Left out, because it cannot be read")) == 2
    assert Comment.objects.get().name == ""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[]", "has no list of comments"),
        ('{"version": 3, "comments": []}', "is of version 3"),
        ('{"version": 1, "comments": [{"a": ', "is not JSON that can be read"),
        ('{"comments": ' + "[" * 100_000, "is not JSON that can be read"),
        ("<p>", "it begins with neither"),
        ('{"comments": [1]} x', "something follows its end"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path, content, why):
    path = tmp_path / "commento.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=why):
        call_command("import_commento", path, stdout=StringIO())
