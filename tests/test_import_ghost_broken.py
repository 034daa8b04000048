"""Exports of Ghost that are broken, odd or hostile: a clear sentence, and nothing is lost."""

import gzip
import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command
from ghost_exports import export, lexical, post, written
from trials import some_of
from wordpress_exports import all_rows

from blog.posts.models import Post
from blog.transfer.ghost import stream
from blog.transfer.ghost.importing import import_ghost
from blog.transfer.ghost.reading import GhostError
from comments.models import Comment

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_ghost")]


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.DATA_DIR = tmp_path


WHOLE = export(post(1), post(2))
NOT_GHOST = "It is not an export of Ghost"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", NOT_GHOST),
        (b"<html></html>", NOT_GHOST),
        (b"\x89PNG\r\n", "not in UTF-8"),
        (b"[]", NOT_GHOST),
        (b"{}", NOT_GHOST),
        (b'{"db": []}', NOT_GHOST),
        (b'{"data": {"tags": []}}', NOT_GHOST),
        (b'{"comments": [{"id": 1}]}', NOT_GHOST),
        (WHOLE[:-40].encode(), "It ends in the middle"),
        (WHOLE.replace('"Post 2"', "Post 2").encode(), "It is not JSON from its character"),
        (WHOLE.encode() + b"x", "It is not JSON from its character"),
        (b'{"db": [{"data": {"posts": [' + b"[" * 200_000, "It is nested too deeply"),
        (WHOLE.encode("latin-1", "replace") + b"\xff", "not in UTF-8"),
        (gzip.compress(WHOLE.encode(), mtime=0)[:-30], "It is packed, and broken"),
        (b"\x1f\x8b broken", "cannot be read"),
    ],
)
def test_file_that_is_refused_changes_nothing(tmp_path, content, said):
    path = tmp_path / "made.json"
    path.write_bytes(content)
    before = all_rows()
    with pytest.raises(CommandError, match=said):
        call_command("import_ghost", path)
    assert all_rows() == before


def test_files_and_folders_that_are_not_there_are_named(tmp_path):
    for given in ([tmp_path / "gone.json"], [tmp_path], [tmp_path, "--media", tmp_path / "gone"]):
        with pytest.raises(CommandError, match=str(tmp_path)):
            call_command("import_ghost", *given)


ODD = [None, True, 7, -1, 10**30, 1.5e300, "x", "\0\ud800", "9" * 5000, [], {}, [[]], {"a": {}}]


@pytest.mark.long
def test_values_of_any_type_in_any_place_break_nothing(tmp_path):
    """Every field of every table in turn has every odd value; of posts a third in each run."""
    fields = sorted({*post(), "feature_image", "canonical_url", "custom_excerpt", "locale", "page"})
    rows = []
    # A third of the fields each time, and all values in turn.
    for turn in some_of(range(3 * len(ODD)), of=3):
        odd = {name: ODD[(turn + at) % len(ODD)] for at, name in enumerate(fields[turn % 3 :: 3])}
        rows.append(post(turn) | odd)
    tables = {
        name: [None, *({**row, key: odd} for key in row for odd in ODD)]
        for name, row in {
            "posts_meta": {"id": "m", "post_id": post(1)["id"], "email_only": 0},
            "tags": {"id": "t", "name": "Tea", "slug": "tea", "visibility": "public"},
            "users": {"id": "1", "name": "Ada", "slug": "ada", "email": "ada@example.org"},
            "posts_tags": {"post_id": post(1)["id"], "tag_id": "t", "sort_order": 0},
            "posts_authors": {"post_id": post(1)["id"], "author_id": "1", "sort_order": 0},
            "settings": {"key": "title", "value": "x"},
            "members": {"id": "m", "name": "Lou", "email": "lou@example.org"},
            "comments": {
                "id": "c",
                "post_id": post(1)["id"],
                "html": "<p>So</p>",
                "status": "published",
            },
        }.items()
    }
    path = tmp_path / "made.json"
    path.write_text(
        json.dumps({"data": {"posts": rows, **tables, "odd": 5}}).replace("\\\\ud800", "\\ud800")
    )
    report = import_ghost(path)
    assert report.types["post"] + report.types["page"] >= len(rows) - 5
    assert import_ghost(path).added["post"] == 0


def test_blog_without_posts_is_no_mistake(tmp_path):
    assert import_ghost(written(tmp_path)).types.total() == 0


