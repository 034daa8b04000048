"""From a paragraph of the page to its line at the desk, and back to the paragraph that changed."""

from urllib.parse import unquote

import pytest
from test_admin_posts import _payload, address
from test_desk_saving import form_of

from blog.posts.desk.place import way_back
from blog.posts.models import Revision, Text

pytestmark = pytest.mark.django_db

BODY = """\
One leaf-like page, and a note.[^n]

## Holes

Two, *then* lines.

> Three is quoted.

![A leaf](/media/00000000000000000000000000000000-900x300.png)

- Four, in a list
- and five

```
six = "code"
seven
```

Two, then another.

[^n]: The words
    of the note.
"""


@pytest.fixture
def post(write):
    return write(body=BODY, slug="on-margins")


def publish(client, author, post, accept="text/html", **changes):
    given = form_of(client, post) | {"act": "publish-changes", "back": post.get_absolute_url()}
    given = _payload(author, **given | {"body": BODY} | changes)
    return client.post(address(post), given, headers={"accept": accept})


def fragment(answer):
    return unquote(answer.headers["Location"].partition("#")[2])


def test_desk_begins_at_the_paragraph_on_screen(staff, post):
    asked = {"": "", "0": "", "1": "1", "2": "3", "5": "9", "99": "19", "x": "", "-1": ""}
    for at, line in asked.items():
        page = staff.get(address(post), {"back": post.get_absolute_url(), "at": at}).text
        assert (f'data-line="{line}"' in page) == bool(line), at
    text = Text.cleaned("On margins", body=f"Newer.\n\n{BODY}", slug="on-margins")
    Revision.objects.keep(post, text, by=None, kind="saved")
    page = staff.get(address(post), {"back": post.get_absolute_url(), "at": "2"}).text
    assert 'data-line="5"' in page


# The line of the cursor, and where it leads to.
LINES = {
    1: "",
    3: "holes:~:text=Holes",
    4: "holes:~:text=Holes",
    5: "holes:~:text=Two, then lines.",
    7: "holes:~:text=Three is quoted.",
    9: "holes:~:text=Three is quoted.",  # a picture has no words
    12: "holes:~:text=Four, in a list",
    15: 'holes:~:text=six = "code"',
    20: "holes:~:text=Two, then another.",
    21: "",  # the note of the first paragraph
    22: "",
    999: "",
}


def test_cursor_leads_to_its_paragraph(post):
    found = {line: way_back(post, {"line": str(line)}, "") for line in LINES}
    assert {line: unquote(fragment)[1:] for line, fragment in found.items()} == LINES


def test_without_scripts_it_leads_to_what_was_changed(staff, author, post):
    answer = publish(staff, author, post, body=BODY.replace("another", "one more"), at=2)
    assert fragment(answer) == "holes:~:text=Two, then one more."
    answer = publish(staff, author, post, body=BODY.replace("another", "one more"), at=4)
    assert fragment(answer) == "holes:~:text=Three is quoted."
    shorter = BODY.replace("Two, then another.", "")
    assert fragment(publish(staff, author, post, body=shorter)) == 'holes:~:text=six = "code"'
    assert fragment(publish(staff, author, post, body="")) == ""


def test_hyphens_and_repeated_words_are_told_apart(staff, author, post):
    again = "a b c d e f g h "
    body = f"Start.\n\n{again}one-two\n\n{again}three, four"
    answer = publish(staff, author, post, body=body, line=5)
    assert answer.headers["Location"].endswith(":~:text=a%20b%20c%20d%20e%20f%20g%20h%20three%2C")
    answer = publish(staff, author, post, body="Start.\n\nleaf-like", line=3)
    assert answer.headers["Location"].endswith("#:~:text=leaf%2Dlike")


def test_script_learns_where_the_answer_leads(staff, author, post):
    answer = publish(staff, author, post, "text/html, application/json", line=5)
    post.refresh_from_db()
    leads_to = f"{post.get_absolute_url()}#holes:~:text=Two%2C%20then%20lines."
    assert answer.json() == {"leads_to": leads_to}


def test_saving_keeps_the_way_back(staff, author, post):
    answer = publish(staff, author, post, act="save", at="2")
    page = staff.get(answer.headers["Location"]).text
    assert f'name="back" value="{post.get_absolute_url()}"' in page
    assert 'name="at" value="2"' in page


def test_renamed_essay_is_gone_back_to(staff, author, post):
    answer = publish(staff, author, post, slug="wide-margins", line=5)
    post.refresh_from_db()
    assert post.slug == "wide-margins"
    assert answer.headers["Location"].startswith(f"{post.get_absolute_url()}#holes")
