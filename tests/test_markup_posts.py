"""What an author's Markdown becomes."""

import json

import pytest
from django.utils import translation
from inputs import every
from markup_parts import anchor, flat, our_address

from blog.markup import MarkupError, absolute_links, plain_text, render_post

__all__ = ["our_address"]  # fixtures


def test_a_paragraph_is_a_paragraph():
    assert render_post("Words with *stress* and **weight**.") == (
        "<p>Words with <em>stress</em> and <strong>weight</strong>.</p>"
    )


def test_nothing_stays_nothing():
    assert render_post("") == ""


def test_the_result_is_marked_safe_for_templates():
    assert hasattr(render_post("x"), "__html__")


# Typography


@every(
    ("typed", "set_"),
    [
        ('"Yes," she said.', "“Yes,” she said."),
        ("It's the dog's.", "It’s the dog’s."),
        ("'Single' quotes", "‘Single’ quotes"),
        ('"\'Twas so," he said', "“’Twas so,” he said"),
        ("\"He said 'no'\"", "“He said ‘no’”"),
        ("the '90s", "the ’90s"),
        ("rock 'n' roll", "rock ’n’ roll"),
        ('("so")', "(“so”)"),
        ('(*"so"*)', "(“so”)"),
        ("one -- two --- three", "one – two — three"),
        ('"Wait--"', "“Wait–”"),
        ("and so on...", "and so on…"),
        ("a row ---- of them", "a row ---- of them"),
        ("a git --force push", "a git --force push"),
        ("5'10\" tall", "5’10” tall"),
    ],
)
def test_straight_signs_become_typographic_ones(typed, set_):
    assert plain_text(render_post(typed)) == set_


def test_smart_quotes_work_across_tags():
    assert render_post('"*Of Truth*"') == "<p>“<em>Of Truth</em>”</p>"
    assert render_post('<b>"Bold"</b> he said') == "<p><b>“Bold”</b> he said</p>"


def test_an_escaped_quote_stays_straight():
    assert render_post(r"6\" long") == '<p>6" long</p>'


def test_code_keeps_its_straight_quotes():
    assert render_post("`it's`") == "<p><code>it's</code></p>"


# Headings


def test_first_heading_level_is_h2():
    assert render_post("# One") == f'<h2 id="one">One{anchor("one")}</h2>'


def test_essay_starting_at_two_hashes_starts_at_h2():
    html = render_post("## One\n\n### Two\n\n## Three")
    assert [part[:2] for part in html.split("<h")[1:]] == ["2 ", "3 ", "2 "]


def test_no_heading_level_is_left_out():
    html = render_post("# One\n\n#### Two\n\n##### Three\n\n# Four")
    assert [part[:1] for part in html.split("<h")[1:]] == ["2", "3", "4", "2"]


def test_headings_end_at_h6_and_three_levels_have_anchors():
    html = render_post("\n\n".join("#" * level + " Deep" for level in range(1, 7)))
    assert [part[:1] for part in html.split("<h")[1:]] == ["2", "3", "4", "5", "6", "6"]
    assert html.count('class="anchor"') == 3


def test_equal_headings_get_different_ids():
    html = render_post("# Notes\n\n# Notes\n\n# Notes")
    assert [part.split('"')[0] for part in html.split(' id="')[1:]] == [
        "notes",
        "notes-2",
        "notes-3",
    ]


def test_letters_of_any_script_make_an_id():
    assert ' id="über-die-wahrheit"' in render_post("# Über die Wahrheit")
    assert ' id="правда"' in render_post("# Правда")


def test_a_heading_of_signs_still_has_an_id():
    assert ' id="section"' in render_post("# ???")


@every(
    "name",
    ["content", "comments", "mentions", "c12", "fn-1", "fnref-1", "form", "errors", "id_name"],
)
def test_ids_of_the_page_itself_are_never_taken(name):
    assert f' id="section-{name.lower()}"' in render_post(f"# {name}")
    assert f'id="{name}"' not in render_post(f'<p id="{name}">x</p>')


def test_no_heading_takes_an_authors_own_id():
    html = render_post('<p id="truth">x</p>\n\n# Truth')
    assert '<p id="truth">' in html
    assert '<h2 id="truth-2">' in html


def test_a_second_equal_id_goes():
    html = render_post('<p id="a">x</p>\n\n<p id="a">y</p>')
    assert html.count('id="a"') == 1


def test_hash_without_a_space_is_not_a_heading():
    assert render_post("#1 on the list") == "<p>#1 on the list</p>"


def test_marks_that_close_a_heading_are_left_out():
    assert plain_text(render_post("# C# and F# ##")) == "C# and F#"


def test_the_same_text_is_rendered_the_same_each_time():
    text = "x[^1]\n\n[^1]: Note"
    assert render_post(text) == render_post(text)


def test_labels_are_translated():
    with translation.override("de"):
        assert 'aria-label="' in render_post("# x")


# Figures and images


