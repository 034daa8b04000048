"""An essay may say its language: pages, feeds and exports name it, and its quotes are of it."""

import json

import pytest
from conftest import on
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from lxml import etree
from support.inputs import every
from test_admin_posts import _payload, address
from test_desk_collision import shown

from blog.lib.languages import is_to_left, tag_of
from blog.markup import render_post
from blog.posts.desk.merging import Merge
from blog.posts.desk.packing import pack, unpack
from blog.posts.models import Post, Revision, SharedDraft, Text, posts_of_earlier_markup
from blog.posts.models.rendering import render_again
from blog.transfer.export import front_matter
from blog.transfer.wordpress import import_wordpress
from blog.transfer.wxr_writer import WxrWriter
from comments.rendering.margin import has_passage

SAID = """"He said 'Hello' to Hans' mother," it's '68 ("yes")."""
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
needs_database = pytest.mark.django_db


@every(
    "language, shown",
    [
        ("", "“He said ‘Hello’ to Hans’ mother,” it’s ’68 (“yes”)."),
        ("en-GB", "“He said ‘Hello’ to Hans’ mother,” it’s ’68 (“yes”)."),
        ("nl", "“He said ‘Hello’ to Hans’ mother,” it’s ’68 (“yes”)."),
        ("de", "„He said ‚Hello‘ to Hans’ mother,“ it’s ’68 („yes“)."),
        ("de-CH", "«He said ‹Hello› to Hans’ mother,» it’s ’68 («yes»)."),
        (
            "fr",
            "«&nbsp;He said “Hello” to Hans’ mother,&nbsp;» it’s ’68 («&nbsp;yes&nbsp;»).",
        ),
        ("es-MX", "«He said “Hello” to Hans’ mother,» it’s ’68 («yes»)."),
        ("it", "«He said “Hello” to Hans’ mother,» it’s ’68 («yes»)."),
        ("el", "«He said “Hello” to Hans’ mother,» it’s ’68 («yes»)."),
        ("pl", "„He said «Hello» to Hans’ mother,” it’s ’68 („yes”)."),
        ("sv", "”He said ’Hello’ to Hans’ mother,” it’s ’68 (”yes”)."),
        ("ru", "«He said „Hello“ to Hans’ mother,» it’s ’68 («yes»)."),
        ("he", "”He said ’Hello’ to Hans’ mother,” it’s ’68 (”yes”)."),
        ("sr-Latn", "„He said ’Hello’ to Hans’ mother,” it’s ’68 („yes”)."),
        ("mk", "„He said ‚Hello‘ to Hans’ mother,“ it’s ’68 („yes“)."),
        ("bs", "„He said ‘Hello’ to Hans’ mother,” it’s ’68 („yes”)."),
        ("ka", "„He said «Hello» to Hans’ mother,“ it’s ’68 („yes“)."),
        ("hy", "«He said «Hello» to Hans’ mother,» it’s ’68 («yes»)."),
        ("am", "«He said ‹Hello› to Hans’ mother,» it’s ’68 («yes»)."),
        ("hsb", "„He said ‚Hello‘ to Hans’ mother,“ it’s ’68 („yes“)."),
        ("ja", SAID),
        ("zh-Hant-TW", SAID),
    ],
)
def test_quotes_are_those_of_the_language(language, shown):
    assert render_post(SAID, language) == f"<p>{shown}</p>"


def test_words_that_begin_with_an_apostrophe_keep_it():
    assert render_post("'s Avonds 'Hoi'", "nl") == "<p>’s Avonds ‘Hoi’</p>"
    assert render_post('\'n "Hund"', "de") == "<p>’n „Hund“</p>"
    assert render_post("צה\"ל ג'ירפה", "he").endswith("צה״ל ג׳ירפה</p>")


def test_quotes_of_the_site_are_the_default(settings):
    settings.LANGUAGE_CODE = "de"
    assert render_post('"Ja"') == render_post('"Ja"', "j") == "<p>„Ja“</p>"
    assert render_post('"Yes"', "en") == "<p>“Yes”</p>"


def test_a_known_language_decides_the_direction_of_mixed_blocks():
    mixed = "Python هي لغة"
    assert render_post(mixed) == f"<p>{mixed}</p>"
    html = render_post(f"{mixed}\n\nEnglish.\n\n123\n\n- {mixed}", "ar")
    assert html == (
        f'<p dir="rtl">{mixed}</p>\n<p>English.</p>\n<p dir="rtl">123</p>\n'
        f'<ul dir="rtl">\n<li>{mixed}</li>\n</ul>'
    )


