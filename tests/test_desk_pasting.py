"""Pasting becomes Markdown, a few typed words find an essay, and a picture becomes its line."""

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from inputs import every
from pictures import bomb
from test_images import media_root, picture  # noqa: F401 - a fixture

from blog.markup import plain_text, render_post
from blog.markup.from_html.pasted import MOST, TooMuch, pasted_markdown
from blog.posts.models import Image

POSTS = "/admin/posts/post/"
CLIPBOARDS = Path(__file__).parent / "support" / "clipboards"

pytestmark = pytest.mark.django_db

# What comes out of each clipboard.
WORD = """\
# Ruled before written

# Holes, then lines

Somebody took an awl and pricked through several sheets at once.[^1] Then a ruler.

> Unless a binder has trimmed them off.

* First
    * Inner
* Second

After.

1. One
2. Two

[^1]: Her note *still* stands there."""
GOOGLE = """\
# Holes, then lines

Somebody took an **awl here** and pricked *through* several [sheets](https://example.org/a_b).

## Lines

* First
    * Inner
* ***Second***

~~gone~~<sup>2</sup>"""
LIBRE = """\
# Holes

Somebody took an **awl** and a ruler.[^1]

1. One
2. Two

[^1]: A note."""
TABLE = "| Size | Width |\n| --- | --- |\n| A4 | 210 |"
WEB = """\
# A section

A page of *words* with [a link](https://example.org/x?a=1&b=2 "T"), `code_here` and\x20\x20
a break.

> Said.

```py
x = 1
y = 2
```

![A leaf](https://example.org/a.jpg)

* One **two**
* Three"""


@every(
    ("program", "markdown"),
    [
        ("word", WORD),
        ("gdocs", GOOGLE),
        ("libre", LIBRE),
        ("calc", f"{TABLE}\n| a\\|b |  |"),
        ("excel", TABLE),
        ("sheets", TABLE),
        ("cell", "Just **one**"),
        ("web", WEB),
        ("inline", r"just some words, 2 \* 3 \* 4"),
        ("webtable", "| Size | Width |\n| --- | --- |\n| A4 | [210](https://e.org/)<br>mm |"),
        ("vscode", "```\ndef f(a):\n    return a * 2\n```"),
    ],
)
def test_what_comes_out_of_each_program(program, markdown):
    assert pasted_markdown((CLIPBOARDS / f"{program}.html").read_text()) == markdown


@every(
    ("html", "shown"),
    [
        ("", ""),
        ("<p>&nbsp;</p>", ""),
        ("Words & more < fewer", "Words & more < fewer"),
        ("<b>a</b><b>b</b> c", "ab c"),
        ("<p>a <b> b </b> c</p>", "a b c"),
        ("<p hidden>x</p><p style='display: none'>y</p><p>z</p>", "z"),
        ("<script>alert(1)</script><style>p {}</style>z", "z"),
        ("<a name='x'>a</a> <a href='#x'>b</a> <a href='javascript:c()'>c</a>", "a b c"),
        ("<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td></tr></table>", "a b c"),
        ("<ul><ul><li>a</li></ul></ul>", "a"),
        ("<p>[^1] and # not a note</p>", "[^1] and # not a note"),
        ("<p># not a heading</p>", "# not a heading"),
    ],
)
def test_words_survive(html, shown):
    assert plain_text(render_post(pasted_markdown(html))) == shown


@pytest.mark.parametrize("html", ["x" * (MOST + 1), "<b>" * 10_001, "<div>" * 1000])
def test_too_much_is_refused(html):
    with pytest.raises(TooMuch):
        pasted_markdown(html)


def test_paste_answers_markdown(staff):
    answer = staff.post(f"{POSTS}paste/", {"html": "<p>Some <i>words</i></p>"})
    assert answer.json() == {"markdown": "Some *words*"}
    assert staff.post(f"{POSTS}paste/", {"html": "<b>" * 10_001}).status_code == 413


# --- Links --------------------------------------------------------------------------------------


def titles(staff, query):
    return [found["title"] for found in staff.get(f"{POSTS}links/", {"q": query}).json()]


def test_words_anywhere_in_a_title_find_essays(staff, write):
    write("Room in the margin")
    write("Ёлка на полях")
    write("A margin of drafts", published_at=None)
    assert titles(staff, "MARGIN room") == ["Room in the margin"]
    assert titles(staff, "ПОЛЯХ ёлка") == ["Ёлка на полях"]
    assert titles(staff, "") == titles(staff, "nowhere") == []


def test_at_most_eight_essays_are_offered(staff, write, django_assert_num_queries):
    for number in range(10):
        write(f"Margin {number}")
    with django_assert_num_queries(5):  # the session, the person, two of permissions, the titles
        assert titles(staff, "margin") == [f"Margin {number}" for number in range(9, 1, -1)]
    assert staff.get(f"{POSTS}links/", {"q": "9"}).json()[0]["path"].endswith("/margin-9/")


# --- Pictures -----------------------------------------------------------------------------------


def send(staff, content, name="leaf.png"):
    return staff.post(
        f"{POSTS}picture/", {"file": SimpleUploadedFile(name, content), "alt": "A leaf"}
    )


def test_picture_becomes_its_line_and_is_kept_once(staff):
    answer = send(staff, picture()).json()
    image = Image.objects.get()
    assert answer == {"markdown": image.markdown, "image": image.pk}
    assert answer["markdown"].startswith("![A leaf](/media/")
    assert send(staff, picture()).json() == answer
    assert Image.objects.count() == 1


@every(
    ("name", "content", "says"),
    [
        ("leaf.heic", b"x", "leaf.heic was not added: choose a JPEG, PNG, WebP or GIF."),
        ("../a.svg", b"<svg/>", "a.svg was not added: choose a JPEG, PNG, WebP or GIF."),
        ("big.png", bomb(20_000, 6000), "big.png was not added: This picture has 20000"),
    ],
)
def test_refusal_names_the_file(staff, name, content, says):
    answer = send(staff, content, name)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(says)
    assert not Image.objects.exists()


def test_nothing_sent_is_said(staff):
    assert staff.post(f"{POSTS}picture/").json()["error"] == "No picture arrived. Try again."


@pytest.mark.parametrize(
    ("method", "name"), [("post", "paste"), ("get", "links"), ("post", "picture")]
)
def test_only_writers_may_ask(client, method, name):
    assert getattr(client, method)(f"{POSTS}{name}/").status_code == 302
    client.force_login(get_user_model().objects.create_user("mo", is_staff=True))
    assert getattr(client, method)(f"{POSTS}{name}/").status_code == 403
