"""Footnotes of essays as notes in the margin: order, classes, ids and ways back."""

from inputs import every
from markup_parts import AGAIN, MARK, back, flat, our_address

from blog.markup import plain_text, render_post

__all__ = ["our_address"]  # fixtures


# Notes


def test_footnote_follows_its_paragraph():
    html = render_post("Text with a note[^1] and more.\n\n[^1]: The note’s words, *inline*.")
    assert flat(html) == (
        f'<div class="noted"><p>Text with a note{MARK} and more.</p>'
        f'<aside class="note n1" id="fn-1" role="doc-footnote" aria-label="Note 1"><p>{back(1)}'
        " The note’s words, <em>inline</em>.</p></aside></div>"
    )


def test_notes_are_numbered_in_the_order_of_their_references():
    html = render_post("One[^z] two[^a].\n\nThree[^m].\n\n[^a]: A\n[^m]: M\n[^z]: Z")
    assert plain_text(html) == "One two. Z A Three. M"
    assert [html.index(f'id="fn-{number}"') for number in (1, 2, 3)] == sorted(
        html.index(f'id="fn-{number}"') for number in (1, 2, 3)
    )


def test_labels_of_notes_are_paired_without_case():
    html = render_post("One[^A] two[^ß].\n\n[^a]: First\n[^SS]: Second")
    assert plain_text(html) == "One two. First Second"
    assert html.count("doc-noteref") == 2
    both = render_post("One[^A] two[^a].\n\n[^a]: Small\n[^A]: Large")
    assert plain_text(both) == "One two. Large Small"


def test_a_note_in_a_link_has_its_number_behind_the_link():
    html = render_post("[One[^1] *two[^2]* three](/u), four.\n\n[^1]: Note\n[^2]: Note")
    assert '<a href="/u">One <em>two</em> three</a><sup' in html
    assert html.index('id="fnref-1">1</a></sup>') < html.index('id="fnref-2">2</a></sup>, four')


def test_note_classes_count_to_four_within_a_block():
    text = "".join(f"a[^{n}] " for n in range(6)) + "\n\nb[^6]\n\n"
    html = render_post(text + "".join(f"[^{n}]: note\n" for n in range(7)))
    assert html.count('class="ref r4"') == 1
    assert html.count('class="ref r1"') == 2
    assert html.count('class="note n1"') == 2
    assert html.count('class="note"') == 2
    assert html.count('class="ref"') == 2


def test_second_reference_has_no_id():
    html = render_post("One[^1].\n\nTwo[^1].\n\n[^1]: Note")
    assert MARK in html
    assert flat(html).endswith(f"<p>Two{AGAIN}.</p>")
    assert html.count("<aside") == 1


@every(
    ("text", "block"),
    [
        ("- item[^1]\n- more", "ul"),
        ("> quoted[^1]", "blockquote"),
        ("# Heading[^1]", "h2"),
        ("| a |\n|---|\n| x[^1] |", "div"),
        ("- a\n\n    - > deep[^1]", "ul"),
    ],
)
def test_note_follows_the_whole_block_of_its_reference(text, block):
    html = flat(render_post(f"{text}\n\n[^1]: Note"))
    assert html.startswith(f'<div class="noted"><{block}')
    assert f"</{block}><aside" in html
    assert html.endswith("</aside></div>")


def test_heading_id_excludes_note_number():
    assert '<h2 id="heading">' in render_post("# Heading[^1]\n\n[^1]: Note")


def test_a_note_may_hold_paragraphs_lists_and_code():
    html = render_post(
        "x[^1]\n\n[^1]: One\n\n    Two\n\n    - item\n\n    ```python\n    1\n    ```\n"
    )
    note = html[html.index("<aside") :]
    assert note.count("<p>") == 2
    assert "<li>item</li>" in note
    assert '<code class="language-python hl">' in note
    assert note.count("doc-backlink") == 1


def test_note_starting_with_code_has_its_back_link_first():
    html = flat(render_post("x[^1]\n\n[^1]:\n    ```\n    code\n    ```\n"))
    assert f'aria-label="Note 1"><p>{back(1)} </p><pre' in html


def test_a_note_in_a_note_follows_it():
    html = render_post("x[^a]\n\n[^b]: inner\n[^a]: outer[^b]")
    assert plain_text(html) == "x outer inner"
    assert html.index('id="fn-1"') < html.index('id="fnref-2"') < html.index('id="fn-2"')


def test_a_note_may_be_defined_within_another():
    html = render_post("x[^a]\n\n[^a]: outer[^b]\n\n    > [^b]: inner")
    assert plain_text(html) == "x outer inner"


def test_notes_referring_to_each_other_do_not_loop():
    html = render_post("x[^a]\n\n[^a]: A[^b]\n[^b]: B[^a] and [^b]")
    assert html.count("<aside") == 2
    assert html.count("doc-backlink") == 2


def test_unreferenced_note_is_kept_at_the_end():
    html = flat(render_post("[^1]: Lonely\n\nText"))
    assert html == '<p>Text</p><aside class="note" role="doc-footnote"><p>Lonely</p></aside>'


def test_a_reference_without_a_note_stays_text():
    assert render_post("x[^1]") == "<p>x[^1]</p>"


def test_second_note_of_one_name_stands_at_the_end():
    assert plain_text(render_post("x[^1]\n\n[^1]: First\n\n[^1]: Second")) == "x First Second"


def test_raw_html_cannot_forge_a_note():
    html = render_post('<sup data-note="a-0">x</sup>\n\n<aside data-note="a-0">y</aside>')
    assert "data-note" not in html
    assert "doc-" not in html
