"""`doctor` names what of a theme no longer fits the templates that are here."""

import pytest
from inputs import every

from blog.ops.doctor import BROKEN, LOOK, OK
from blog.ops.doctor import theme as check
from blog.web.theme import files

pytestmark = pytest.mark.django_db
BASE = '{% extends "base.html" %}'
ESSAY = '{% extends "posts/post.html" %}'


@pytest.fixture(autouse=True)
def tries_few(monkeypatch):
    monkeypatch.setattr(check, "TRIED", ["/"])


def said(level):
    return " ".join(f"{each.said} {each.todo}" for each in check.theme() if each.level == level)


def test_nothing_is_amiss_without_a_theme(theme):
    assert [each.level for each in check.theme()] == [OK]


def test_theme_that_fits_is_counted(theme, write):
    write()
    theme("templates/base.html", f"{BASE}{{% block foot %}}{{{{ site.title }}}}{{% endblock %}}")
    theme("static/css/theme.css", ":root { --ink: #000000 }")
    found = list(check.theme())
    assert [each.level for each in found] == [OK], found
    assert "1 template, 1 static file." in found[0].said


IN_BASE = "templates/base.html", BASE + "{% load i18n %}{% block foot %}"
IN_ESSAY = "templates/posts/post.html", ESSAY + "{% block tags %}\n"
END = "{% endblock %}"
BY_WRITER = "{% blocktranslate %}By {{ writer }}{% endblocktranslate %}"
MASTHEAD = "static/css/components/masthaed.css"
# The file and what is in it; what is said of it, and what to do.
LOOKS = {
    "template of none of ours": (
        ("templates/posts/posts.html", "Hello"),
        ("replaces nothing", "Rename it to posts/post.html"),
    ),
    "block that is gone": (
        (IN_ESSAY[0], ESSAY + "\n{% block thraed %}x{% endblock %}"),
        ("posts/post.html, line 2: posts/post.html has no block “thraed”", "Is “thread” meant?"),
    ),
    "variable that is gone": (
        (IN_ESSAY[0], IN_ESSAY[1] + "{{ pots.title }}" + END),
        ("line 2: no page has a variable “pots”", "Is “posts” meant?"),
    ),
    "variable in a condition": (
        (IN_BASE[0], IN_BASE[1] + "{% if site and not nothing_such %}{% endif %}" + END),
        ("no page has a variable “nothing_such”", "Take it out"),
    ),
    "variable of a sentence": (
        (IN_BASE[0], IN_BASE[1] + BY_WRITER + END),
        ("no page has a variable “writer”",),
    ),
    "attribute that is gone": (
        (IN_ESSAY[0], IN_ESSAY[1] + "{{ post.titel|upper }}" + END),
        ("“post” has no “titel”", "Is “title” meant?"),
    ),
    "whole copy, changed": (
        ("templates/404.html", None),
        ("templates/404.html is a copy of the site’s own", "Compare: diff "),
    ),
    "template of the admin": (
        ("templates/admin/login.html", "x"),
        ("templates/admin/login.html is not read", "Remove it,"),
    ),
    "error page": (("templates/500.html", "x"), ("templates/500.html is not read",)),
    "frame without blocks": (
        (IN_BASE[0], "<html>{% block content %}{% endblock %}</html>"),
        ("base.html has no “feeds”, “head”, “main”, “title”", "Add these blocks"),
    ),
    "static file of none of ours": (
        (MASTHEAD, "a {}"),
        (f"{MASTHEAD} replaces nothing", "Rename it to css/components/masthead.css"),
    ),
    "static file of the admin": (
        ("static/css/desk.css", "a {}"),
        ("static/css/desk.css is not read", "another name"),
    ),
    "script of ours": (("static/js/notes.js", "x"), ("static/js/notes.js is not read",)),
    "picture of a stylesheet": (
        ("static/css/theme.css", "a { background: url(../gone.png) }"),
        ("static/css/theme.css names ../gone.png", "Put it into the theme"),
    ),
}


def changed_copy(settings, name):
    source = (settings.BASE_DIR / "templates" / name).read_text()
    return source.replace("<h1>", '<h1 class="mine">')


@every("kind", LOOKS)
def test_what_no_longer_fits_is_named(theme, settings, kind):
    (name, content), words = LOOKS[kind]
    path = theme(name, content or changed_copy(settings, name.removeprefix("templates/")))
    try:
        found = said(LOOK)
        assert all(each in found for each in words), found
    finally:
        path.unlink()


BREAKS = {
    "unknown tag": ("{% nonsense %}", "line 1: TemplateSyntaxError: Invalid block tag"),
    "unknown library": ("{% load nonsense %}", "'nonsense' is not a registered tag library"),
    "unknown filter": ("\n{{ site|nonsense }}", "line 2: TemplateSyntaxError: Invalid filter"),
    "missing include": (
        "{% include 'mine/_a.html' %}",
        "the template mine/_a.html does not exist.",
    ),
    "missing parent": ("{% extends 'bsae.html' %}", "Is “base.html” meant?"),
    "missing address": ("{% url 'archvie' %}", "the name “archvie”. Is “archive” meant?"),
    "missing file": ("{% load static %}{% static 'a.css' %}", "static file a.css does not exist"),
    "not UTF-8": (b"\xff", "templates/posts/index.html: It is not UTF-8 text."),
    "only when rendered": ("{% load posts %}{{ site.title|iso }}", "line 1: AttributeError"),
}


@every("kind", BREAKS)
def test_what_breaks_pages_is_broken(theme, write, kind):
    content, what = BREAKS[kind]
    path = theme("templates/posts/index.html", content)
    try:
        assert what in said(BROKEN), said(BROKEN)
    finally:
        path.unlink()


def test_copy_that_was_compared_is_silent_until_ours_changes(theme, settings):
    path = theme("templates/404.html", changed_copy(settings, "404.html"))
    sum_ = said(LOOK).split("{# compared with ")[1][:8]
    theme("templates/404.html", path.read_text() + f"{{# compared with {sum_} #}}")
    assert said(LOOK) == ""
    theme("templates/404.html", path.read_text().replace(sum_, "0123abcd"))
    assert "404.html changed since you compared" in said(LOOK)


def test_parts_and_blocks_of_a_theme_are_its_own(theme):
    theme(
        "templates/base.html", BASE + "{% block foot %}{% block mine %}{% endblock %}{% endblock %}"
    )
    source = '{% extends "base.html" %}{% block mine %}{% include "mine/_a.html" %}{% endblock %}'
    theme("templates/mine/page.html", source)
    theme("templates/posts/index.html", '{% extends "mine/page.html" %}')
    theme("templates/mine/_a.html", "{% for each in posts %}{{ each.title }}{% endfor %}")
    assert [each.level for each in check.theme()] == [OK]


def test_theme_that_changed_since_the_start_is_said(theme):
    theme("templates/base.html", BASE)
    files.put_in_use()
    assert said(LOOK) == ""
    theme("templates/base.html", BASE + "{# another #}")
    assert "Restart the site, on each machine." in said(LOOK)
    files.record().unlink()
