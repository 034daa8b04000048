"""What WordPress shows for its shortcodes, footnotes, listings and galleries, as Markdown."""

from html import escape

import pytest
from inputs import every

from blog.markup import plain_text, render_post
from blog.markup.from_html.around import Around, File
from blog.markup.from_html.html_to_markdown import post_markdown

NEW = "\n"
HERE = "/media/" + "a" * 32 + "-100x80.png"


class Old(Around):
    """Knows the files of old.example, of which “lost” is not had, and three of a gallery."""

    def file(self, address, alt):
        if "old.example" not in address:
            return address
        return None if "lost" in address else HERE

    def link(self, address):
        return HERE if address.endswith(".png") else address.removeprefix("https://old.example")

    def gallery(self, attributes, kind="gallery"):
        address = "https://old.example/{}.png"
        names = attributes.get("ids", "one,two,lost").split(",")
        return [File(address.format(name), f"{name} alt", f"Say {name}") for name in names if name]


def markdown(source, **notes):
    return post_markdown(source, Old(notes=notes)).markdown


def shown(source, **notes):
    return plain_text(render_post(markdown(source, **notes)))


class TestFootnotes:
    def test_notes_of_the_block_editor_stand_where_they_are_referred_to(self):
        source = (
            "<!-- wp:paragraph -->\n<p>One<sup class='fn' data-fn='b'><a href='#b'>1</a></sup>, "
            '<em>two</em><SUP data-fn="a" class="fn"><a href="#a">2</a></SUP>, again'
            '<sup data-fn="b"><a>1</a></sup> and <sup data-fn="gone">3</sup>.</p>\n'
            "<!-- wp:footnotes {} /-->"
        )
        notes = {"a": "Of <em>two</em>.", "b": 'See <a href="https://e.example/x">x</a>'}
        assert markdown(source, **notes) == (
            "One[^1], *two*[^2], again[^1] and <sup>3</sup>.\n\n"
            "[^1]: See [x](https://e.example/x)\n\n[^2]: Of *two*."
        )
        assert shown(source, **notes).count("Of two.") == 1

    def test_notes_of_plugins_stand_in_the_text(self):
        source = "Fact [efn_note]Says <b>Ann</b>[/efn_note] and[mfn]x\n\ny[/mfn] [ref]open"
        wanted = "Fact[^1] and[^2] \\[ref]open\n\n[^1]: Says **Ann**\n\n[^2]: x\n    \n    y"
        assert markdown(source) == wanted

    def test_a_note_within_html_that_stays_loses_no_word(self):
        source = "<table><tr><td>cell[fn]note[/fn]</td></tr></table>[fn]other[/fn]"
        said = shown(source)
        assert "cell1" in said
        assert "note" in said
        assert "other" in said

    def test_notes_without_a_place_follow_the_text(self):
        text = post_markdown("Words.", Old(notes={"x": "Nobody's note"}))
        assert text.markdown == "Words.\n\nNobody's note"
        assert text.loose_notes == 1

    def test_a_word_like_the_sign_is_a_word(self):
        assert markdown("xnotex1x [fn]a[/fn]") == "xnotex1x[^1]\n\n[^1]: a"


CODE = 'if a < b:\n    print("<b>")'
SPELLED = escape(CODE)


class TestListings:
    @every(
        "source, language",
        [
            (f'[code lang="python"]\n{CODE}\n[/code]', "python"),
            (f"[code language=python]\n{CODE}[/code]", "python"),
            (f"[sourcecode language='python']\n{SPELLED}[/sourcecode]", "python"),
            (f"[Python]{CODE}\n[/Python]", "python"),
            (f'<pre lang="python" line="1">{CODE}</pre>', "python"),
            (f"<PRE class=x lang=python>{SPELLED.replace(NEW, f'<br />{NEW}')}</PRE>", "python"),
            (f'<pre data-enlighter-language="python">{CODE}</pre>', "python"),
            (f'<pre class="brush: python; title: x">{SPELLED}</pre>', "python"),
            (f"<!-- wp:x -->[code]{CODE}[/code]", ""),
            (f'[code lang="plain"]{CODE}[/code]', ""),
            (f'[code lang="a b`"]{CODE}[/code]', ""),
        ],
    )
    def test_code_is_kept_letter_by_letter(self, source, language):
        assert markdown(f"Before\n\n{source}\n\nAfter") == (
            f"Before\n\n```{language}\n{CODE}\n```\n\nAfter"
        )

    def test_nothing_in_code_is_a_shortcode_a_note_or_a_line_of_its_own(self):
        code = '[gallery] [caption]x[/caption] [fn]y[/fn]\n\n  "it\'s" -- 1..\n<!-- wp:x --> & &lt;'
        assert markdown(f"[code]{code}[/code]") == f"```\n{code}\n```"

    def test_code_without_end_stays_text(self):
        assert shown("[code] and [php]x") == "[code] and [php]x"


