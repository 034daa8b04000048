"""A note's words taken into the Markdown of a draft: only these change, or nothing does."""

import pytest
from inputs import every
from quick import within

from blog.markup import preview_post
from comments.rendering.choices import Choices
from comments.rendering.places import Selector
from comments.rendering.taking import taken_in

BODY = """\
The *plan of* a page. See [the plan](/x/) here.[^1] It "slept" -- for a while...

- One item
- Two items

> Quoted words, here.

| a | b |
|-|-|
| cell one | two |

End plan. The end.

[^1]: Note.
"""


def taken(words, new, body=BODY, **how):
    return taken_in(body, "", Selector(words), new, **{"after": False} | how)


@every(
    "words, new, old, became",
    [
        ("plan of", "idea of", "*plan of*", "*idea of*"),
        ("plan of a page.", "idea.", "*plan of* a page.", "idea."),
        ("See the plan here.", "Look.", "See [the plan](/x/) here.", "Look."),
        ("It “slept” – for a while…", "It woke.", 'It "slept" -- for a while...', "It woke."),
        ("Two items", "Two *things*", "- Two items", "- Two *things*"),
        ("cell one", "cell 1", "| cell one |", "| cell 1 |"),
        ("Quoted words, here.", "Said.", "> Quoted words, here.", "> Said."),
        ("End plan. The end.", "One.\n\nTwo.", "End plan. The end.", "One.\n\nTwo."),
    ],
)
def test_words_take_the_place_of_others(words, new, old, became):
    assert taken(words, new) == BODY.replace(old, became)


def test_words_come_after_others():
    assert taken("Quoted words, here.", "Said.", after=True) == BODY.replace(
        "words, here.", "words, here. Said."
    )


@every(
    "words, new",
    [
        ("The plan", "A scheme"),  # half of what is emphasised
        ("cell one", "a | b"),  # would be two cells
        ("nothing of it", "x"),
        ("The end.", "<script>x</script>y"),
        ("The end.", "   "),
        ("The end.", "[^1]: more"),
        ("—", "x"),
    ],
)
def test_what_would_change_more_changes_nothing(words, new):
    assert taken(words, new) is None


def test_same_words_are_told_apart_by_those_around():
    choice, _is_cut = Choices(preview_post(BODY)).quoted("plan", "End ", ". The end.")
    assert taken_in(BODY, "", choice.selector, "idea", after=False) == BODY.replace(
        "End plan", "End idea"
    )


@every(
    "text",
    ["a " * 20_000, "](" * 20_000, "[^" * 20_000, "*_~`" * 10_000, "<a" * 20_000, "e" * 40_000],
)
def test_hostile_texts_take_bounded_time(text):
    within(3, taken, "e", "x", body=f"{text}\n\nThe end.")


@pytest.mark.parametrize("script", ["नमस्ते दुनिया।", "هذا نص قصير.", "这是一句话。", "ประโยคหนึ่ง"])
def test_words_of_every_script_are_taken(script):
    body = f"Before it. {script} After it."
    assert taken(script, "Said.", body=body) == "Before it. Said. After it."
