"""Notes are set again whenever the essay beside which they stand changes."""

import json
import random
import time
from collections import Counter

import pytest
from edits import Edited, Kept
from inputs import every
from quick import within
from trials import in_full

from comments.models import Comment, ThreadPage
from comments.rendering.places import LONGEST, Finder, Selector

BODY = "The cat sat on the mat, and slept.\n\nA dog came in. It barked at the cat, and left again."


@pytest.mark.long
def test_edits_leave_no_note_at_other_words(shared):
    """Prints how many of the notes stand rightly, beside their paragraph, or in the thread."""
    given = json.loads((shared / "data/essays/bacon-essays.json").read_text())
    essays = [[" ".join(text.split()) for text in each["paragraphs"]] for each in given]
    chance = random.Random(20)
    said = [[each.strip() + "." for each in parts[0].split(". ")[2:5]] for parts in essays]
    stood, survived, longest = Counter(), Counter(), 0.0
    for number, paragraphs in enumerate(essays[: in_full(59, 4)]):
        others = [each for n in range(20) if n != number for each in said[n]]
        edited = Edited([*filter(None, paragraphs)], chance, others)
        finder = Finder(edited.html)
        notes = [Kept(edited, finder) for _ in range(20)]
        for _ in range(9):
            edited.edit()
            begun = time.perf_counter()
            finder = Finder(edited.html)
            for note in notes:
                finder.find(note.selector)
            longest = max(longest, time.perf_counter() - begun)
            for note in notes:
                survives, how = note.judge(edited, finder)
                stood[how] += 1
                survived[how] += survives is not None
                if how == "wrong":
                    print(note.selector, finder.find(note.selector), edited.html)
                note.keep(edited, finder)
    kept = survived["right"] / survived.total()
    print(dict(stood), f"words that survive: {kept:.1%} in place; longest {longest * 1000:.0f} ms")
    assert stood["wrong"] == 0
    assert kept >= 0.95


@pytest.fixture
def noted(write, say):
    """Return an essay's body changed, and how the note on its words then stands."""
    post = write(body=BODY)
    note = say(post, "So they do.", passage="barked at the cat")

    def noted(body):
        post.body = body
        post.save()
        note.refresh_from_db()
        return note.passage_state

    noted.post = post
    return noted


def test_note_stays_at_its_words_when_they_move(noted, client):
    assert noted("First.\n\n" + "\n\n".join(reversed(BODY.split("\n\n")))) == "words"
    assert ">barked at the cat</a>" in client.get(noted.post.get_absolute_url()).text


def test_note_follows_a_corrected_typo(noted, client):
    assert noted(BODY.replace("barked at the cat", "barked at that cat")) == "words"
    assert ">barked at that cat</a>" in client.get(noted.post.get_absolute_url()).text


def test_note_stays_beside_a_paragraph_whose_words_changed(noted, client):
    assert noted(BODY.replace("It barked at the cat, and", "It")) == "changed"
    page = client.get(noted.post.get_absolute_url()).text
    assert "since changed:" in page
    assert 'class="note reader' in page
    assert 'class="passage' not in page


def test_note_whose_paragraph_is_gone_is_in_the_thread(noted, client):
    assert noted(BODY.partition("\n\n")[0]) == "gone"
    page = client.get(noted.post.get_absolute_url()).text
    assert "on a paragraph that is gone: “barked at the cat”" in page
    assert 'class="note reader' not in page
    assert noted(BODY) == "words"


def test_note_that_waits_is_set_again_too(write, say):
    post = write(body=BODY)
    note = say(post, passage="barked at the cat", status="pending")
    post.body = BODY.replace("It barked at the cat, and", "It")
    post.save()
    note.refresh_from_db()
    note.approve()
    assert Comment.objects.get().passage_state == "changed"


def test_other_words_are_looked_for_again_once_chosen(write, say, admin_user):
    note = say(write(body=BODY), passage="barked at the cat")
    note.edit(by=admin_user, passage="on the mat")
    assert (note.passage_state, note.passage_start) == ("words", 12)
    note.edit(by=admin_user, passage="")
    assert (note.passage_state, note.passage_start) == ("", None)


def test_a_thousand_notes_on_one_letter_are_found_once(write, say, django_assert_max_num_queries):
    post = write(body=BODY)
    note = say(post, passage="a")
    Comment.objects.bulk_create(
        Comment(post=post, body=f"{n}", name="B", status="approved", passage="a",
                passage_before=note.passage_before, passage_after=note.passage_after,
                passage_start=note.passage_start, passage_state="words")
        for n in range(300)
    )  # fmt: skip
    post.body = "New.\n\n" + BODY
    with django_assert_max_num_queries(60):
        post.save()
    ThreadPage.objects.refresh_margin(post)
    assert post.annotated_html.count('<div id="n') == 10
    assert "301 notes" in post.annotated_html


@every(
    "words",
    ["", " ", "(", ".*", "(a+)+$" * 1000, "a" * 100_000, "\\", "valuę", "<b>cat</b>", "cat sat\0on",
     "mat\n\nA dog"],
)  # fmt: skip
def test_words_that_no_part_has_are_found_nowhere(words):
    finder = Finder("<p>The cat sat on the mat</p><p>A dog</p>")
    assert within(1, finder.find, Selector(words, "x" * 150, "y" * 150, 3)) is None


@every("words", ["cat\u202e sat", "c\u00adat sat", " cat   sat\n", "cat\u200b sat"])
def test_invisible_characters_make_no_other_words(words):
    place = Finder("<p>The cat sat on the mat</p>").find(Selector(words))
    assert (place.start, place.end) == (4, 11)


def test_longest_words_fit_the_database(write, say):
    words = ("word " * 600).strip()
    note = say(write(body=words), passage=words[:LONGEST])
    note.full_clean()
    assert note.passage_state == "words"
