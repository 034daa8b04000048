"""Before changes are published, the desk names the notes whose words they take."""

import pytest
from test_admin_posts import address
from test_desk_saving import autosave, form_of

pytestmark = pytest.mark.django_db
LONG = "It slept there for a long time, because nobody had come to wake it up."
BODY = f"The cat sat on the mat. {LONG}\n\nA second thing was said of it at length."


@pytest.fixture
def essay(write, say):
    post = write(body=BODY)
    say(post, passage="sat on the mat", name="Henrik Aas")
    say(post, passage="was said of it", name="Dilys <b>")
    post.refresh_from_db()
    return post


def bar_after(staff, post, body):
    given = form_of(staff, post) | {"title": post.title, "body": body}
    return autosave(staff, post, **given)[1]["bar"]


def test_author_sees_whose_words_will_go(staff, essay):
    bar = bar_after(staff, essay, BODY.replace("sat on the mat", "lay upon a rug"))
    assert "You changed the words Henrik Aas wrote beside: “sat on the mat”." in bar
    assert f"/comments/comment/{essay.comments.first().pk}/change/" in bar
    assert "Dilys" not in bar
    assert "Henrik Aas" in staff.get(address(essay)).text


def test_author_sees_which_paragraph_will_go(staff, essay):
    bar = bar_after(staff, essay, BODY.split("\n")[0])
    assert "You took out the words Dilys &lt;b&gt; wrote beside" in bar


def test_nothing_is_said_where_words_stay(staff, essay):
    assert "wrote beside" not in bar_after(staff, essay, f"Before.\n\n{BODY} After.")
    assert "wrote beside" not in staff.get(address(essay)).text


def test_only_some_are_named(staff, write, say):
    lines = [f"Sentence {number} of the essay." for number in range(12)]
    post = write(body="\n\n".join(lines))
    for line in lines:
        say(post, passage=line)
    bar = bar_after(staff, post, "All is new.")
    assert bar.count("You took out the words") == 10
    assert "2 more notes lose their words." in bar
