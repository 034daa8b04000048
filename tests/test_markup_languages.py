"""Straight signs of an essay become those of its language, in each that the site speaks."""

import pytest

from blog.markup import render_post

TYPED = "She said \"the 'sea' is\" -- so..."
ENGLISH = "She said “the ‘sea’ is” – so…"
NO_BREAK = "&nbsp;"


@pytest.mark.parametrize(
    ("language", "set_"),
    [
        ("ar", ENGLISH),
        ("de", "She said „the ‚sea‘ is“ – so…"),
        ("es", "She said «the “sea” is» – so…"),
        ("fr", f"She said «{NO_BREAK}the “sea” is{NO_BREAK}» – so…"),
        ("he", "She said ”the ’sea’ is” – so…"),
        ("it", "She said «the “sea” is» – so…"),
        ("ja", "She said \"the 'sea' is\" – so…"),
        ("nl", ENGLISH),
        ("pl", "She said „the «sea» is” – so…"),
        ("pt-BR", ENGLISH),
        ("tr", ENGLISH),
        ("uk", "She said «the „sea“ is» – so…"),
        ("zh-Hans", "She said \"the 'sea' is\" – so…"),
    ],
)
def test_quotes_and_dashes_are_those_of_the_language(language, set_):
    assert set_ in render_post(TYPED, language)
