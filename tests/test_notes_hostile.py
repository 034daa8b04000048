"""Notes meant to break a page, or to cost much: its structure stands, and its words."""

import random
import re

import lxml.html
import pytest
from comment_form import no_rate
from conftest import made_ago
from quick import within

from blog.markup import plain_text, render_post
from comments.models import Comment, ThreadPage
from comments.rendering.choices import Choices
from comments.rendering.margin import ReaderNote, annotate
from comments.rendering.parts import Essay
from comments.rendering.places import LONGEST, Selector

__all__ = ["no_rate"]  # fixtures

BODY = """The *first **bold** words* and [a link](/x/) of it.[^1] Then `code`, and more.

- One item, *with emphasis*
- Another

> Quoted *here*.

| a | b |
|---|---|
| c | d *e* |

    <script>alert("listing")</script>

The end of it all.

[^1]: The author's own note."""


def without_notes(html):
    """Return the words of an essay without the readers' notes."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    for aside in root.xpath("//aside[contains(@class, 'reader')]"):
        aside.drop_tree()
    return " ".join(plain_text(lxml.html.tostring(root, encoding="unicode")).split())


def assert_whole(html, essay):
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert not root.xpath("//a//a")
    assert {target[1:] for target in root.xpath("//a[contains(@class, 'passage')]/@href")} <= {*ids}
    assert not root.xpath("//script")
    assert without_notes(html) == without_notes(essay)


def test_notes_on_any_words_leave_the_essay_whole():
    essay, chance = render_post(BODY), random.Random(7)
    text = Essay(essay).text
    for _time in range(60):
        notes = []
        for key in range(1, chance.randint(2, 30)):
            start = chance.randrange(len(text) - 1)
            words = text[start : start + chance.randint(1, 60)].split("\n")[0] or text[start - 1]
            selector = Selector(words, text[max(0, start - 40) : start], "", start)
            notes.append(ReaderNote(key, selector, "<b>Lou", "<i>Words</i> & more.", "#c1"))
        assert_whole(annotate(essay, notes) or essay, essay)


def test_thousand_notes_on_one_letter_cost_what_ten_do(client, write):
    post = write(body=BODY)
    rows = []
    for number in range(1, 1001):
        note = Comment(pk=number, post=post, name=f"R{number}", body="e", status="approved")
        note.body_html, note.passage = "<p>e</p>", "e"
        rows.append(note)
    Comment.objects.bulk_create(rows)
    ThreadPage.objects.refresh(post)
    page = client.get(post.get_absolute_url()).text
    assert page.count('<div id="n') == 10
    assert "<b>1000 notes</b>" in page
    assert "All are among the comments" in page


@pytest.mark.parametrize(
    "exact",
    [
        "The author's own note.", "1", "The end of it all. The author", "<em>first</em>", ".*", "",
        "alert(&quot;listing&quot;)", "One item, with emphasis Another",
    ],
)  # fmt: skip
def test_what_no_part_says_is_no_choice(exact):
    found = Choices(render_post(BODY)).quoted(exact)
    assert found is None or found[0].words in plain_text(render_post(BODY))


def test_quotations_of_any_length_take_little_time():
    choices = Choices(render_post(BODY * 40))
    hostile = [
        "e" * 10**5,
        "(a+)+$" * 20_000,
        "\u202e" * 10**5,
        " \n" * 50_000,
        "the end\n" * 10**4,
    ]
    for exact in hostile:
        found = within(1, choices.quoted, exact, exact, exact)
        assert found is None or len(found[0].words) <= LONGEST


def test_direction_marks_do_not_reach_the_passage():
    choice, _is_cut = Choices(render_post(BODY)).quoted("The \u202eend\u2066 of it")
    assert choice.words == "The end of it"


@pytest.mark.django_db
def test_words_of_another_essay_are_refused(client, write, monkeypatch):
    post, other = write(body=BODY), write("Another", body="Nothing like it is said in this one.")
    value = Choices(other.body_html).all[0].value
    given = {
        "body": "Hm.",
        "name": "Lou",
        "beside": value,
        "token": made_ago(monkeypatch, post, 60),
    }
    response = client.post(f"{post.get_absolute_url()}notes/", given)
    assert (response.status_code, Comment.objects.count()) == (400, 0)
    assert "Choose them again" in response.text


@pytest.mark.django_db
def test_note_on_markup_shown_as_text_stays_text(client, write, say):
    post = write(body=BODY)
    say(post, "<script>x</script>", passage='<script>alert("listing")</script>', name="<script>")
    page = client.get(post.get_absolute_url()).text
    assert "&lt;script&gt;alert" in page
    assert not re.search(r"<script>(?!\W*function|//)[^<]*(?:alert|x)</script>", page)
