"""Differences between texts are marked word by word, within a budget for each page."""

import re
from random import Random
from types import SimpleNamespace

import pytest
from quick import within

from blog.lib.differences import Budget, compared, counted, html_of, marked
from comments.admin.rows import Row, _fold


def letters(count, turn=1):
    """Return a text of `count` one-letter words; each turn gives another text."""
    return " ".join(Random(turn).choices("abcdefgh", k=count))


def parts(html):
    return re.findall(r"<(ins|del)>(.*?)</", html)


def test_words_are_marked_one_by_one():
    html = marked("the old <b> dog sat here", "the new <b> dog lay here now")
    assert html == (
        "the <del>old</del> <ins>new</ins> &lt;b&gt; dog <del>sat</del> <ins>lay</ins> "
        "here <ins>now</ins>"
    )


@pytest.mark.parametrize(
    ("earlier", "later", "html", "counts"),
    [
        ("She went at once.", "She went together.", "She went <del>at once</del> "
         "<ins>together</ins>.", (1, 2)),
        ("the other.", "the other.[^point]", "the other.<ins>[^point]</ins>", (1, 0)),
        ("東京へ行く。", "京都へ行く。", "<del>東京</del> <ins>京都</ins>へ行く。", (2, 2)),
        ("ไปตลาด", "ไปวัด", "ไป<del>ตลา</del><ins>วั</ins>ด", (1, 3)),
        ("हिन्दी भाषा है", "हिन्दी लिपि है", "हिन्दी <del>भाषा</del> <ins>लिपि</ins> है", (1, 1)),
        ("  kept\n    as it is", "  kept\n    as it was", "  kept\n    as it <del>is</del> "
         "<ins>was</ins>", (1, 1)),
        ("", "It’s re-read.", "<ins>It’s re-read.</ins>", (2, 0)),
    ],
)  # fmt: skip
def test_signs_and_unspaced_scripts_are_compared_apart(earlier, later, html, counts):
    parts = compared(earlier, later, Budget())
    assert (html_of(parts), counted(parts)) == (html, counts)


def test_what_was_too_much_is_counted_and_said():
    work = Budget(10)
    assert counted(compared("a b c. " * 9, "d e f g", work)) == (4, 27)
    assert not work.exact


@pytest.mark.parametrize(
    ("earlier", "later", "html"),
    [
        ("a b c d e", "a x c y e", "a <del>b c d</del> <ins>x c y</ins> e"),
        ("a b", "a b c", "a b <ins>c</ins>"),
        ("b c", "a b c", "<ins>a</ins> b c"),
        ("a a a", "a a", "a a <del>a</del>"),
        ("a", "b", "<del>a</del> <ins>b</ins>"),
        ("", "b", "<ins>b</ins>"),
    ],
)
def test_without_work_left_the_ends_are_compared(earlier, later, html):
    assert marked(earlier, later, Budget(0)) == html


def test_equal_texts_need_no_work():
    assert marked("a b c", "a b c", Budget(0)) == "a b c"
    assert marked("", "", Budget(0)) == ""


def test_long_texts_that_differ_little_are_marked_exactly():
    text = letters(28_000).split()
    changed = [*text]
    changed[9_000], changed[9_003] = "x", "y"
    assert [tag for tag, _words in parts(marked(" ".join(text), " ".join(changed)))] == [
        "del", "ins", "del", "ins",
    ]  # fmt: skip


def test_longest_comments_take_little():
    # 0.24 s if each word is looked for
    html = within(0.06, marked, letters(28_800), letters(28_800, 3))
    assert len(parts(html)) == 2


def test_comments_of_the_usual_length_are_marked_exactly():
    assert len(parts(marked(letters(2_500), letters(2_500, 3)))) > 100


def test_work_of_a_page_is_bounded():
    work = Budget()
    texts = letters(2_000), letters(2_000, 3)
    exact = sum(len(parts(marked(*texts, work))) > 2 for _turn in range(90))
    assert (50 < exact < 80, work.left) == (True, 0)


def row_with(bodies, work):
    group = [SimpleNamespace(pk=pk, body=body) for pk, body in enumerate(bodies)]
    row = Row(comment=group[0], records=[], work=work)
    _fold(row, group)
    return row


def test_differences_past_the_budget_wait_for_the_next_page():
    head = letters(2_400)
    bodies = [head, *(letters(2_400, turn) for turn in range(2, 42)), head]
    row = row_with(bodies, Budget(30_000))
    assert 2 < len(row.alike) < 20
    assert (row.same, row.more) == (2, True)  # equal ones take nothing
    # The button decides about those that are shown, and no others.
    assert row.together == 2 + len(row.alike)
    few = row_with(bodies[:5], Budget())
    assert (len(few.alike), few.more) == (4, False)


def test_folding_long_texts_takes_little():
    bodies = [letters(20_000, turn) for turn in range(100)]

    def fold():
        work = Budget()
        for _row in range(10):
            row_with(bodies, work)

    within(2, fold)
