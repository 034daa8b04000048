"""The export of a whole site: complete, and readable by other systems."""

import json

import pytest
import whole_site
from backups import output_of, site_in
from whole_site import HOSTILE

from blog.posts.models import Post
from blog.transfer import export
from blog.transfer.wordpress import import_wordpress
from comments.models import Comment

# In one process, which makes the site they share once.
pytestmark = pytest.mark.xdist_group("export")


@pytest.fixture(scope="module")
def exported(django_db_blocker):
    with django_db_blocker.unblock():
        return whole_site.export()


def in_xml(text):
    """Return a text without the one character of HOSTILE that XML has no way to write."""
    return text.replace("\x0b", "")


def what_is_here():
    """Return all that must be the same in a site that was left and one that was moved into."""
    posts = {
        post.path: (
            *map(in_xml, (post.kind, post.title, post.slug, post.standfirst)),
            *map(in_xml, (post.body, post.body_html)),
            post.published_at if post.status != "withdrawn" else None,
            *(post.comments_open, post.notes, post.author.username),
            sorted(post.tags.values_list("slug", "name")),
            {old.path for old in post.old_addresses.all()},
        )
        for post in Post.objects.filter(binned_at=None).select_related("author")
    }
    comments = sorted(
        (
            *(said.post.path, said.kind, said.status, said.name, said.email, said.url),
            in_xml(said.body),
            *(said.source, said.title, said.created_at.replace(microsecond=0).isoformat()),
            in_xml(said.parent.body if said.parent else ""),
            said.author.username if said.author else "",
            *(said.passage, said.passage_before, said.passage_after, said.passage_state),
            *(said.reaction, f"{said.published_at}", json.dumps(said.also)),
        )
        for said in Comment.objects.select_related("post", "parent", "author")
    )
    return posts, comments


# --- Moving on ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def moved(exported, tmp_path_factory, django_db_blocker):
    """What the site held that was left, and what one holds that `import_wordpress` filled from it,
    with the second run's report."""
    new = tmp_path_factory.mktemp("new") / "site"
    with django_db_blocker.unblock():
        with site_in(exported.parent / "site"):
            left = what_is_here()
        with site_in(new, migrated=True):
            said = output_of("import_wordpress", exported / "wordpress.xml")
            again = output_of("import_wordpress", exported / "wordpress.xml")
            return left, what_is_here(), said, again


def test_the_same_essays_come_back_word_for_word(moved):
    (left, _), (found, _), *_reports = moved
    assert found.keys() == left.keys()
    for path, (*said, addresses) in left.items():
        *same, now = found[path]
        assert same == said
        # WordPress finds a post by its number too, so an import adds that address.
        assert addresses <= now
        assert len(now - addresses) <= 2


def test_the_same_comments_and_mentions_come_back(moved):
    (_, left), (_, found), *_reports = moved
    assert len(left) == 45
    assert found == left


def test_old_number_belongs_to_the_same_essay(moved):
    _left, (found, _), *_reports = moved
    (path,) = [path for path, said in found.items() if "?p=4711" in said[-1]]
    assert path == "2026/01/über-ränder"


def test_nothing_becomes_public_and_nothing_is_doubled(moved):
    _left, _found, said, again = moved
    assert "“Zurückgezogen”: was private" in said
    assert "“Ein Entwurf”: was a draft" in said
    assert "refused" not in said
    assert "Added: nothing." in again


def test_changes_in_wordpress_win(exported, tmp_path, db):
    text = (exported / "wordpress.xml").read_text()
    assert text.count("The cookery book I use") == 2  # the HTML, then the Markdown
    (tmp_path / "changed.xml").write_text(
        text.replace("The cookery book I use", "The book I had", 1)
    )
    import_wordpress(tmp_path / "changed.xml")
    assert "The book I had most" in Post.objects.get(slug="room-in-the-margin").body


# --- Files ----------------------------------------------------------------------------------


def front_matter(path):
    """Return the lines before the text, each of which is JSON after its name, and the text."""
    _nothing, head, body = path.read_text().split("---\n", 2)
    return {
        name: json.loads(value)
        for name, value in (line.split(": ", 1) for line in head.splitlines())
    }, body.removeprefix("\n")


def test_essay_is_exported_as_markdown_with_metadata(exported):
    said, body = front_matter(exported / "content/2026/01/über-ränder.md")
    assert body == "Room for a note, room to think."
    assert said["title"] == "Über Ränder"
    assert said["url"] == "/2026/01/über-ränder/"
    assert said["tags"] == ["Äpfel & Birnen"]
    assert sorted(said["aliases"]) == ["/2001/02/alt", "/?p=4711", "/blog/ränder.php"]
    assert said["draft"] is False


def test_title_stays_on_one_line(exported):
    (path,) = (exported / "content/2026/01").glob("cmd*.md")
    said, _body = front_matter(path)
    assert said["title"] == " ".join(HOSTILE.replace("\x0b", " ").split())


def test_hidden_essay_is_exported_as_draft(exported):
    for name in ("2026/01/zurückgezogen", "2026/11/ein-entwurf"):
        (path,) = exported.glob(f"content/*/*/{name.rpartition('/')[2]}.md")
        assert front_matter(path)[0]["draft"] is True


def test_long_file_name_is_shortened(exported):
    (path,) = exported.glob("content/2026/01/界*.md")
    assert len(path.name.encode()) < 255
    assert front_matter(path)[0]["slug"] == "界" * 150


def test_comments_are_json_without_where_they_came_from(exported):
    rows = json.loads((exported / "comments.json").read_text())
    assert len(rows) == 45
    (reply,) = [row for row in rows if row["body"].startswith("* a")]
    (first,) = [row for row in rows if row["id"] == reply["in_reply_to"]]
    assert (first["name"], first["email"]) == ("=1+1", "a@example.org")
    assert "address" not in first


def test_versions_are_json(exported):
    rows = json.loads((exported / "versions.json").read_text())
    found = {row["essay"]: row for row in rows}["/2026/01/über-ränder/"]
    assert (found["title"], found["tags"]) == ("Über Ränder", ["Äpfel & Birnen"])
    assert (found["kind"], found["body"]) == ("published", "Room for a note, room to think.")


def test_old_addresses_lead_on(exported):
    rows = {row["from"]: row["to"] for row in json.loads((exported / "redirects.json").read_text())}
    assert rows["/?p=4711"] == rows["/2001/02/alt"] == "/2026/01/über-ränder/"
    lines = (exported / "_redirects").read_text().splitlines()
    assert "/ p=4711 /2026/01/%C3%BCber-r%C3%A4nder/ 301" in lines
    assert "/2001/02/alt/ /2026/01/%C3%BCber-r%C3%A4nder/ 301" in lines


def test_media_are_the_same_files(exported):
    assert (exported / "media/2026/harbour.png").read_bytes() == b"\x89PNG"


def test_nothing_is_there_that_a_spreadsheet_opens(exported):
    kinds = {path.suffix for path in exported.rglob("*") if path.is_file()}
    assert kinds == {".md", ".json", ".xml", ".png", ".conf", ".htaccess", ""}


def test_a_folder_with_something_in_it_is_refused(exported):
    assert output_of("export", exported) == f"{exported} is not empty: name a new folder."


def test_an_export_that_fails_leaves_nothing(exported, tmp_path, django_db_blocker, monkeypatch):
    def full(_path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "write_wordpress", full)
    with django_db_blocker.unblock(), site_in(exported.parent / "site"):
        assert output_of("export", tmp_path / "out") == (
            "Nothing was exported: No space left on device."
        )
    assert list(tmp_path.iterdir()) == []
