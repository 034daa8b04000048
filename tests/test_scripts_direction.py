"""Each block and each name takes its own direction: on pages, in feeds, mails and the queue."""

import pytest
from django.template.loader import render_to_string

from blog.markup import render_comment, render_post
from blog.markup.direction import isolated
from comments.admin.decisions import outcome
from comments.mail.letters import titled
from comments.models import ModerationEvent

ARABIC = "مرحبا بالعالم."
HEBREW = "שלום עולם."


def test_each_block_of_an_essay_takes_its_own_direction():
    html = render_post(
        f"# {HEBREW}\n\nEnglish, then {ARABIC}\n\n{ARABIC} Then English.\n\n"
        f"- {ARABIC}\n- one\n\n> {HEBREW}\n>\n> English.\n>\n>     code\n\n123\n"
    )
    assert '<h2 id="שלום-עולם" dir="auto">' in html
    assert "<p>English, then" in html
    assert f'<p dir="auto">{ARABIC} Then English.</p>' in html
    assert f'<ul dir="rtl">\n<li>{ARABIC}</li>\n<li dir="auto">one</li>' in html
    assert f'<blockquote dir="rtl">\n<p>{HEBREW}</p>\n<p dir="auto">English.</p>\n<pre' in html
    assert '<pre tabindex="0" dir="ltr">' in html or 'dir="ltr"><code>' in html
    assert "<p>123</p>" in html


def test_each_block_of_a_comment_takes_its_own_direction():
    html = render_comment(f"{ARABIC}\n{ARABIC}\n\nEnglish.\n\n2026 {HEBREW}")
    assert html.count('<p dir="auto">') == 2
    assert "<p>English.</p>" in html
    assert '<p dir="auto"><em>' in render_comment(f"*{HEBREW}*")
    assert "dir=" not in render_comment("> Ελληνικά\n\nनमस्ते 123")


def test_a_site_from_right_to_left_turns_the_others(settings):
    settings.LANGUAGE_CODE = "ar"
    assert render_post(f"{ARABIC}\n\nEnglish.") == f'<p>{ARABIC}</p>\n<p dir="auto">English.</p>'
    assert isolated("Lou") == "\u2068Lou\u2069"


@pytest.mark.django_db
def test_names_and_titles_turn_nothing_around_them(client, admin_client, write, say):
    post = write("عن الهوامش", body=ARABIC)
    first = say(post, ARABIC, name="ليلى")
    say(post, "Thanks.", name="Lou", parent=first)
    say(post, HEBREW, name="דנה", status="pending")
    page = client.get(post.get_absolute_url()).text
    assert '<h1 class="p-name" dir="auto">عن الهوامش</h1>' in page
    assert page.count("<bdi>ليلى</bdi>") == 2
    assert "to <bdi>ليلى</bdi>" in page
    assert "<bdi>Lou" not in page
    assert f'<p dir="auto">{ARABIC}</p>' in page
    queue = admin_client.get("/admin/comments/comment/").text
    assert "<bdi>דנה</bdi>" in queue
    assert "<bdi>عن الهوامش</bdi>" in queue
    assert '&lt;p dir="auto"&gt;' in client.get("/feed.xml").text


@pytest.mark.django_db
def test_an_outcome_keeps_the_direction_of_a_name(say, write):
    event = ModerationEvent(comment=say(write(), name="דנה"))
    assert outcome("approve", [event]) == "Approved: \u2068דנה\u2069."


def test_a_mail_keeps_each_direction(write, say):
    post = write("عن الهوامش")
    for template in ("mail/confirm.html", "mail/confirm.txt"):
        said = render_to_string(template, {"post": post})
        assert "<bdi>عن الهوامش</bdi>" in said or "\u2068عن الهوامش\u2069" in said
    assert titled(post) == "\u2068عن الهوامش\u2069"
    comment = say(post, HEBREW, name="دנה")
    item = {"comment": comment, "html": comment.body_html, "text": comment.body}
    html = render_to_string("mail/reply.html", {"item": item})
    assert "<bdi>دנה</bdi>" in html
    assert "“<a" in html
    assert "<bdi>عن الهوامش</bdi>" in html
    assert f'<p dir="auto">{HEBREW}</p>' in html
    assert "\u2068دנה\u2069" in render_to_string("mail/reply.txt", {"item": item})


BEFORE_THE_END = """() => [...document.querySelectorAll("p")].map(block => {
  const words = block.lastChild, place = document.createRange();
  place.selectNodeContents(words);
  const start = place.getBoundingClientRect().left;
  place.setStart(words, words.length - 1);
  return Math.round(place.getBoundingClientRect().left - start);
})"""


@pytest.mark.browser
def test_a_sentence_from_the_right_ends_at_the_left(page):
    texts = render_post(f"{ARABIC} Postil 12.\n\n{HEBREW}"), render_comment(ARABIC)
    page.set_content(f'<html lang="en"><body>{"".join(texts)}<p>A last one.')
    *from_right, from_left = page.evaluate(BEFORE_THE_END)
    assert from_right == [0, 0, 0]
    assert from_left > 0
