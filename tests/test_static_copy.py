"""`export --static`: what is in a copy and what is not, and what a second run changes."""

import errno
import os
import re
from urllib.parse import quote, unquote

import pytest
from backups import output_of, site_in
from conftest import on
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.test import override_settings
from static_copies import as_set_there, copied

from blog.posts.models import Post
from blog.transfer.static_copy import folder as folders
from blog.transfer.static_copy.asking import Answer, Asking
from blog.transfer.static_copy.pages import policy_within, redirect_page
from blog.transfer.static_copy.places import place_of, short_address, shortened
from blog.web.theme.files import forget
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
    waiting = ("Buy", "Gone", "Waits", "csrf")
    for name, content in files(copy).items():
        text = content.decode(errors="replace")
        assert not [word for word in (*private, *waiting) if f">{word}" in text], name
        assert "@example.org" not in text, name


def test_unused_pictures_are_left_out(copy):
    kept = {*os.listdir(copy / "media")}
    assert len([name for name in kept if name.endswith("-90x60.png")]) == 1


def test_pages_hold_no_forms_and_no_scripts(copy):
    pages = [page.decode() for name, page in files(copy).items() if name.endswith(".html")]
    assert len(pages) > 100
    for page in pages:
        assert not re.search(r"<form|<button|<input|<textarea|<noscript", page)
        assert {*re.findall("<script([^>]*)>", page)} <= {' type="application/ld+json"'}
        assert not re.search("webmention|pingback|opensearch|/reply/", page)
        assert page.count('<meta http-equiv="Content-Security-Policy"') == 1


def test_page_says_that_nothing_can_be_written(copy):
    page = (copy / "2026/01/über-ränder/index.html").read_text()
    assert page.count("takes no more comments or mentions.") == 1
    assert "without its search." in (copy / "search/index.html").read_text()
    assert "without its search." in (copy / "404.html").read_text()


def test_links_that_need_a_server_are_written_as_paths(copy):
    page = (copy / "2026/02/long-thread/index.html").read_text()
    assert '<a href="/2026/01/%C3%BCber-r%C3%A4nder/">An old address</a>' in page
    assert 'href="/?p=4711"' in page.replace("&quot;", '"'), "words are not links"
    assert re.search(r'href="/2026/02/long-thread/comments/2/#c\d+"', page)
    assert "?thread" not in page
    assert 'href="/admin/' not in (copy / "about/index.html").read_text()


# --- Again ------------------------------------------------------------------------------------


def test_second_run_writes_only_what_changed(site):
    assert " as they were: 0, removed: 0." in export(site)
    before = files(site / "copy")
    assert re.search("Files written: 0, as they were: [1-9][0-9]*, removed: 0.", export(site))
    assert files(site / "copy") == before
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


def test_what_stands_in_the_way_is_said_in_a_sentence(site, monkeypatch):
    """A full disk, a folder that takes nothing, and a bucket that is away."""
    said = f"The copy in {site / 'copy'} is not complete: "
    for code in (errno.ENOSPC, errno.EROFS, errno.EACCES):
        fails(monkeypatch, folders.Folder, "_replace", OSError(code, os.strerror(code)))
        assert export(site).startswith(f"{said}{os.strerror(code)}.")
    monkeypatch.undo()
    fails(monkeypatch, default_storage, "exists", OSError("It did not answer."))
    assert export(site).startswith(f"{said}It did not answer.")


def test_ones_own_file_where_a_folder_belongs_is_said(site):
    with folders.Folder(site / "copy").open():
        (site / "copy" / "archive").write_text("mine")
    place = site / "copy" / "archive" / "index.html"
    assert f"A file of your own is in the way of {place}:" in export(site)
    assert (site / "copy" / "archive").read_text() == "mine"


def fails(monkeypatch, owner, name, error):
    def fail(*given):
        raise error

    monkeypatch.setattr(owner, name, fail)


def test_broken_page_ends_the_run_with_its_address(site, monkeypatch):
    monkeypatch.setattr(Asking, "__call__", lambda self, address: Answer(500, {}, b""))
    assert "/archive/ could not be made: the site answered 500." in export(site)


# --- Addresses --------------------------------------------------------------------------------


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
    cut = short_address(f"/{quote('界' * 100)}/?y#c1")
    assert unquote(cut) == f"/{shortened('界' * 100)}/?y#c1"


def test_policy_within_a_page_runs_no_script():
    policy = (
        "default-src 'self'; frame-ancestors 'none'; script-src 'sha256-x'; style-src 'sha256-y'"
    )
    assert policy_within(policy) == ("default-src 'self'; script-src 'none'; style-src 'sha256-y'")


def test_page_that_leads_to_a_feed_names_it():
    page = redirect_page("/tags/x/atom.xml").decode()
    assert '<link rel="alternate" type="application/atom+xml" href="/tags/x/atom.xml">' in page
    assert "&lt;b&gt;" in redirect_page("/<b>/").decode()


def test_page_that_leads_on_is_in_the_sites_language():
    with override_settings(LANGUAGE_CODE="ar"):
        page = redirect_page("/x/").decode()
    assert page.startswith('<!DOCTYPE html>\n<html lang="ar" dir="rtl">')


def test_copy_has_what_stylesheets_of_a_theme_show(site):
    link = '<link href="{% static "mine.css" %}">'
    frame = '{% extends "base.html" %}{% load static %}{% block after %}' + link
    for name, content in {
        "templates/base.html": frame + "{% endblock %}",
        "static/mine.css": "a { background: url(pictures/leaf.svg#a) } b { src: url('/media/x') }",
        "static/pictures/leaf.svg": "<svg/>",
    }.items():
        path = site / "site" / "theme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    forget()
    export(site)
    assert (site / "copy/static/mine.css").exists()
    assert (site / "copy/static/pictures/leaf.svg").read_text() == "<svg/>"
    forget()
