"""An owner's templates and static files take the place of ours; docs/theme.md has the example."""

import os
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template.loader import render_to_string

from blog.ops import static_files
from blog.ops.doctor import OK
from blog.ops.doctor import theme as check
from blog.web.theme import files
from blog.web.theme.at_once import with_theme_at_once
from comments.models import ThreadPage
from comments.rendering.thread import rendering

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).resolve().parents[1] / "docs" / "theme.md"
EXAMPLE = re.compile(
    r"^<!-- file: var/theme/(\S+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
POLICY = "Content-Security-Policy"
FOOT = '{% extends "base.html" %}{% block foot %}<p>mine</p>{% endblock %}'


@pytest.fixture
def example(theme):
    """The theme that the page shows."""
    found = EXAMPLE.findall(DOCS.read_text())
    assert len(found) == 5
    for name, content in found:
        theme(name, content)
    return dict(found)


# --- The example ------------------------------------------------------------------------------


def test_example_adds_a_block_and_an_essay_template(client, example, write, say):
    post = write(standfirst="A few words.")
    say(post)
    front = client.get("/").text
    assert (
        '<p class="row motto"><span class="text">Essays, with notes in the margin.</span>' in front
    )
    assert '<link rel="stylesheet" href="/static/mine.css">' in front
    page = client.get(post.get_absolute_url())
    assert '<main id="content" class="h-entry mine">' in page.text
    assert re.search(r'motto"><span class="text">Ines Marlow, \w+ \d{4}</span>', page.text)
    assert "I agree." in page.text
    assert 'name="body"' in page.text
    assert "--paper:light-dark(#f4f7f4,#10201c)" in page.text


def test_doctor_finds_nothing_amiss_with_the_example(example, write, say):
    say(write())
    assert [each for each in check.theme() if each.level != OK] == []


def test_example_leaves_the_number_of_queries(client, theme, write, say, django_assert_num_queries):
    post = write()
    say(post)
    with django_assert_num_queries(4):
        client.get(post.get_absolute_url())
    for name, content in EXAMPLE.findall(DOCS.read_text()):
        theme(name, content)
    with django_assert_num_queries(4):
        client.get(post.get_absolute_url())


def test_preview_of_the_desk_follows_the_theme(staff, example, write):
    page = staff.post("/admin/posts/post/preview/", {"title": "Mine", "body": "Room for a note."})
    assert page.status_code == 200
    assert 'class="h-entry mine"' in page.text
    assert "Room for a note." in page.text
    assert 'id="preview"' in page.text
    assert "style-src 'sha256-" in page[POLICY]
    assert re.search(r"style-src [^;]* 'self'", page[POLICY])


# --- What else follows ------------------------------------------------------------------------


def test_policy_allows_files_only_where_a_theme_has_some(client, theme):
    before = client.get("/")[POLICY]
    theme("static/css/theme.css", ":root { --ink: #000 }")
    assert "'self'" not in client.get("/")[POLICY].partition("script-src")[2]
    theme("static/mine.css", "a {}")
    assert re.search(
        r"script-src 'sha256-\S+'; style-src 'sha256-\S+' 'self'$", client.get("/")[POLICY]
    )
    theme("static/mine.js", "1")
    policy = client.get("/")[POLICY]
    assert re.search(r"script-src 'sha256-\S+' 'self'; style-src 'sha256-\S+' 'self'$", policy)
    assert "'unsafe" not in policy + before


def test_address_in_a_joined_stylesheet_begins_at_its_file(client, theme):
    theme("static/leaf.svg", "<svg/>")
    theme(
        "static/css/components/foot.css",
        ".foot { background: url(../../leaf.svg#a) url('/media/b') }",
    )
    assert "url(\"/static/leaf.svg#a\") url('/media/b')" in client.get("/").text


def test_stylesheet_of_the_theme_may_import_its_own(client, theme):
    theme("static/css/site.css", '@import "mine/a.css";\nb { c: d }\n')
    theme("static/css/mine/a.css", "a { b: c }")
    assert "<style>a{b:c}b{c:d}</style>" in client.get("/").text


def test_static_files_of_the_admin_stay_ours(theme):
    for name in ("css/desk.css", "js/notes.js", "admin/css/base.css", "css/site-admin.css"):
        theme(f"static/{name}", "mine")
        assert not Path(finders.find(name)).is_relative_to(theme.top)


def test_new_files_stand_beside_ours(theme):
    for name in ("js/mine.js", "css/mine.css", "fonts/mine.woff2", "favicon.svg"):
        path = theme(f"static/{name}", "mine")
        assert finders.find(name) == str(path)


def test_mail_to_readers_follows_and_letters_that_let_in_do_not(theme):
    theme("templates/mail/base.html", "mine {% block body %}{% endblock %}")
    given = {"subject": "A reply", "language": "en"}
    assert render_to_string("mail/confirm.html", given).startswith("mine")
    assert "mine" not in render_to_string("mail/invitation.html", given)


def test_comments_are_rendered_again_for_a_theme(client, theme, write, say):
    post = write()
    say(post)
    before = rendering()
    theme(
        "templates/comments/_thread.html",
        "{% for comment in rows %}<b>mine {{ comment.pk }}</b>{% endfor %}",
    )
    assert rendering() != before
    assert ThreadPage.objects.stale_posts().exists()
    assert "<b>mine" in client.get(post.get_absolute_url()).text


def test_whole_page_is_ours_down_to_stored_comments(client, theme, write, say):
    post = write()
    say(post)
    before = client.get(post.get_absolute_url()).text
    theme("templates/comments/_thread.html", "<b>mine</b>")
    theme("templates/posts/post.html", "{% nonsense %}")
    assert client.get(post.get_absolute_url()).text == before


def test_parts_kept_of_a_theme_never_stand_in_our_pages(client, theme):
    ours = client.get("/").text
    cached = '{% cache None "foot" site.language site.version using="process" %}mine{% endcache %}'
    theme("templates/base.html", "{% load cache %}" + cached)
    assert "mine" in client.get("/archive/").text
    theme("templates/posts/index.html", "{% nonsense %}")
    assert client.get("/").text == ours


def test_page_that_is_not_there_follows(client, theme):
    theme("templates/404.html", FOOT.replace("base", "404"))
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "<p>mine</p>" in page.text


def test_own_settings_go_on_working_beside_a_theme(client, theme, admin_client):
    theme("templates/base.html", FOOT)
    theme("static/css/theme.css", ":root { --ink: #123 }")
    form = admin_client.get("/admin/site/siteversion/").text
    assert "mine" not in form
    assert client.get("/").text.count("mine") == 1


# --- When a change counts ---------------------------------------------------------------------


def test_change_counts_from_the_next_start(client, settings, tmp_path):
    settings.THEME_DIR = tmp_path / "theme"
    files.forget()
    assert "mine" not in client.get("/").text
    (settings.THEME_DIR / "templates").mkdir(parents=True)
    (settings.THEME_DIR / "templates/base.html").write_text(FOOT)
    assert "mine" not in client.get("/").text
    files.forget()  # as a process begins
    assert "mine" in client.get("/").text
    files.forget()


def test_change_shows_at_once_with_debug(client, theme, settings):
    path = theme("templates/base.html", FOOT)
    settings.DEBUG = True
    assert "mine" in client.get("/").text
    path.write_text(FOOT.replace("mine", "other"))
    assert "other" in client.get("/").text
    path.unlink()
    assert "other" not in client.get("/").text


def test_kept_pages_fall_with_debug_when_a_file_changes(theme, settings):
    settings.DEBUG = True
    path, fallen = theme("templates/base.html", FOOT), []
    application = with_theme_at_once(lambda *given: [b""], lambda: fallen.append(1))
    application({}, None)
    assert not fallen
    path.write_text(FOOT + " ")
    application({}, None)
    application({}, None)
    assert fallen == [1]


def test_machines_with_the_same_files_have_the_same_digest(theme, tmp_path):
    theme("templates/base.html", FOOT)
    theme("static/a.css", "a {}")
    here = files.read_theme(theme.top).revision
    theme.top.rename(tmp_path / "elsewhere")
    assert files.read_theme(tmp_path / "elsewhere").revision == here
    (tmp_path / "elsewhere/static/a.css").write_text("b {}")
    assert files.read_theme(tmp_path / "elsewhere").revision != here


# --- Collected --------------------------------------------------------------------------------


@pytest.fixture
def collected(settings, tmp_path):
    """Static files as in production: collected, with digests in their names."""
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = []
    settings.STATICFILES_FINDERS = ["blog.web.theme.finder.Finder"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "blog.ops.static_files.Storage"}
    }
    return settings.STATIC_ROOT


