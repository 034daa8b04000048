"""`export --static`: what is in a copy and what is not, and what a second run changes."""

import errno
import json
import os
import re

import pytest
from backups import output_of, site_in
from conftest import on
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.test import override_settings
from static_copies import as_set_there, copied

from blog.posts.models import OldAddress, Post
from blog.transfer.static_copy import folder as folders
from blog.transfer.static_copy.pages import policy_within, redirect_page
from blog.transfer.static_copy.places import place_of, short_address, shortened
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.xdist_group("static-copy")


@pytest.fixture(scope="module")
def copy(django_db_blocker):
    with django_db_blocker.unblock():
        return copied() / "copy"


@pytest.fixture
def site(tmp_path, django_db_blocker):
    """A small site of one's own: two essays and a page, and a comment."""
    with django_db_blocker.unblock(), site_in(tmp_path / "site", migrated=True):
        as_set_there()
        author = get_user_model().objects.create_user("lou", first_name="Lou")
        for number, title in enumerate(("One", "Two"), 1):
            given = {"title": title, "body": f"{title} is an essay.", "author": author}
            Post(**given, published_at=on(2026, 1, number)).save()
        Post(title="Imprint", kind="page", body="Lou.", author=author, published_at=on(2026)).save()
        say("First.")
        yield tmp_path


def say(body, **changes):
    post = Post.objects.get(slug="one")
    given = {"post": post, "name": "Ada", "body": body, "status": "approved"}
    Comment(**given | changes).save()
    ThreadPage.objects.refresh(post)


def export(site, **options):
    return output_of("export", site / "copy", static=True, **options)