class TestShortcodes:
    @every(
        "source, address",
        [
            ("[youtube https://youtu.be/x_1&w=640&h=360]", "https://youtu.be/x_1"),
            ("[youtube=https://youtu.be/x_1]", "https://youtu.be/x_1"),
            ("[youtube]https://youtu.be/x_1[/youtube]", "https://youtu.be/x_1"),
            ('[youtube id="x_1" w=3]', "https://www.youtube.com/watch?v=x_1"),
            ("[vimeo 12345 w=500]", "https://vimeo.com/12345"),
            ("[soundcloud url='https://api.example/1' params=\"a=b\"]", "https://api.example/1"),
            ("[embed width=4]\nhttps://a.example/1\n[/embed]", "https://a.example/1"),
            ("[audio src='https://a.example/1.mp3']", "https://a.example/1.mp3"),
            ("[audio https://a.example/1.mp3]", "https://a.example/1.mp3"),
            ("[audio:https://a.example/1.mp3|titles=x]", "https://a.example/1.mp3|titles=x"),
            ('[video width="1" mp4="https://a.example/1.mp4"][/video]', "https://a.example/1.mp4"),
        ],
    )
    def test_a_film_elsewhere_is_a_link(self, source, address):
        assert markdown(f"a\n\n{source}\n\nb") == f"a\n\n<{address}>\n\nb"

    def test_a_recording_of_the_blog_plays(self):
        assert markdown('[audio mp3="https://old.example/t.mp3"][/audio]') == f"![]({HERE})"
        assert markdown('<video><source src="https://old.example/t.mp4"></video>') == f"![]({HERE})"
        lost = "[missing file: lost.mp3](/lost.mp3)"
        assert markdown('a\n\n<audio src="https://old.example/lost.mp3"></audio>') == f"a\n\n{lost}"

    def test_a_gallery_is_rows_of_pictures(self):
        one, two = (f'![{name} alt]({HERE} "Say {name}")' for name in ("one", "two"))
        lost = "[lost alt (missing file: lost.png)](/media/"
        assert markdown("a\n\n[gallery]\n\nb").startswith(f"a\n\n{one}{two}\n\n{lost}")
        assert markdown('[gallery columns="1" ids="one,two"]') == f"{one}\n\n{two}"
        assert shown('[gallery ids=""]') == "[gallery ids=“”]"

    @every(
        "box",
        [
            '<figure class="wp-block-gallery columns-2">{}</figure>',
            '<div class="tiled-gallery type-x"><div class="row">{}</div></div>',
            '<figure class="wp-block-gallery"><ul class="blocks-gallery-grid">{}</ul></figure>',
        ],
    )
    def test_galleries_in_html_are_rows(self, box):
        figure = (
            '<li><figure><a href="https://old.example/{0}.png">'
            '<img src="https://old.example/{0}.png" alt="{0}"></a>'
            "<figcaption>Say <b>{0}</b></figcaption></figure></li>"
        )
        source = box.format(figure.format("one") + figure.format("two"))
        wanted = f'![one]({HERE} "Say one")![two]({HERE} "Say two")'
        assert markdown(f"<!-- wp:gallery -->{source}<!-- /wp:gallery --><p>b</p>") == (
            f"{wanted}\n\nb"
        )

    def test_a_caption_of_links_stays_html(self):
        source = (
            '[caption id="x"]<a href="https://old.example/a.png"><img src="https://old.example/'
            'a.png" alt="A"></a> By <a href="https://e.example/">Eve</a>[/caption]'
        )
        wanted = f'<img src="{HERE}" alt="A"><figcaption> By <a href="https://e.example/">Eve</a>'
        assert markdown(source) == f"<figure>{wanted}</figcaption></figure>"

    def test_doubled_brackets_are_text(self):
        source = "[[gallery]] [[code]x[/code]] a[0] [sic] [1] [[wiki]]"
        assert shown(source) == "[gallery] [code]x[/code] a[0] [sic] [1] [[wiki]]"
        assert post_markdown(source).shortcodes == []


class TestHtml:
    def test_a_line_break_in_an_attribute_is_a_space(self):
        source = '<img src="https://old.example/a.png"\n alt="one\r\ntwo" title="x\n\ny">\nnext'
        assert markdown(source) == f'![one two]({HERE} "x y")  \nnext'
        kept = '<details><summary>a</summary><img src="/a.png" alt="b\nc"></details>'
        assert 'alt="b c"' in markdown(kept)

    def test_a_table_without_a_head_has_none(self):
        rows = "<tr><td>a</td></tr><tr><td>b</td></tr>"
        assert "<th" not in render_post(markdown(f"<table>{rows}</table>"))
        sides = "<table><tr><th>a</th><td>b</td></tr></table>"
        assert render_post(markdown(sides)).count("<th>a</th><td>b</td>") == 1
        head = "<table><tr><th>h</th></tr><tr><td>a</td></tr></table>"
        assert markdown(head) == "| h |\n| --- |\n| a |"

    def test_definitions_are_markdown_where_it_can_say_them(self):
        simple = "<dl><dt>T</dt><dd>a <em>b</em></dd><dd>c</dd><dt>U</dt><dd>d</dd></dl>"
        assert markdown(simple) == "T\n:   a *b*\n:   c\n\nU\n:   d"
        shared = "<dl><dt>T</dt><dt>U</dt><dd>d</dd></dl>"
        assert markdown(shared) == shared

    def test_anchors_made_by_hand_still_hold(self):
        source = (
            '<a href="#far">go</a> <a name="near"></a>Near\n\n<a id="alone"></a>\n\n'
            '<p id="far">Far</p><p id="unused">x</p><h3 id="head">Head</h3>'
            '<a name="both" href="https://e.example/">l</a>'
        )
        html = render_post(markdown(source))
        for name in ("near", "alone", "far", "head", "both"):
            assert f'<a id="{name}"></a>' in html
        assert "unused" not in html


@pytest.mark.parametrize("piece", ["[code]", "[[code]", "[fn]", '<sup data-fn="a">', "[audio "])
def test_many_openings_take_no_long(piece):
    source = piece * 3_000
    assert post_markdown(source, Old(notes={"a": "b"})).markdown
