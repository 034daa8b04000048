"""Comments of plain prose get the same HTML as the whole way through Markdown would give them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs import SIGNS

from blog.markup import COMMENT_RULES, _comment, _normal, _render, plain, render_comment

# What prose is made of, and what is close to it and means something to Markdown or HTML.
PROSE = "aAbz 01 9 .,;:!?'\"()%/=+–—’‘“”…--- \n\n\n.、。，！？；：「」،؟؛éßИ中\u3164ﬁ½²٣מ"
MARKS = "*_`[]<>&#\\~|@\t\u200b\u0301\u202e"


def whole_way(text):
    return _render(_normal(text), _comment, COMMENT_RULES)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=PROSE, min_size=1, max_size=24))
def test_prose_is_rendered_as_by_markdown(text):
    html = plain.render(_normal(text))
    assert html is None or html == whole_way(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=PROSE, max_size=12), st.sampled_from(MARKS), st.text(SIGNS, max_size=12))
def test_texts_with_marks_go_the_whole_way(before, mark, after):
    assert plain.render(f"{before}{mark}{after}") is None


@pytest.mark.parametrize(
    "text",
    [
        "Rain. “Why?” she asked... It’s 5 % of it -- or so (I think)!\nAnd more.\n\nThe end.",
        "Дождь на полях: кто писал?\n\n余白に書く。",
        "x = 1/2 + 1/3; see: page 4",
    ],
)
def test_ordinary_comments_are_plain_prose(text):
    assert plain.render(_normal(text)) == whole_way(text) == render_comment(text)


@pytest.mark.parametrize(
    "text",
    [
        "1. first",
        "- first",
        "> said",
        "    code",
        "a  \nb ",
        "see http://example.org",
        "a\n===",
        "",
    ],
)
def test_possible_markup_is_not_plain_prose(text):
    assert plain.render(text) is None