@every(
    "text, tag",
    [
        ("DE", "de"),
        ("pt_br", "pt-BR"),
        (" zh-hant-tw ", "zh-Hant-TW"),
        ("ca-valencia", "ca-valencia"),
        ("de-1996", "de-1996"),
        ("es-419", "es-419"),
        ("haw", "haw"),
        ("IW", "iw"),
        ("sh", "sh"),
        ("zh-YUE-hant-hk", "zh-yue-Hant-HK"),
        ("jp-yue", None),
        *((text, None) for text in ("jp", "German", "", "e", "en-", "en--GB", "de'", "x" * 999)),
    ],
)
def test_tags_are_read(text, tag):
    assert tag_of(text) == tag


def test_scripts_and_languages_from_right_to_left():
    assert all(map(is_to_left, ("ar", "he-IL", "fa", "ckb", "az-Arab", "ur")))
    assert all(map(is_to_left, ("ks", "pa-PK", "iw", "uz-AF", "ks-Arab-IN", "ar-arb")))
    assert not any(map(is_to_left, ("de", "az", "ur-Latn", "en-IL")))
    assert not any(map(is_to_left, ("ks-Deva", "pa", "pa-Guru-PK", "sd-IN", "zh-yue-Hant")))


def test_a_reader_note_finds_its_words_after_the_quotes_changed():
    for language in ("", "de", "fr", "sv"):
        assert has_passage(render_post('He said "no" then.', language), "said “no” then")


# --- Readers' pages and feeds ---------------------------------------------------------------


@needs_database
def test_pages_name_the_language_where_it_differs(client, write):
    post = write("Über Ränder", body="Ein Wort.", standfirst="Kurz.", lang="de")
    beside = write("In English", lang="en")
    page = client.get(post.get_absolute_url()).text
    assert '<h1 class="p-name" dir="auto" lang="de">' in page
    assert '<p class="standfirst p-summary" dir="auto" lang="de">' in page
    assert '<div class="text prose e-content" lang="de">' in page
    assert '"inLanguage":"de"' in page
    for url in ("/", "/archive/", "/search/?q=wort", beside.get_absolute_url()):
        shown = client.get(url).text
        assert 'lang="de"' in shown, url
        assert shown.count('lang="en"') == 1, url


@needs_database
def test_page_in_a_language_from_right_to_left_turns_its_title(client, write):
    post = write("Django لغة", body="Python هي لغة", lang="ar")
    page = client.get(post.get_absolute_url()).text
    assert '<h1 class="p-name" dir="rtl" lang="ar">' in page
    assert '<p dir="rtl">Python' in page


@needs_database
def test_feeds_name_the_language_of_an_entry(client, write):
    write("Auf Deutsch", body='"Ja"', lang="de-CH")
    write("In English")
    entries = etree.fromstring(client.get("/atom.xml").content).findall("{*}entry")
    assert [entry.get(XML_LANG) for entry in entries] == [None, "de-CH"]
    items = etree.fromstring(client.get("/feed.xml").content).findall("channel/item")
    assert [item.findtext("{*}language") for item in items] == [None, "de-CH"]
    english, german = json.loads(client.get("/feed.json").content)["items"]
    assert german["language"] == "de-CH"
    assert german["content_html"] == '<div lang="de-CH">\n<p>«Ja»</p>\n</div>'
    assert "language" not in english
    assert english["content_html"] == "<p>Room for a note.</p>"


# --- The desk -------------------------------------------------------------------------------


@needs_database
def test_language_is_chosen_at_the_desk_and_is_part_of_a_version(staff, author, write):
    post = write(body='"Ja"')
    form = staff.get(address(post))
    assert '<option value="pt-BR">' in form.text
    given = _payload(author, body='"Ja"', lang="DE", act="save")
    assert staff.post(address(post), given).status_code == 302
    post.refresh_from_db()
    newest = Revision.objects.newest(post)
    assert (post.lang, newest.lang) == ("", "de")
    assert post.differs_from(newest)
    assert Post.objects.changed().get() == post
    assert "Language:" in staff.get(reverse("admin:posts_post_history", args=[post.pk])).text
    staff.post(address(post), given | {"version": newest.token, "act": "publish-changes"})
    post.refresh_from_db()
    assert (post.lang, post.body_html) == ("de", "<p>„Ja“</p>")
    first = post.revisions.order_by("pk").first()
    staff.post(reverse("admin:posts_post_bring_back", args=[post.pk, first.pk]))
    assert Revision.objects.newest(post).lang == ""


