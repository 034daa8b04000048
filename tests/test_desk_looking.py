"""What an author may want to look at: found in the source, and said beside the text."""

import pytest
from conftest import on
from inputs import every
from lxml.html import fragment_fromstring
from quick import within
from test_desk_preview import found_in, shown

from blog.posts.desk.looking import counted, things_to_look_at
from blog.posts.desk.source import lines_of_blocks
from blog.posts.models import OldAddress

pytestmark = pytest.mark.django_db


def kinds(text):
    return [(thing.kind, thing.line, thing.words) for thing in things_to_look_at(text)]


@every(
    ("text", "found"),
    [
        ("A.[^a]\n\n[^a]:", [("note", 3, "[^a]:")]),
        ("A.[^a]\n\n[^a]: \n\nB.", [("note", 3, "[^a]:")]),
        ("A.[^a]\n[^a]:\n[^b]: Words.[^b]", [("note", 2, "[^a]:")]),
        ("A.[^a]\n\n[^a]:\n    Words.", []),
        ("A.[^a]\n\n[^a]:\n\n    Words.", []),
        ("A.[^a]", [("no-note", 1, "[^a]")]),
        (r"A.\[^a] `[^b]`", []),
        ("A\n\n![](/media/x.jpg)", [("picture", 3, "![](/media/x.jpg)")]),
        ('![ ](x.jpg "Caption")', [("picture", 1, '![ ](x.jpg "Caption")')]),
        ("![A leaf](x.jpg)", []),
        ('<img src="x.jpg">', [("picture", 1, '<img src="x.jpg">')]),
        ('<img src="x.jpg" alt="">', [("picture", 1, '<img src="x.jpg" alt="">')]),
        ('<img src="x.jpg" alt="A leaf">', []),
        ("```\n![](x.jpg)\n[^a]\n### b\n```", []),
        ("Words\n\n    ![](x.jpg)\n", []),
        ("# A\n\n## B\n\n### C\n\n# D", []),
        ("# A\n\n### B\n", [("heading", 3, "### B")]),
        ("## A\n\n### B", []),
        ("A\n===\n\n### B", [("heading", 4, "### B")]),
        ("#1 of three\n\n# A\n\n## B", []),
    ],
)
def test_what_is_found(text, found):
    assert kinds(text) == found


@every(
    ("link", "is_dead"),
    [
        ("[a](/2026/03/nowhere/)", True),
        ("[a](/2026/03/margins/)", False),
        ("[a](/2026/03/margins/#part)", False),
        ("[a](/2026/03/margins)", False),
        ("[a]: /2026/03/nowhere/", True),
        ('<a href="/2026/03/nowhere/">a</a>', True),
        ("[a](http://127.0.0.1:8000/nowhere/)", True),
        ("<http://127.0.0.1:8000/nowhere/>", True),
        ("[a](https://elsewhere.example/nowhere/)", False),
        ("[a](//elsewhere.example/nowhere/)", False),
        ("[a](/old/)", False),
        ("[a](/draft-of-mine/)", True),
        ("[a](/)", False),
        ("[a](/archive/)", False),
        ("[a](/about/)", False),
        ("[a](/feed.xml)", False),
        ("[a](/media/ledger.jpg)", True),
        ("[a](#part)", False),
        ("[![A leaf](/media/x.jpg)](/2026/03/nowhere/)", True),
        ("![A leaf](/media/x.jpg)", False),
        ("[a](/%E0%A4%A/)", True),
        ("`[a](/2026/03/nowhere/)`", False),
    ],
)
def test_links_to_this_site(link, is_dead, site):
    assert [thing.kind for thing in things_to_look_at(link)] == ["link"] * is_dead


@pytest.fixture
def site(write):
    post = write("Margins", published_at=on(2026, 3))
    write("Draft", kind="page", slug="draft-of-mine", published_at=None)
    OldAddress.objects.create(path="old", post=post)


def test_links_cost_one_query(site, django_assert_num_queries):
    text = "\n".join(f"[{n}](/2026/03/{n}/)" for n in range(300))
    with django_assert_num_queries(1):
        assert len(things_to_look_at(text)) == 50


def test_places_count_as_scripts_do():
    (thing,) = things_to_look_at("🪶 ![](x.jpg)")
    assert (thing.start, thing.end) == (3, 13)


def test_preview_says_them_beside_the_text(staff):
    page = shown(staff, body="A.[^a]\n\n![](/media/x.jpg)\n\nB.[^b]\n\n[^a]: Note.\n\n[^b]:")
    found = found_in(page)
    assert found["counted"] == "Two things to look at"
    names = [thing["name"] for thing in found["things"]]
    assert names == ["a picture without a description", "a note without words"]
    assert "This note has no words yet." in page.text
    assert "#fn-2{anchor-name:--note,--fn-2" in page.text


def test_nothing_is_said_of_a_text_without(staff):
    page = shown(staff, body="Words.")
    assert 'class="look"' not in page.text
    assert found_in(page)["counted"] == ""


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "One thing to look at"), (3, "Three things to look at"), (12, "12 things to look at")],
)
def test_they_are_counted_in_words(count, words):
    assert counted([None] * count) == words


@every("mark", ["![](", "![", "<img ", "[^a]:\n\n", "[a](/", "a\n\n", "`", "&#65;\n\n"])
def test_marks_that_never_end_take_little_time(mark):
    text = mark * (30_000 // len(mark))
    page = fragment_fromstring("<p>x</p>" * 1000, create_parent="div")
    within(2, lambda: (things_to_look_at(text), lines_of_blocks(text, page)))