def test_image_alone_is_a_figure_with_caption():
    assert render_post('![A tree](/media/tree.jpg "The old oak")') == (
        '<figure><img alt="A tree" src="/media/tree.jpg" decoding="async">'
        "<figcaption>The old oak</figcaption></figure>"
    )


def test_a_figure_without_a_title_has_no_caption():
    assert "figcaption" not in render_post("![A tree](/media/tree.jpg)")


def test_a_linked_image_alone_is_a_figure():
    html = render_post('[![A tree](/small.jpg "Oak")](/large.jpg)')
    assert html.startswith('<figure><a href="/large.jpg"><img alt="A tree"')
    assert "<figcaption>Oak</figcaption>" in html


def test_an_image_among_words_stays_among_them():
    assert render_post("See ![A tree](/tree.jpg) there.") == (
        '<p>See <img alt="A tree" src="/tree.jpg" decoding="async"> there.</p>'
    )


def test_width_and_height_of_raw_html_are_kept():
    html = render_post('<img src="/a.png" alt="A" width="300" height="200" onload="x()">')
    assert 'width="300"' in html
    assert 'height="200"' in html
    assert "onload" not in html


def test_an_image_under_our_own_address_is_shown():
    assert "<img" in render_post("![A](https://blog.example/media/a.png)")


@every(
    "address",
    [
        "https://other.example/b/tree.jpg",
        "//other.example/b/tree.jpg",
        "https://blog.example.evil.example/b/tree.jpg",
        "https://blog.example@evil.example/b/tree.jpg",
    ],
)
def test_an_image_of_another_host_becomes_a_link(address):
    assert render_post(f"![A tree]({address})") == f'<p><a href="{address}">A tree</a></p>'
    assert render_post(f"![]({address})") == f'<p><a href="{address}">tree.jpg</a></p>'


def test_backslash_smuggles_in_no_foreign_image():
    assert "<img" not in render_post('<img src="/\\other.example/x.png" alt="x">')
    assert "<img" not in render_post('<img src="\\\\other.example/x.png" alt="x">')
    assert "<img" not in render_post('<img src="/\t/other.example/x.png" alt="x">')


def test_foreign_image_in_a_link_leaves_its_text():
    html = render_post("[![A tree](https://other.example/t.jpg)](/large)")
    assert html == '<p><a href="/large">A tree</a></p>'


def test_a_data_image_leaves_its_words():
    assert render_post("![A dot](data:image/gif;base64,R0lGOD)") == "<p>A dot</p>"


# Code


def test_fenced_code_is_coloured_with_classes():
    assert render_post("```python\nreturn 'x'\n```") == (
        '<pre tabindex="0"><code class="language-python hl"><span class="k">return </span>'
        "<span class=\"s1\">'x'\n</span></code></pre>"
    )


def test_an_unknown_language_stays_plain():
    assert render_post("```klingon\na < b\n```") == (
        '<pre tabindex="0"><code class="language-klingon">a &lt; b\n</code></pre>'
    )


@every("text", ["```\na\n```", "    a", "~~~\na\n~~~"])
def test_code_without_a_language_has_no_class(text):
    assert render_post(text) == '<pre tabindex="0"><code>a\n</code></pre>'


def test_unclosed_fence_ends_with_the_text():
    assert render_post("```\na\n\n*b*") == '<pre tabindex="0"><code>a\n\n*b*\n</code></pre>'


def test_code_in_a_list_item_loses_the_items_indentation():
    html = flat(render_post("1. a\n\n    ```\n    x\n      y\n    ```\n\n2. b"))
    assert '<li><p>a</p><pre tabindex="0"><code>x\n  y</code></pre></li>' in html


def test_code_listing_keeps_every_character():
    assert plain_text(render_post("```html\n<b>&amp;</b>\n```")) == "<b>&amp;</b>"


def test_a_very_long_listing_is_not_coloured():
    assert "hl" not in render_post("```python\n" + "x = 1\n" * 1000 + "```")


# Other shapes


def test_a_table_scrolls_inside_itself_and_aligns_by_class():
    html = flat(render_post("| a | b | c |\n|---|:-:|--:|\n| 1 | 2 | 3 |"))
    assert html.startswith(
        '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table><thead>'
    )
    assert '<td>1</td><td class="center">2</td><td class="right">3</td>' in html


def test_a_term_and_its_meaning_make_a_definition_list():
    assert flat(render_post("Term\n: Meaning")) == "<dl><dt>Term</dt><dd>Meaning</dd></dl>"
    assert render_post("It takes\n~ 20 minutes") == "<p>It takes\n~ 20 minutes</p>"
    assert render_post("a\n: b\n\n~ c").endswith("</dl>\n<p>~ c</p>")


def test_an_abbreviation_is_explained():
    html = render_post('HTML\n\n*[HTML]: Hyper "Text"')
    assert html == '<p><abbr title="Hyper &quot;Text&quot;">HTML</abbr></p>'


def test_two_tildes_strike_through():
    assert render_post("~~old~~ new") == "<p><del>old</del> new</p>"


