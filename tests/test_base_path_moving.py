"""Below a path: what leaves the site, what comes in, and what the doctor sees."""

import json
from io import StringIO

import pytest
from below import below  # noqa: F401 - a fixture
from conftest import on
from django.conf import settings as site
from django.core.management import call_command

from blog.lib.base_path import home
from blog.ops.addresses import answer_of, asking
from blog.ops.doctor import LOOK, here
from blog.posts.models import OldAddress, Post
from blog.transfer.discussions.finding import Finder
from blog.transfer.export import export
from blog.transfer.folders.importing import import_folder
from blog.transfer.old_site import OldSite
from blog.transfer.static_copy import servers
from blog.transfer.static_copy.copy import copy_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts(write):
    essay = write(body="See [about](/about/) and [old](/?p=12).", published_at=on(2026, 3))
    write("About", kind=Post.Kind.PAGE, slug="about")
    OldAddress.objects.create(post=essay, path="2019/margins")
    OldAddress.objects.create(post=essay, path="?p=12")
    return essay


@pytest.fixture
def copy(posts, below, monkeypatch, tmp_path):  # noqa: F811
    for name in ("pages", "servers"):
        module = f"blog.transfer.static_copy.{name}"
        monkeypatch.setattr(f"{module}._BASE", b"/blog" if name == "pages" else "/blog")
    monkeypatch.setattr(servers, "BASE", "/blog")
    copy_site(tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.django_db(transaction=True)  # a copy is of what is committed
def test_copy_of_pages_lies_in_a_folder_of_the_path(copy, posts):
    page = (copy / "blog/2026/03/on-margins/index.html").read_text()
    assert 'href="/blog/about/"' in page
    assert 'href="/blog/2026/03/on-margins/">old</a>' in page
    assert f'<link rel="canonical" href="{home()}/2026/03/on-margins/">' in page
    moved = (copy / "blog/2019/margins/index.html").read_text()
    assert f'<link rel="canonical" href="{home()}/2026/03/on-margins/">' in moved
    assert not (copy / "2026").exists()


@pytest.mark.django_db(transaction=True)  # a copy is of what is committed
def test_copy_is_served_below_the_path(copy):
    nginx = (copy / ".postil-copy/nginx.conf").read_text()
    assert '"/blog/2019/margins" "/blog/2026/03/on-margins/";' in nginx
    assert '"/blog/?p=12" "/blog/2026/03/on-margins/";' in nginx
    assert "/blog/2019/margins/ /blog/2026/03/on-margins/ 301" in (copy / "_redirects").read_text()


@pytest.mark.django_db(transaction=True)  # a copy is of what is committed
def test_export_has_no_path_and_comes_back_elsewhere(posts, below, tmp_path, say):  # noqa: F811
    say(posts)
    export(tmp_path / "out")
    essay = next((tmp_path / "out").glob("**/on-margins.md")).read_text()
    assert "/blog/" not in essay
    rows = json.loads(next((tmp_path / "out").glob("**/comments.json")).read_text())
    assert "/blog/" not in json.dumps(rows)
    redirects = next((tmp_path / "out").glob("**/_redirects")).read_text()
    assert "/blog/2019/margins/ /blog/2026/03/on-margins/ 301" in redirects


def test_import_stores_no_path(db, author, below, tmp_path):  # noqa: F811
    (tmp_path / "_config.yml").write_text("title: Old\n")
    (tmp_path / "_posts").mkdir()
    for name, body in (("a", "See [b]({% post_url 2026-01-02-b %})."), ("b", "Here.")):
        text = f"---\ntitle: {name}\n---\n{body}\n"
        (tmp_path / "_posts" / f"2026-01-02-{name}.md").write_text(text)
    import_folder(tmp_path, author=author)
    assert "](/2026/01/b/)" in Post.objects.get(title="a").body


def test_old_blog_knows_the_site_around_from_this_one(below):  # noqa: F811
    old = OldSite("https://old.example/")
    assert old.own(f"{home()}/about/") == "/about/"
    assert old.own(f"{site.SITE_URL}/shop/") is None
    assert old.own("https://old.example/x/") == "/x/"


def test_comments_find_their_essay_by_either_address(posts, below, settings):  # noqa: F811
    settings.SITE_URL = "https://example.org"
    finder = Finder()
    assert finder.find([f"{home()}/2026/03/on-margins/"]) == posts.pk
    assert finder.find(["/2026/03/on-margins/"]) == posts.pk


def test_addresses_of_both_times_are_checked(posts, below):  # noqa: F811
    for path in ("/2019/margins/", "/blog/2019/margins/"):
        answer = answer_of(asking(), path)
        assert (answer.status, answer.steps) == (200, [posts.get_absolute_url()])


def test_doctor_sees_a_page_called_as_the_path(write, below):  # noqa: F811
    assert list(here.path()) == []
    write("Blog", kind=Post.Kind.PAGE, slug="blog")
    assert [finding.level for finding in here.path()] == [LOOK]


def test_commands_print_whole_addresses(author, below):  # noqa: F811
    said = StringIO()
    call_command("let_in", author.username, stdout=said)
    assert said.getvalue().startswith(f"{home()}/admin/let-in/")
