"""Two texts written from the same one are put together by paragraphs, and nothing is dropped."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quick import within

from blog.lib.differences import Budget
from blog.posts.desk.blocks import align, blocks
from blog.posts.desk.differences import only_changed, paragraphs, words_changed
from blog.posts.desk.merging import BOTH, MINE, THEIRS, Kind, Merge, rows, tags, together
from blog.posts.models import Text

BASE = "One goes first.\n\nTwo comes after it.\n\nThree is the last."


def merged(base, mine, theirs, **choices):
    chosen = {int(name[1:]): choice for name, choice in choices.items()}
    return together(base, mine, theirs, rows(base, mine, theirs), chosen)


def kinds(base, mine, theirs):
    return [row.kind for row in rows(base, mine, theirs)]


# --- Blocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a\nb\n\n\nc\n", ["a\nb", "c"]),
        ("a\n \t\nb", ["a", "b"]),
        ("```\na\n\nb\n```\n\nc", ["```\na\n\nb\n```", "c"]),
        ("~~~~\n~~~\n\na\n~~~~~\nb", ["~~~~\n~~~\n\na\n~~~~~\nb"]),
        ("```\nnever closed\n\nb", ["```\nnever closed", "b"]),
        ("\n\na", ["a"]),
        ("", []),
    ],
)
def test_blocks_are_what_blank_lines_separate(text, parts):
    assert [block.text for block in blocks(text)[1]] == parts


@given(st.text(alphabet="ab`~ \n", max_size=80))
def test_blocks_are_the_whole_text(text):
    lead, found = blocks(text)
    assert lead + "".join(text + gap for text, gap in found) == text


def test_many_open_fences_take_little():
    fences = "".join(f"{'`' * (n % 5 + 3)}x\n\n" for n in range(60_000))
    within(1, blocks, f"```\na\n\n~~~~\nb\n{fences}")


def test_changed_paragraph_is_found_among_others():
    old = ["One goes first.", "Two comes after it.", "Three is the last."]
    new = ["Quite another, and new.", "One goes first.", "Two came after it.", "Three is the last."]
    assert align(old, new) == [(None, 0), (0, 1), (1, 2), (2, 3)]


# --- By example -------------------------------------------------------------------------------


def test_changes_of_different_paragraphs_are_both_taken():
    mine = BASE.replace("first", "before")
    theirs = BASE.replace("the last", "the third")
    assert merged(BASE, mine, theirs) == BASE.replace("first", "before").replace(
        "the last", "the third"
    )
    assert kinds(BASE, mine, theirs) == [Kind.MINE, Kind.SAME, Kind.THEIRS]


def test_paragraph_both_changed_stays_twice_mine_first():
    mine, theirs = BASE.replace("after", "behind"), BASE.replace("after", "below")
    assert merged(BASE, mine, theirs).split("\n\n")[1:3] == [
        "Two comes behind it.", "Two comes below it.",
    ]  # fmt: skip
    assert merged(BASE, mine, theirs, n1=MINE) == mine
    assert merged(BASE, mine, theirs, n1=THEIRS) == theirs


def test_same_change_of_both_is_taken_once():
    changed = BASE.replace("after", "behind")
    assert merged(BASE, changed, changed) == changed
    assert kinds(BASE, changed, changed)[1] == Kind.AGREED


def test_paragraph_one_removed_and_other_changed_stays():
    removed = "One goes first.\n\nThree is the last."
    changed = BASE.replace("after", "behind")
    assert merged(BASE, removed, changed) == changed
    assert merged(BASE, changed, removed) == changed
    assert merged(BASE, removed, changed, n1=MINE) == removed


def test_removed_paragraph_goes():
    removed = "One goes first.\n\nThree is the last."
    assert merged(BASE, removed, BASE) == removed
    assert merged(BASE, BASE, removed, n1=MINE) == BASE


def test_both_may_go_on_writing_at_the_end():
    mine, theirs = BASE + "\n\nFour is mine.", BASE + "\n\nA very long fifth one from afar."
    assert merged(BASE, mine, theirs) == mine + "\n\nA very long fifth one from afar."


def test_without_what_both_came_from_nothing_is_dropped():
    found = merged(None, "Same.\n\nMine alone here.", "Same.\n\nQuite other words.")
    assert found == "Same.\n\nMine alone here.\n\nQuite other words."


def test_code_is_put_together_as_a_whole():
    code = "```\na = 1\n\nb = 2\n```"
    mine, theirs = code.replace("1", "3"), code.replace("2", "4")
    assert merged(code, mine, theirs) == f"{mine}\n\n{theirs}"


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "found"),
    [
        (["a", "b"], ["a", "b", "c"], ["b", "d"], ("b", "c", "d")),
        (["a"], ["A", "b"], ["a", "B"], ("A", "b")),
        (None, ["a"], ["b"], ("a", "b")),
        (["a"], [], ["a"], ()),
    ],
)
def test_tags_are_united(base, mine, theirs, found):
    assert tags(base, mine, theirs) == found


@pytest.mark.parametrize(
    ("mine", "theirs", "kind", "title"),
    [
        ("Old", "New", Kind.THEIRS, "New"),
        ("New", "Old", Kind.MINE, "New"),
        ("Mine", "Other", Kind.BOTH, "Mine"),
        ("New", "New", Kind.AGREED, "New"),
        ("Old", "Old", Kind.SAME, "Old"),
    ],
)
def test_title_is_the_changed_one_or_mine(mine, theirs, kind, title):
    merge = Merge(Text("Old"), Text(mine), Text(theirs))
    assert (merge.lines["title"], merge.text().title) == (kind, title)


def test_title_goes_by_choice():
    merge = Merge(Text("Old"), Text("Mine"), Text("Other"))
    assert merge.text({"title": THEIRS}).title == "Other"
    assert merge.text({"title": BOTH}).title == "Mine"


# --- By trial ---------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from("alpha beta gamma delta kappa".split()), min_size=1, max_size=5)
PARAGRAPH = WORDS.map(" ".join) | st.sampled_from(["```\na\n\nb\n```", "- x\n- y", "# H"])
GAP = st.sampled_from(["\n\n", "\n\n\n", "\n \n"])
TEXT = st.builds(
    lambda lead, parts, end: lead + "".join(a + b for a, b in parts) + end,
    st.sampled_from(["", "\n"]),
    st.lists(st.tuples(PARAGRAPH, GAP), max_size=6),
    st.sampled_from(["", "alpha", "beta\n"]),
)


def words(text):
    return {*re.findall(r"\w+", text)}


@given(TEXT, TEXT)
def test_text_without_changes_takes_the_others(base, theirs):
    assert merged(base, base, theirs) == theirs
    assert merged(base, theirs, base) == theirs


@given(TEXT, TEXT, TEXT)
def test_every_word_of_one_text_alone_survives(base, mine, theirs):
    found = words(merged(base, mine, theirs))
    assert words(mine) - words(base) <= found
    assert words(theirs) - words(base) <= found
    assert words(merged(None, mine, theirs)) == words(mine) | words(theirs)


@given(TEXT, TEXT, TEXT)
def test_choice_of_one_side_everywhere_is_that_text(base, mine, theirs):
    found = rows(base, mine, theirs)
    for side, text in ((MINE, mine), (THEIRS, theirs)):
        chosen = dict.fromkeys(range(len(found)), side)
        assert together(base, mine, theirs, found, chosen).split() == text.split()


@given(st.lists(WORDS, min_size=2, max_size=8), st.data())
def test_edits_of_different_paragraphs_both_survive(parts, data):
    parts = [[f"p{at}", *part] for at, part in enumerate(parts)]
    one, other = data.draw(
        st.lists(st.sampled_from(range(len(parts))), min_size=2, max_size=2, unique=True)
    )

    def with_word(*changes):
        changed = [[*part] for part in parts]
        for at, word in changes:
            changed[at].insert(1, word)
        return "\n\n".join(map(" ".join, changed))

    mine, theirs = with_word((one, "mine")), with_word((other, "theirs"))
    assert merged(with_word(), mine, theirs) == with_word((one, "mine"), (other, "theirs"))


# --- Differences ------------------------------------------------------------------------------


def test_differences_are_marked_by_paragraph():
    found = paragraphs(BASE, BASE.replace("after", "behind") + "\n\nFour.", Budget())
    assert [each.html for each in found] == [
        "One goes first.",
        "Two comes <del>after</del> <ins>behind</ins> it.",
        "Three is the last.",
        "<ins>Four.</ins>",
    ]
    assert [type(each).__name__ for each in only_changed(found)] == [
        "Fold", "Paragraph", "Fold", "Paragraph",
    ]  # fmt: skip


def test_words_are_counted_in_title_and_text():
    earlier, later = Text("Holes", "", "One two."), Text("New holes", "", "One, two. Three.\n\nA.")
    assert words_changed(earlier, later, Budget()) == (4, 1)


def test_longest_texts_are_compared_in_bounded_time():
    text = "\n\n".join(f"{at} {'word and other words go on ' * 12}" for at in range(1_600))
    many, few = Budget(), Budget()
    within(1, paragraphs, text, text.replace("other", "another"), many)
    within(1, paragraphs, text, text.replace("1500 word", "1500 sword"), few)
    assert (many.exact, few.exact) == (False, True)
    within(2, rows, text, text.replace("other", "another"), text.replace("word", "ward"))
