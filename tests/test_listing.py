"""Lists, quotation marks and labels as each language writes them."""

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import override

from blog.lib.listing import and_more, clauses, labelled, listed, quoted, sentences


def test_a_list_has_commas_and_its_rest_a_number():
    assert listed(["a", 2, "c"]) == "a, 2, c"
    assert clauses(["a, b", "c"]) == "a, b; c"
    assert sentences(["One.", "Two."]) == "One. Two."
    assert and_more(["a", "b"], 3) == "a, b and 3 more"
    assert and_more(["a", "b"], 0) == "a, b"


def test_words_with_placeholders_are_left_as_they_are():
    assert quoted("100%(x)s") == "“100%(x)s”"
    assert labelled("100%", "%s") == "100%: %s"


@pytest.mark.parametrize("put", [quoted, lambda value: labelled(value, mark_safe("<b>&</b>"))])
def test_words_beside_markup_are_escaped_once(put):
    assert "<i>" in put(mark_safe("<i>a</i>"))
    assert "&lt;i&gt;" in labelled("<i>", mark_safe("<b>&</b>"))
    assert listed(["<i>", mark_safe("<b>b</b>")]) == "&lt;i&gt;, <b>b</b>"


@override("de")
def test_a_list_is_a_plain_text_without_markup():
    assert not hasattr(listed(["a", "b"]), "__html__")
    assert not hasattr(quoted("<a>"), "__html__")
