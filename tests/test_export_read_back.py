"""An export read back: the same site again, table by table."""

import json

import pytest
import whole_site
from backups import output_of, site_in
from conftest import SHARED
from django.contrib.auth import get_user_model
from same_site import differing, tables
from test_import_folders import counted
from whole_site import HOSTILE

from blog.posts.models import OldAddress, Post, Revision
from blog.transfer import redirects
from comments.models import Comment

# In one process, which makes the sites they share once.
pytestmark = pytest.mark.xdist_group("export")
OLD = SHARED / "data" / "postil-export"


@pytest.fixture(scope="module")
def exported(django_db_blocker):
    with django_db_blocker.unblock():
        return whole_site.export()


@pytest.fixture(scope="module")
def read_back(exported, tmp_path_factory, django_db_blocker):
    """What the site held that was left, what the other holds, and what the runs said."""
    new = tmp_path_factory.mktemp("back") / "new"
    with django_db_blocker.unblock():
        with site_in(exported.parent / "site"):
            left = tables()
            where_it_was = output_of("import_markdown", exported, dry_run=True)
        with site_in(new, migrated=True):
            tried = output_of("import_markdown", exported, dry_run=True)
            nothing = counted()
            said = output_of("import_markdown", exported)
            found = tables()
            again = output_of("import_markdown", exported)
    return {
        "left": left, "found": found, "tried": tried, "nothing": nothing, "said": said,
        "again": again, "where_it_was": where_it_was,
    }  # fmt: skip


def test_every_table_is_the_same(read_back):
    assert differing(read_back["left"], read_back["found"]) == {}
    assert {name for name, rows in read_back["left"].items() if not rows} <= {"Recording"}


def test_dry_run_changes_nothing_and_counts_the_same(read_back):
    assert read_back["nothing"] == (0, 0, 0, 0, 0)
    assert read_back["tried"].partition("\n")[2] == read_back["said"]


def test_second_run_adds_nothing(read_back):
    assert "Added: nothing." in read_back["again"]
    assert "Added: nothing." in read_back["where_it_was"]


def test_versions_can_be_left_out(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), site_in(tmp_path / "site", migrated=True):
        author = get_user_model().objects.create_user("lou")
        Post(title="One", body="Two.", author=author).save()
        output_of("export", tmp_path / "out", "--no-versions")
        assert not (tmp_path / "out" / "versions.json").exists()
        Post.objects.all().delete()
        output_of("import_markdown", tmp_path / "out")
        assert [*Revision.objects.values_list("title", "body")] == [("One", "Two.")]


def test_broken_row_is_refused_with_its_line(exported, tmp_path, django_db_blocker):
    folder = tmp_path / "out"
    folder.mkdir()
    for path in exported.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "content").unlink()
    (folder / "content").mkdir()
    (folder / "content" / "a.md").write_text("---\ntitle: A\n---\n\nA.")
    for name in ("comments.json", "redirects.json"):
        (folder / name).unlink()
        (folder / name).write_text('[\n{"id": 1},\n{"id": \n]\n')
    with django_db_blocker.unblock(), site_in(tmp_path / "new", migrated=True):
        said = output_of("import_markdown", folder)
        assert said == "comments.json is broken at line 3. Export again, and copy the folder whole."
        assert Post.objects.count() == 0


@pytest.mark.skipif(not OLD.is_dir(), reason="needs the shared test data beside us")
def test_older_export_gives_what_it_holds(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), site_in(tmp_path / "new", migrated=True):
        said = output_of("import_markdown", OLD)
        assert "Added: 22 posts, 3 pages, 47 comments, 6 mentions" in said
        assert counted() == (14, 3, 6, 1, 1)
        assert Post.objects.exclude(withdrawn_at=None).count() == 1
        assert (OldAddress.objects.count(), Comment.objects.exclude(parent=None).count()) == (
            21,
            16,
        )
        statuses = [*Comment.objects.filter(kind="comment").values_list("status", flat=True)]
        counts = {name: statuses.count(name) for name in ("approved", "pending", "spam", "trash")}
        assert counts == {"approved": 39, "pending": 3, "spam": 2, "trash": 3}


# --- Old addresses for other servers ---------------------------------------------------------

ROWS = [
    ('/a "b" $c/ö.html', "/2020/01/ö/"),
    ("/?p=12", "/2020/01/two/"),
    ("/About", "/tags/%C3%B6/"),
    ("/?tag=ö", "/tags/%C3%B6/"),
]


def test_nginx_gets_quoted_maps():
    said = redirects.nginx(ROWS)
    assert r'"/a \"b\" $c/ö.html" "/2020/01/%C3%B6/";' in said
    assert '"/?p=12" "/2020/01/two/";' in said
    # As browsers send it, and escaped once. Names of a map count whatever their capitals.
    assert '"/?tag=%C3%B6" "/tags/%C3%B6/";' in said
    assert '"~^/About/?$" "/tags/%C3%B6/";' in said


def test_apache_gets_patterns_that_mean_the_signs():
    lines = redirects.apache(ROWS).splitlines()
    assert lines[2] == (
        r'RewriteRule "^a\ \x22b\x22\ \$c/ö\.html/?$" "/2020/01/\%C3\%B6/" [R=301,L,NE]'
    )
    assert lines[3] == r'RewriteCond %{QUERY_STRING} "^p=12$"'


def test_export_holds_the_three_forms(exported):
    rows = json.loads((exported / "redirects.json").read_text())
    for name in ("_redirects", "redirects.nginx.conf", "redirects.htaccess"):
        text = (exported / name).read_text()
        assert text.count("/2026/01/%C3%BCber-r%C3%A4nder/") + text.count(r"\%C3\%BCber") >= len(
            [row for row in rows if "über" in row["to"]]
        )
    assert HOSTILE not in (exported / "redirects.nginx.conf").read_text()
