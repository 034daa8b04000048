"""The preview: the page readers would get of a text that is being written."""

import json
import random
import re
from email import message_from_string
from itertools import count

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from markup_attacks import HTML_VECTORS
from quick import within
from trials import some_of

from blog.markup import MarkupError, preview_post, render_post
from blog.posts.models import Post, Revision, Tag, Text
from blog.transfer.demo import FOLDER

PREVIEW = "/admin/posts/post/preview/"

pytestmark = pytest.mark.django_db


def words_part(page):
    """Return the HTML of the text, from its box to whatever follows that."""
    found = re.search(
        r'<div class="text prose e-content">\n(.*?)\n</div>(?:\n</div>|\n?<ul class="look)',
        page.text,
        re.S,
    )
    # Links to write beside each paragraph are in no preview.
    return re.sub("<noscript>.*?</noscript>", "", found[1])


def found_in(page):
    return json.loads(
        re.search(r'<script id="preview" type="application/json">(.*?)</script>', page.text)[1]
    )


def shown(staff, **fields):
    return staff.post(PREVIEW, {"title": "Margins", "body": "", "essay": ""} | fields)


def same(staff, post):
    fields = {"title": post.title, "standfirst": post.standfirst, "body": post.body}
    previewed = shown(staff, **fields, slug=post.slug, kind=post.kind, essay=post.pk)
    assert words_part(previewed) == words_part(staff.get(post.get_absolute_url())), post.title


# --- The same page ----------------------------------------------------------------------------


def test_demo_is_previewed_as_published(staff, write):
    for path in sorted(FOLDER.glob("*.md")):
        demo = message_from_string(path.read_text())
        same(staff, write(demo["Title"], body=demo.get_payload(), kind=demo["Kind"]))


@pytest.mark.long
def test_bacon_is_previewed_as_published(staff, write, shared):
    essays = json.loads((shared / "data/essays/bacon-essays.json").read_text())
    bodies = ["\n\n".join(essay["paragraphs"]) for essay in essays]
    assert len(bodies) == 59
    tried = some_of(bodies, 4)
    assert [*map(preview_post, tried)] == [*map(render_post, tried)]
    same(staff, write(essays[0]["title"], body=bodies[0]))


def test_reference_page_is_previewed_as_published(staff, write, shared):
    source = json.loads((shared / "data/seed-essay.json").read_text())
    same(staff, write(source["title"], body=source["body_markdown"]))


def test_readers_notes_stay_while_text_is_unchanged(staff, write):
    post = write(body="Words.")
    Post.objects.update(annotated_html="<p>Words. <b>Noted.</b></p>")
    assert "Noted." in shown(staff, body="Words.", essay=post.pk).text
    assert "Noted." not in shown(staff, body="Other words.", essay=post.pk).text


def test_title_standfirst_and_tags_are_shown(staff):
    Tag.objects.create(name="Tools", slug="my-tools")
    page = shown(staff, title="A & B", standfirst="Why.", tags="tools， New one", body="Words.")
    assert '<h1 class="p-name" dir="auto">A &amp; B</h1>' in page.text
    assert "Why.</p>" in page.text
    assert 'href="/tags/my-tools/">Tools</a>' in page.text
    assert 'href="/tags/new-one/">New one</a>' in page.text
    assert not Tag.objects.filter(name="New one").exists()


def test_address_shows_newest_version(staff, write):
    post = write(body="Published.")
    text = Text.cleaned("Margins", "", "Being written.")
    Revision.objects.keep(post, text, by=post.author, kind=Revision.Kind.WRITING)
    page = staff.get(PREVIEW, {"post": post.pk})
    assert "Being written." in page.text
    assert "Being written." not in staff.get(post.get_absolute_url()).text


def test_preview_writes_nothing_and_keeps_no_page(staff, write):
    post = write(published_at=None)
    with CaptureQueriesContext(connection) as asked:
        page = shown(staff, body="Words.", tags="New", essay=post.pk)
    assert [q["sql"] for q in asked if re.match("INSERT|UPDATE|DELETE", q["sql"])] == []
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"


def test_only_the_preview_may_be_framed(staff):
    page = shown(staff, body="![](/media/x.jpg)")
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert staff.get("/admin/posts/post/")["X-Frame-Options"] == "DENY"


@pytest.mark.long
def test_remembered_blocks_change_nothing(shared):
    examples = json.loads((shared / "data/markdown/commonmark-spec-examples.json").read_text())
    texts = [*HTML_VECTORS, *(example["markdown"] for example in examples)]
    random.Random(1).shuffle(texts)
    for some in some_of(zip(*[iter(texts)] * 9, strict=False), 4):
        body = "\n\n".join(some)
        assert outcome(preview_post, body) == outcome(render_post, body)


def outcome(render, body):
    try:
        return render(body)
    except MarkupError as error:
        return str(error)


# --- Who may ------------------------------------------------------------------------------------


def test_stranger_is_asked_to_sign_in(client):
    answer = client.post(PREVIEW, {"body": "Words."})
    assert (answer.status_code, "You were signed out." in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("codename", "new", "old"),
    [("add_post", 200, 404), ("change_post", 403, 200), ("view_post", 403, 403)],
)
def test_permission_is_that_of_the_form(client, write, codename, new, old):
    post = write()
    other = get_user_model().objects.create_user("tomas", is_staff=True)
    other.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(other)
    assert shown(client).status_code == new
    assert shown(client, essay=post.pk).status_code == old


@pytest.mark.parametrize("number", ["999", "x", "-1", "9" * 50])
def test_essay_that_is_not_there_is_404(staff, number):
    assert shown(staff, essay=number).status_code == 404


# --- What is refused ----------------------------------------------------------------------------


def test_refused_text_says_where(staff):
    page = shown(staff, body="First words.\n\n\n" + "> " * 30 + "deep\n\nLast words.")
    assert page.status_code == 200
    assert "The text is refused at paragraph 2" in page.text
    assert "First words." not in page.text
    assert found_in(page)["refused"]["line"] == 4


def test_text_with_too_many_marks_names_the_paragraph(staff):
    page = shown(staff, body="First.\n\n" + "[" * 30_000 + "\n\nLast.")
    assert found_in(page)["refused"]["paragraph"] == 2


# --- Which line is shown where ------------------------------------------------------------------


def test_each_block_has_its_line(staff):
    body = (
        "One.[^a]\n\n# Two *three*\nFour [five](/six/)\nsix.\n\n- a\n- b\n\n- c\n\n[^a]: Note.\n\n"
        '```py\nx = 1\n```\n\n![](/media/x.png "Seven")\n\n***\n\n> Eight.\n>\n> Nine.\n\nTen.'
    )
    lines = [1, 3, 4, 7, 14, 18, 20, 22, 26]
    assert found_in(shown(staff, body=body))["blocks"] == lines


def test_most_blocks_of_the_demo_have_their_lines(staff):
    for path in sorted(FOLDER.glob("*.md")):
        body = message_from_string(path.read_text()).get_payload()
        lines = found_in(shown(staff, body=body))["blocks"]
        assert lines == sorted(lines)
        assert len({*lines}) == len(lines), path.name


def test_preview_of_3000_words_takes_little_time(staff):
    body = "\n\n".join(
        f"Paragraph {n} of *words* with [a link](/x/{n}/).[^{n}] "
        + "word " * 45
        + f"\n\n[^{n}]: Note {n}."
        for n in range(60)
    )
    assert len(body.split()) > 3000
    shown(staff)
    ends = count()
    within(0.3, lambda: shown(staff, body=f"{body}\n\nEnd {next(ends)}."))