@needs_database
def test_a_language_that_is_none_is_refused_in_a_sentence(staff, author, write):
    post = write(published_at=None)
    answer = staff.post(address(post), _payload(author, lang="jp"))
    assert "“jp” is not a language tag. Write one such as de, pt-BR or zh-Hant." in answer.text
    # While it is typed it is kept like any other words.
    kept = staff.post(reverse("admin:posts_post_autosave", args=[post.pk]), {"lang": "j"})
    assert (kept.status_code, Revision.objects.newest(post).lang) == (200, "j")
    with pytest.raises(ValidationError, match="not a language tag"):
        post.publish_newest()


@needs_database
def test_preview_and_shared_draft_have_the_language(staff, author, write):
    given = {"body": '"Ja"', "lang": "de"}
    page = staff.post(reverse("admin:posts_post_preview"), given).text
    assert 'e-content" lang="de">\n<p>„Ja“</p>' in page
    post = write(published_at=None, **given)
    staff.post(address(post), _payload(author, act="share") | given)
    link = SharedDraft.objects.get()
    assert 'e-content" lang="de">\n<p>„Ja“' in Client().get(link.get_absolute_url()).text


def test_two_changes_of_the_language_are_put_together():
    base, german = Text("T", body="B"), Text("T", body="B", lang="de")
    assert Merge(base, base, german).text().lang == "de"
    assert Merge(base, german, base).text().lang == "de"
    assert unpack(pack(german)) == german
    assert unpack(pack(german[:5])) == base  # by a form of before


@needs_database
def test_collision_shows_both_languages(write, author):
    post = write(published_at=None)
    french = Text("T", body="B", lang="fr")
    newest = Revision.objects.keep(post, french, by=author, kind="saved")
    page = shown(post, french._replace(lang="de"), newest, base=french._replace(lang=""))
    assert '<input type="hidden" name="lang" value="de">' in page
    assert "<h3>Language</h3>" in page
    assert 'name="row-lang"' in page


# --- Out and in again -----------------------------------------------------------------------


@needs_database
def test_export_and_import_keep_the_language(write, author, tmp_path):
    post = write(body='"Ja"', lang="de")
    assert '\nlang: "de"\n' in front_matter(post)
    path = tmp_path / "wordpress.xml"
    with path.open("w", encoding="utf-8") as file:
        WxrWriter(file).write([post], [author], {post.pk: 7})
    post.delete()
    import_wordpress(path)
    again = Post.objects.get()
    assert (again.lang, again.body, again.body_html) == ("de", '"Ja"', "<p>„Ja“</p>")
    path.write_text(
        path.read_text()
        .replace("_postil_language", "_other")
        .replace("/?p=7", "/?p=8")
        .replace(
            "<wp:postmeta>",
            '<category domain="language" nicename="nl">Nederlands</category><wp:postmeta>',
            1,
        )
    )
    import_wordpress(path)  # as Polylang says it
    assert Post.objects.order_by("pk").last().lang == "nl"


@needs_database
def test_rendering_again_keeps_to_the_language(write):
    post = write(body='"Ja"', lang="de")
    Post.objects.filter(pk=post.pk).update(body_html="<p>“Ja”</p>", rendered_with=3)
    assert [*posts_of_earlier_markup()] == [post.pk]
    render_again(post.pk)
    post.refresh_from_db()
    assert post.body_html == "<p>„Ja“</p>"


@needs_database
def test_dry_run_looks_at_a_database_of_before_there_was_a_language(write, capsys):
    write(body='"Ja"', lang="de")
    call_command("render", "--dry-run")
    assert "Essays that change: 0 of 1." in capsys.readouterr().out
    connection.check_constraints()  # PostgreSQL alters no table before
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE posts_post DROP COLUMN lang")
    call_command("render", "--dry-run")
    assert "Essays that change: 1 of 1." in capsys.readouterr().out


@pytest.mark.django_db
def test_dates_are_written_as_the_language_writes_them(client, write, settings):
    post = write(published_at=on(2026, 5, 3))
    settings.LANGUAGE_CODE = "de"
    assert "3. Mai 2026" in client.get(post.get_absolute_url()).text
    settings.LANGUAGE_CODE = "ja"
    assert "2026年5月3日" in client.get(post.get_absolute_url()).text
    settings.LANGUAGE_CODE = "uk"
    assert "3 травня 2026" in client.get(post.get_absolute_url()).text