def test_an_authors_link_carries_no_rel():
    assert render_post("[x](https://other.example/)") == (
        '<p><a href="https://other.example/">x</a></p>'
    )


@every(
    ("raw", "html"),
    [
        ("<p>a <tt>b</tt></p>", "<p>a <code>b</code></p>"),
        ("<p>a <strike>b</strike></p>", "<p>a <del>b</del></p>"),
        ("<p>a <font color=red>b</font> <big>c</big></p>", "<p>a b c</p>"),
        ('<p align="center" style="color:red" class="x">a</p>', "<p>a</p>"),
        ("<p>a</p>\n\n<p></p>", "<p>a</p>"),
        ("<em><p>a</p></em>", "<p><em>a</em></p>"),
        ("<div><em><p>a</p></em></div>", "<div><p>a</p></div>"),
        ("<h2><div>a</div></h2>", f'<h2 id="a">a{anchor("a")}</h2>'),
        ("<ul>a<li>b</li></ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<div><li>a</li></div>", "<div><div>a</div></div>"),
        ("<details>a</details>", "<div>a</div>"),
        ("<dl><dt>a</dt></dl>", "<div><div>a</div></div>"),
        ("<div><figcaption>a</figcaption></div>", "<div><div>a</div></div>"),
        ("<p>a <blink>b</blink> <script>c</script><style>d</style></p>", "<p>a b </p>"),
    ],
)
def test_valid_raw_html_is_kept(raw, html):
    assert flat(render_post(raw)) == html


@every(
    "raw",
    [
        '<iframe src="https://films.example/1"></iframe>',
        '<video controls src="https://films.example/1"></video>',
        '<video><source src="https://films.example/1"></video>',
        '<embed src="https://films.example/1">',
        '<object data="https://films.example/1"><embed src="https://films.example/2"></object>',
    ],
)
def test_other_embeds_become_links(raw):
    link = '<a href="https://films.example/1">https://films.example/1</a>'
    assert flat(render_post(raw)) == f"<p>{link}</p>"


def test_an_author_cannot_take_our_classes():
    html = render_post('<div class="noted">a</div>\n\n<span class="k">b</span>')
    assert "class" not in html


def test_control_characters_and_surrogates_are_left_out():
    assert render_post("a\x00b\x1bc\u202ed\u2066e\ud800f&#x202e;g&#8294;h") == "<p>abcdefgh</p>"


def test_a_line_end_is_one_however_it_is_typed():
    assert render_post("a\r\n\r\nb\r\rc") == render_post("a\n\nb\n\nc")


# Words and addresses


def test_plain_text_has_the_words_and_nothing_else():
    html = render_post('# Of *Truth*\n\nAT&T said[^1] "no".\n\n- a\n- b\n\n[^1]: A note.')
    assert plain_text(html) == "Of Truth AT&T said “no”. A note. a b"


def test_plain_text_takes_no_word_apart():
    assert plain_text("<p>un<em>believ</em>able<br>yes</p><p>no</p>") == "unbelievable yes no"


def test_links_within_the_site_become_absolute():
    html = (
        '<p><a href="/a?b=1&amp;c=2">x</a> <a class="anchor" href="#y">§</a></p><img src="/z.png">'
    )
    assert absolute_links(html, "https://blog.example/2026/essay/") == (
        '<p><a href="https://blog.example/a?b=1&amp;c=2">x</a>'
        ' <a class="anchor" href="https://blog.example/2026/essay/#y">§</a></p>'
        '<img src="https://blog.example/z.png">'
    )


def test_other_links_and_words_stay_as_they_are():
    html = '<p>see href="/x" <a href="https://other.example/" title="href=&quot;/x">x</a></p>'
    assert absolute_links(html, "https://blog.example/") == html


# Real texts


def test_no_real_essay_is_refused(shared):
    for essay in json.loads((shared / "data/essays/bacon-essays.json").read_text()):
        html = render_post("# {}\n\n{}".format(essay["title"], "\n\n".join(essay["paragraphs"])))
        assert html.count("<p>") == len(essay["paragraphs"])


def test_no_example_of_commonmark_is_refused(shared):
    path = shared / "data/markdown/commonmark-spec-examples.json"
    for example in json.loads(path.read_text()):
        render_post(example["markdown"])


def test_too_long_text_says_by_how_much():
    with pytest.raises(MarkupError, match="This is 7 characters too long"):
        render_post("a" * 500_007)


def test_too_deeply_nested_html_is_refused():
    deep = "<div>" * 190 + "words" + "</div>" * 190
    assert plain_text(render_post(deep)) == "words"
    with pytest.raises(MarkupError, match="too deep"):
        render_post("<div>" * 260 + "words" + "</div>" * 260)


def test_long_table_is_not_taken_for_an_attack():
    rows = "| one cell | two cells | three cells |\n" * 300
    assert render_post("| a | b | c |\n|---|---|---|\n" + rows).count("<tr>") == 301