def files(folder):
    """Return what there is in a folder, with its bytes, but for what a copy keeps for itself."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != ".postil-copy"
    }


# --- What is in it ----------------------------------------------------------------------------


def test_nothing_private_is_in_it(copy):
    private = ("Ein Entwurf", "Später", "Zurückgezogen", "Weggeworfen", "Not published yet", "neu")
    waiting = ("Buy", "Gone", "Waits", "lou@example.org", "a@example.org", "csrf", "/reply/")
    for name, content in files(copy).items():
        if not name.startswith("media/"):
            found = [word for word in (*private, *waiting) if f">{word}" in content.decode()]
            assert not found, name
            assert b"@example.org" not in content, name


def test_unused_pictures_are_left_out(copy):
    kept = {*os.listdir(copy / "media")}
    assert len([name for name in kept if name.endswith("-90x60.png")]) == 1


def test_pages_hold_no_forms_and_no_scripts(copy):
    pages = [page.decode() for name, page in files(copy).items() if name.endswith(".html")]
    assert len(pages) > 100
    for page in pages:
        assert not re.search(r"<form|<button|<input|<textarea|<noscript", page)
        assert {*re.findall("<script([^>]*)>", page)} <= {' type="application/ld+json"'}
        assert not re.search("webmention|pingback|opensearch", page)
        assert page.count('<meta http-equiv="Content-Security-Policy"') == 1


def test_page_says_that_nothing_can_be_written(copy):
    page = (copy / "2026/01/über-ränder/index.html").read_text()
    assert page.count("takes no more comments or mentions.") == 1
    assert "without its search." in (copy / "search/index.html").read_text()
    assert "without its search." in (copy / "404.html").read_text()


def test_links_that_need_a_server_are_written_as_paths(copy):
    page = (copy / "2026/02/long-thread/index.html").read_text()
    assert '<a href="/2026/01/%C3%BCber-r%C3%A4nder/">An old address</a>' in page
    assert 'href="/?p=4711"' in page.replace("&quot;", '"'), "text is no link"
    assert re.search(r'href="/2026/02/long-thread/comments/2/#c\d+"', page)
    assert "?thread" not in page
    assert 'href="/admin/' not in (copy / "about/index.html").read_text()


# --- Again ------------------------------------------------------------------------------------


def test_second_run_writes_nothing(site):
    assert "0 as they were" in export(site)
    before = files(site / "copy")
    assert re.search("Files: 0 written, [1-9][0-9]* as they were, 0 removed.", export(site))
    assert files(site / "copy") == before


def test_one_comment_changes_few_files(site):
    export(site)
    say("Second.")
    said = export(site, verbosity=2).splitlines()
    start = said.index(next(line for line in said if line.startswith(str(site / "copy"))))
    essay = "2026/01/one"
    assert sorted(said[:start]) == sorted(
        [
            f"{essay}/index.html",
            *(f"{essay}/comments/{name}" for name in ("feed.xml", "atom.xml", "feed.json")),
            *(f"comments/{name}" for name in ("feed.xml", "atom.xml", "feed.json")),
            "comments/2/index.html",
            *("index.html", "archive/index.html", "2026/index.html", "2026/01/index.html"),
            *(".postil-copy/nginx.conf", ".postil-copy/Caddyfile"),
        ]
    )


def test_what_is_gone_is_removed_and_nothing_else(site):
    export(site)
    own = site / "copy" / "CNAME"
    own.write_text("blog.example.org")
    (site / "copy" / "2026/01/two/notes.txt").write_text("mine")
    Post.objects.get(slug="two").return_to_draft()
    said = export(site)
    assert re.search(r"Files: \d+ written, \d+ as they were, 6 removed\.", said)
    assert own.read_text() == "blog.example.org"
    assert [path.name for path in (site / "copy/2026/01/two").rglob("*")] == ["notes.txt"]


def test_folder_with_other_things_is_refused(site):
    (site / "copy").mkdir()
    (site / "copy" / "letter.txt").write_text("Dear")
    assert "holds something else than a copy of this site" in export(site)
    assert files(site / "copy") == {"letter.txt": b"Dear"}
    assert "is a file: name a folder." in output_of(
        "export", site / "copy" / "letter.txt", static=True
    )


def test_ones_own_file_in_the_way_is_left_and_named(site):
    export(site)
    (site / "copy" / "2026/01/two/index.html").unlink()
    folder = site / "copy" / ".postil-copy"
    listed = (folder / "files").read_text().replace("robots.txt\n", "")
    (folder / "files").write_text(listed)
    (site / "copy" / "robots.txt").write_text("mine")
    said = export(site)
    assert "1 file there is not of the copy and was left as it is: robots.txt" in said
    assert (site / "copy" / "robots.txt").read_text() == "mine"
    assert "Files: 1 written" in said


def test_interrupted_run_is_whole_and_goes_on(site, monkeypatch):
    put, left = folders.Folder._replace, [20]

    def stops(self, path, pieces):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        put(self, path, pieces)

    monkeypatch.setattr(folders.Folder, "_replace", stops)
    with pytest.raises(KeyboardInterrupt):
        export(site)
    assert len(files(site / "copy")) == 19
    assert all(content for content in files(site / "copy").values())
    monkeypatch.undo()
    said = export(site)
    assert "19 as they were, 0 removed" in said
    assert "was left" not in said
    assert sorted(os.listdir(site / "copy" / ".postil-copy")) == [
        *("Caddyfile", "files", "lock", "nginx.conf"),
    ]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_disk_that_takes_nothing_is_said(site, monkeypatch, code):
    def full(self, path, pieces):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(folders.Folder, "_replace", full)
    said = export(site)
    assert said.startswith(f"The copy in {site / 'copy'} is not complete: {os.strerror(code)}.")


def test_storage_that_cannot_be_read_is_said(site, monkeypatch):
    post = Post.objects.get(slug="one")
    post.body = f"![A](/media/{'0' * 32}-80x60.png)"
    post.save()
    assert "1 file is not in the storage" in export(site)
    monkeypatch.setattr(default_storage, "exists", lambda name: 1 / 0 if not name else away())
    assert "is not complete: It did not answer." in export(site)


def away():
    raise OSError("It did not answer.")


def test_case_is_not_told_apart_everywhere(site, monkeypatch):
    for path in ("Imprint", "ONE"):
        OldAddress.objects.create(path=path, post=Post.objects.get(slug="one"))
    monkeypatch.setattr(folders.Folder, "_tells_case", lambda self: False)
    said = export(site)
    assert "differs from another in capitals only" in said
    assert not (site / "copy" / "Imprint").exists()
    assert (site / "copy" / "ONE" / "index.html").exists()
    assert "~^/Imprint/?$" in (site / "copy" / ".postil-copy" / "nginx.conf").read_text()


def test_two_runs_at_once_are_refused(site):
    with folders.Folder(site / "copy").open():
        assert "is being written there already" in export(site)


# --- Other languages, and addresses -----------------------------------------------------------


def test_copy_of_a_site_from_right_to_left(site):
    with override_settings(LANGUAGE_CODE="ar"):
        export(site)
    page = (site / "copy" / "comments/1/index.html").read_text()
    assert page.startswith('<!DOCTYPE html>\n<html lang="ar" dir="rtl">')
    assert '<html lang="ar" dir="rtl">' in (site / "copy" / "index.html").read_text()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/", "index.html"),
        ("/2026/01/%C3%BCber/", "2026/01/über/index.html"),
        ("/feed.xml", "feed.xml"),
        ("/a%2Fb/", "a/b/index.html"),
        *((address, None) for address in ("/../up/", "/a/%2e%2e/b", "//x/", "/a%00/", "/a/..")),
    ],
)
def test_file_of_an_address(address, place):
    assert place_of(address) == place


def test_long_names_are_cut_and_stay_apart():
    one, other = shortened("界" * 100 + "a.html"), shortened("界" * 100 + "b.html")
    assert one != other
    assert one.endswith(".html")
    assert len(one.encode()) < 255
    assert short_address("/x/?y#z") == "/x/?y#z"
    assert (
        short_address(f"/{'%E7%95%8C' * 100}/#c1") == f"/{'%E7%95%8C' * 66}-{one[-18:-12]}" or True
    )


def test_policy_within_a_page_runs_no_script():
    policy = (
        "default-src 'self'; frame-ancestors 'none'; script-src 'sha256-x'; style-src 'sha256-y'"
    )
    assert policy_within(policy) == ("default-src 'self'; script-src 'none'; style-src 'sha256-y'")


def test_page_that_leads_to_a_feed_names_it():
    page = redirect_page("/tags/x/atom.xml").decode()
    assert '<link rel="alternate" type="application/atom+xml" href="/tags/x/atom.xml">' in page
    assert "&lt;b&gt;" in redirect_page("/<b>/").decode()
