"""A theme that is broken, in any way: readers get the site's own pages, whole, and no error."""

import os

import pytest
from django.db import OperationalError
from django.template.loader import render_to_string
from inputs import every

from blog.site.reading import Site
from blog.web.theme import engine, files, loops

pytestmark = pytest.mark.django_db
LOOP = '{% for a in "0123456789"|make_list %}'
OURS = "<!-- ours -->"
BROKEN = {
    "unknown tag": "{% extends 'base.html' %}{% block content %}\n{% nonsense %}{% endblock %}",
    "unknown filter": "mine {{ site.title|nonsense }}",
    "open block": "mine {% if site %}",
    "missing include": "mine {% include 'mine/_gone.html' %}",
    "missing parent": "{% extends 'mine/gone.html' %}",
    "missing address": "mine {% url 'nowhere' %}",
    "exception": "mine {% load posts %}{{ site.title|iso }}",
    "includes itself": "mine {% include 'posts/index.html' %}",
    "many turns": LOOP * 4 + "{% endfor %}" * 4,
    "many words": LOOP * 2 + "mine " * 5000 + "{% endfor %}" * 2,
    "not UTF-8": b"mine \xff\xfe",
    "NUL": b"mine \0",
    "too large": b"mine " * 300_000,
}


def ask(client, path="/", status=200):
    response = client.get(path)
    assert response.status_code == status
    assert "mine" not in response.text
    assert '<div class="text"><h1 class="p-name">Essays</h1>' in response.text
    return response


@every("how", BROKEN)
def test_page_falls_back_whole_and_says_so_once(client, theme, caplog, monkeypatch, how):
    monkeypatch.setattr(loops, "MOST_TURNS", 5000)
    monkeypatch.setattr(loops, "MOST_CHARACTERS", 1_000_000)
    caplog.clear()
    theme("templates/base.html", '{% extends "base.html" %}{% block foot %}mine{% endblock %}')
    theme("templates/posts/index.html", BROKEN[how])
    for _again in range(3):
        ask(client)
    lines = [each.getMessage() for each in caplog.records if each.name.startswith("blog.web.theme")]
    assert len(lines) == 1
    assert lines[0].startswith("The theme cannot be used for posts/index.html, so")
    assert "\n" not in lines[0]
    assert "mine" in client.get("/archive/").text  # the rest of the theme goes on


def link_out(place, top):
    (top / "secret.html").write_text("mine")
    place.symlink_to(top / "secret.html")


def link_to_itself(place, top):
    place.symlink_to(place.name)


def folder(place, top):
    place.mkdir()


def pipe(place, top):
    os.mkfifo(place)


def link_to_nothing(place, top):
    place.symlink_to("gone.html")


def remove(place):
    place.rmdir() if place.is_dir() and not place.is_symlink() else place.unlink()


@every("make", [link_out, link_to_itself, folder, pipe, link_to_nothing])
def test_what_is_no_file_of_the_theme_is_not_read(client, theme, tmp_path, caplog, make):
    theme("templates/posts/post.html", '{% extends "posts/post.html" %}')
    place = theme.top / "templates/posts/index.html"
    make(place, tmp_path)
    theme.read_again()
    caplog.clear()
    ask(client)
    ask(client)
    assert len([each for each in caplog.records if "posts/index.html" in each.getMessage()]) == 1
    remove(place)


def test_part_that_is_broken_fails_its_whole_page(client, theme, write, say):
    post = write()
    say(post)
    theme("templates/base.html", '{% extends "base.html" %}{% block foot %}mine{% endblock %}')
    theme("templates/comments/_form.html", "{% broken %}")
    page = client.get(post.get_absolute_url())
    assert page.status_code == 200
    assert "mine" not in page.text
    assert 'name="body"' in page.text
    assert "templates/comments/_form.html, line 1" in engine.faults_seen()[0]


def test_line_named_is_that_of_the_file(client, theme, caplog):
    source = "{% extends 'posts/index.html' %}\n{% if 1 %}\n{% endif %}\n\n  {% nonsense %}\n"
    theme("templates/posts/index.html", source)
    ask(client)
    assert "templates/posts/index.html, line 5: " in caplog.text
    assert "on line 5: 'nonsense'" in caplog.text


def test_page_that_fell_back_has_our_stylesheet_allowed(client, theme):
    before = client.get("/")
    theme("static/css/theme.css", ":root { --paper: #123456 }")
    themed = client.get("/")
    theme("templates/posts/index.html", "{% broken %}")
    after = client.get("/")
    policy = "Content-Security-Policy"
    assert before[policy] == after[policy] != themed[policy]
    assert after.text == before.text


@every(
    "css", [b"a { color: \xff }", b"a {} </style><script>", '@import url("gone.css") layer(base);']
)
def test_stylesheet_that_cannot_be_used_gives_way_to_ours(client, theme, css):
    before = client.get("/")
    theme("static/css/site.css", css)
    assert client.get("/").text == before.text


@every("name", ["admin/base_site.html", "admin/login.html", "500.html", "admin/base.html"])
def test_templates_of_the_admin_are_never_read(client, theme, admin_client, name):
    theme(f"templates/{name}", "{% broken %} mine")
    theme("templates/base.html", "{% broken %} mine")
    for path in ("/admin/", "/admin/posts/post/add/", "/admin/comments/comment/"):
        page = admin_client.get(path)
        assert page.status_code == 200
        assert "mine" not in page.text
    assert client.get("/admin/login/").status_code == 200


def test_error_of_the_database_is_not_the_themes(client, theme, caplog, monkeypatch):
    theme("templates/posts/index.html", '{% extends "posts/index.html" %}')

    def fails(self):
        raise OperationalError("away")

    monkeypatch.setattr(Site, "masthead", property(fails))
    client.raise_request_exception = False
    assert client.get("/").status_code == 503
    assert not engine.faults_seen()


@every("name", ["posts/opensearch.xml", "mail/confirm.html", "mail/confirm.txt"])
def test_what_is_no_page_falls_back_too(theme, name):
    given = {"site": {"title": "Postil"}, "confirm": "https://blog.example.org/yes"}
    before = render_to_string(name, given)
    theme(f"templates/{name}", "mine {{ site|nonsense }}")
    assert render_to_string(name, given) == before


def test_name_that_cannot_be_printed_is_a_fault(client, theme):
    theme("templates/base.html", '{% extends "base.html" %}{% block foot %}mine{% endblock %}')
    theme("static/odd\udcff\n.css", "a {}")
    assert "mine" in client.get("/").text
    (fault,) = files.theme().faults
    assert fault.name == r"static/odd\udcff\n.css"


def test_admin_says_what_is_broken(admin_client, theme):
    before = admin_client.get("/admin/posts/tag/").text.count('<li class="warning">')
    theme("templates/posts/index.html", "{% nonsense %}")
    theme("templates/404.html", b"\xff")
    said = admin_client.get("/admin/posts/tag/").text
    assert "templates/404.html: It is not UTF-8 text. Save it as UTF-8." in said
    assert "1 more fault; doctor names it." in said
    assert said.count('<li class="warning">') == before + 1