def test_missing_tables_are_no_hindrance(tmp_path):
    path = tmp_path / "made.json"
    path.write_text(json.dumps({"data": {"posts": [post()], "tags": None, "users": {}}}))
    import_ghost(path)
    assert Post.objects.get().is_public


@pytest.mark.parametrize(
    "source",
    ["{", "[]", "7", '{"root": []}', '{"root": {"children": 1}}', "[" * 9000],
)
def test_text_of_a_broken_editor_is_named(tmp_path, source):
    report = import_ghost(written(tmp_path, post(html=None, lexical=source, mobiledoc=source)))
    assert any("cannot be read" in heading for heading in report.notes)
    assert Post.objects.get().body == ""


def test_deeply_nested_text_keeps_its_words(tmp_path):
    node = {"type": "extended-text", "text": "deep"}
    for _level in range(150):
        node = {"type": "quote", "children": [node]}
    import_ghost(written(tmp_path, post(html=None, lexical=lexical(node))))
    assert "deep" in Post.objects.get().body


def test_html_nested_deeper_than_a_parser_reads_keeps_its_words(tmp_path):
    card = '<div class="kg-card kg-callout-card"><div class="kg-callout-text">end</div></div>'
    html = "<div>" * 3000 + card + "words" + "</div>" * 3000
    import_ghost(written(tmp_path, post(html=html)))
    body = Post.objects.get().body
    assert "words" in body
    assert "end" in body


def test_control_characters_and_halves_are_left_out(tmp_path):
    path = tmp_path / "made.json"
    row = json.dumps({"data": {"posts": [post(title="A\0B", html="<p>c\\ud800\\u0000d\x08</p>")]}})
    path.write_text(row.replace("\\\\", "\\"))
    import_ghost(path)
    found = Post.objects.get()
    assert (found.title, found.body) == ("AB", "cd")


def test_one_entry_larger_than_memory_allows_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "AT_ONCE", 100)
    monkeypatch.setattr(stream, "LONGEST", 1000)
    with pytest.raises(GhostError, match="too large"):
        import_ghost(written(tmp_path, post(html="x" * 5000)))


def test_rows_longer_than_what_is_read_at_once_come_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "AT_ONCE", 7)
    assert import_ghost(written(tmp_path, post(1), post(2))).added["post"] == 2


def packed(*files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def test_archive_may_hold_the_export_and_its_folder(tmp_path):
    path = tmp_path / "blog.zip"
    path.write_bytes(packed(("b/my.ghost.json", WHOLE), ("b/content/data/x.json", "{}")))
    assert import_ghost(path).added["post"] == 2
    path.write_bytes(packed(("../out.ghost.json", WHOLE)))
    with pytest.raises(ValueError, match="archive was refused"):
        import_ghost(path)
    path.write_bytes(packed(("a.txt", "")))
    with pytest.raises(GhostError, match=r"blog\.zip holds 0 files"):
        import_ghost(path)


def test_script_of_any_kind_never_runs(tmp_path):
    html = (
        "<!--kg-card-begin: html--><img src=x onerror=alert(1)><script>alert(2)</script>"
        '<a href="javascript:alert(3)">x</a><svg onload="alert(4)"></svg><!--kg-card-end: html-->'
        '<div class="kg-card kg-button-card"><a href="javascript:alert(5)">Press</a></div>'
    )
    import_ghost(written(tmp_path, post(html=html)))
    assert "alert" not in Post.objects.get().body_html


def test_comments_without_what_belongs_to_them(tmp_path):
    given = {"post_id": post()["id"], "html": "<p>So</p>", "status": "published"}
    rows = [
        {**given, "id": "a", "parent_id": "b", "member_id": "gone", "html": "<p>1</p>"},
        {**given, "id": "b", "parent_id": "a", "html": "<p>2</p>"},
        {**given, "id": "c", "post_id": "gone", "html": "<p>3</p>"},
        {**given, "id": "d", "status": "odd", "html": "<p>4</p>"},
        {**given, "id": "e", "html": None},
    ]
    report = import_ghost(written(tmp_path, post(), comments=rows))
    assert {str(each.body): str(each.status) for each in Comment.objects.all()} == {
        "1": "approved",
        "2": "approved",
        "4": "pending",
    }
    assert report.kept["comment"] == 1