def test_files_are_served_under_names_with_digests(collected, theme):
    theme("static/mine.css", "a { background: url(leaf.svg) }")
    theme("static/leaf.svg", "<svg/>")
    theme("static/css/desk.css", "mine")
    assert not static_files.are_collected()
    static_files.collect()
    names = sorted(path.name for path in collected.rglob("*.*"))
    assert len([name for name in names if re.fullmatch(r"mine\.\w{12}\.css", name)]) == 1
    (hashed,) = collected.glob("mine.*.css")
    assert re.fullmatch(r'a \{ background: url\("leaf\.\w{12}\.svg"\) \}', hashed.read_text())
    assert "desk.css" not in names
    assert static_files.are_collected()
    theme("static/leaf.svg", "<svg></svg>")
    assert not static_files.are_collected()


def test_older_file_of_a_theme_is_collected_as_well(collected, theme):
    for content in ("a {}", "b {}"):
        path = theme("static/mine.css", content)
        os.utime(path, (1000000000 - len(content), 1000000000))
        static_files.collect()
        assert (collected / "mine.css").read_text() == content


def test_stylesheet_that_names_a_missing_file_stops_no_start(collected, theme):
    theme("static/mine.css", "a { background: url(gone.svg) }")
    static_files.collect()
    assert static_files.are_collected()


def test_files_that_cannot_be_collected_are_left_out(collected, theme, caplog):
    theme("static/a.css", '@import "b.css"; a { b: 1 }')
    theme("static/b.css", '@import "a.css"; b { b: 1 }')
    static_files.collect()
    assert "The theme cannot be used for static" in caplog.text
    assert static_files.are_collected()
    call_command("check")


@pytest.mark.browser
def test_chromium_takes_styles_and_scripts_of_a_theme(
    transactional_db, live_server, theme, browser
):
    for name, content in EXAMPLE.findall(DOCS.read_text()):
        theme(name, content)
    theme("static/mine.js", "document.title = 'Run'")
    script = '{% block after %}<script src="{% static "mine.js" %}"></script>{% endblock %}'
    base = theme.top / "templates/base.html"
    theme("templates/base.html", base.read_text() + script)
    said = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(live_server.url)
    assert page.locator(".motto").evaluate("it => getComputedStyle(it).fontStyle") == "italic"
    assert page.title() == "Run"
    page.goto(f"{live_server.url}/archive/")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {text: 'x=1'}))"
    )
    assert [each for each in said if "Content Security Policy" in each][0:1]  # nothing inline runs
    page.close()
