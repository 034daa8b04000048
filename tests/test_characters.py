"""Characters that are removed from all texts: control characters, overrides, piles of marks."""

import unicodedata

import pytest
from inputs import every
from lxml import etree

from blog.markup import one_line, plain_text, render_comment, render_post, storable
from blog.markup.characters import without_piles

RENDERERS = pytest.mark.parametrize("render", [render_post, render_comment])

# Words as they are written, with as many marks on a letter as the script has.
WRITTEN = {
    "Vietnamese": "Tiếng Việt, nghiễn ngẫm",
    "Yoruba": "Ẹ̀kọ́ Yorùbá ṣẹ̀ṣẹ̀",
    "Lithuanian": "vė̃jas, į̃ pirmą̃",
    "polytonic Greek": "ᾧ̈ τῷ Ἀχιλῆϊ",
    "IPA": "t͡ʃʰɪ̃̀ŋ ɔ̰̃́ d͡ʒ̊",
    "Hebrew with accents": "בְּרֵאשִׁ֖ית בָּרָ֣א שָּֽׁ֣ יְרוּשָׁלִַ֗ם",
    "Arabic with vowels": "ٱلرَّحْمَـٰنِ ٱلرَّحِيمِ ضَآلِّينَ",
    "Devanagari with accents": "अ॒ग्निमी॑ळे क़्‍ष",
    "Thai": "ที่นี่ กรุ๊ป ป็นน้ำ",
    "Lao": "ທີ່ນີ້",
    "Khmer": "ស្ត្រីខ្មែរ",
    "Burmese": "လျှို့ဝှက် ကြွှံ့း",
    "Tibetan": "བསྒྲུབས ཧྐྵྨླྺྱྃ \u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f83",
    "keycap": "1️⃣ #️⃣",
    "emoji": "👨‍👩‍👧‍👦 ❤️‍🔥 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽",
    "Cyrillic numbers": "а҃ в҈",
    "kana": "か\u3099き\u309a",
}

FORBIDDEN = [*map(chr, set(range(32)) - {9, 10, 13}), "\ufffe", "\uffff", "\ud800", "\udfff"]


def marks_on(text):
    """Return the length of the longest run of combining marks."""
    most = now = 0
    for char in unicodedata.normalize("NFD", text):
        category = unicodedata.category(char)
        if category in ("Mn", "Me"):
            now += 1
        elif category not in ("Mc", "Cf"):
            now = 0
        most = max(most, now)
    return most


@every("words", WRITTEN.values())
def test_real_writing_keeps_every_mark(words):
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, words)
        assert without_piles(text) == text
        assert one_line(text) == text
        assert plain_text(render_comment(text)) == text
        assert plain_text(render_post(text)) == text


@every(
    "pile",
    [
        "a" + "\u0301" * 31,
        "a" + "\u0301\u0316\u0334" * 200,
        "a" + "\u20dd\u20de\u20df\u20e0" * 16,
        "Я" + "\u0488" * 40,
        "ก" + "\u0e47" * 40,
        "a" + "\u0301\u200d" * 40,
        "a" + "\u0301\u034f" * 40,
        "a" + "\u0301\ufe0f" * 40,
        "\u0301" * 40,
        "a" + "".join(map(chr, range(0x300, 0x34F))),
        "a" + "\U0001d165\U0001d167" * 40,
        "𝒳" + "\U0001e8d0" * 40,
    ],
)
def test_few_marks_stay_on_a_letter(pile):
    for text in (without_piles(pile), one_line(pile), plain_text(render_comment(f"x {pile} y"))):
        assert 1 <= marks_on(text) <= 6
    assert marks_on(plain_text(render_post(f"# {pile}\n\n{pile}"))) <= 6


@RENDERERS
@every("between", ["&#769;", "*\u0301*", "**\u0301**", "`\u0301`"])
def test_marks_do_not_pile_up_through_markup(render, between):
    assert marks_on(plain_text(render("a" + between * 40))) <= 6


def test_letters_after_a_pile_keep_theirs():
    assert without_piles("a" + "\u0301" * 9 + "b\u0301\u0302") == (
        "a" + "\u0301" * 5 + "b\u0301\u0302"
    )


def test_cleaned_text_is_valid_in_xml():
    for char in FORBIDDEN:
        assert storable(f"a{char}b") == "ab"
    kept = storable("".join(map(chr, range(0x11000))) + "\U0010ffff")
    element = etree.Element("x")
    element.text = kept
    assert len(kept) == 0x11000 + 1 - len(FORBIDDEN) - 2046


@RENDERERS
@every("char", FORBIDDEN)
def test_forbidden_characters_cost_no_word_of_a_text(render, char):
    text = f"# He{char}ad\n\n[li{char}nk](https://a.example/{char}) ![pic{char}](/a.png) &#65534; x"
    words = plain_text(render(text))
    assert "Head" in words
    assert "link" in words
    assert char not in words
