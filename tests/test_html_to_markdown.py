"""WordPress's HTML becomes Markdown with the same words."""

from inputs import every

from blog.markup import MarkupError, plain_figures, plain_text, render_comment, render_post
from blog.markup.from_html.html_to_markdown import comment_markdown, post_markdown, text_of

PICTURE = f"/media/{'0' * 32}-1600x900.jpg"


@every(
    ("html", "markdown"),
    [
        ("<p>One</p>\n\n<p>Two</p>", "One\n\nTwo"),
        ("<p>an <em>old</em> <strong>dog</strong></p>", "an *old* **dog**"),
        ("<h2>Head</h2><h3>Sub</h3>", "# Head\n\n## Sub"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "* a\n    * b\n* c"),
        ('<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<p>a</p><hr /><p>b</p>", "a\n\n---\n\nb"),
        ("<p>a<br />b</p>", "a  \nb"),
        ("<p>use <code>a*b</code></p>", "use `a*b`"),
        ("<p><del>a</del> <s>b</s></p>", "~~a~~ ~~b~~"),
        ("<p>H<sub>2</sub>O</p>", "H<sub>2</sub>O"),
        ('<p><a href="https://a.example/x_y(z)">t</a></p>', "[t](https://a.example/x_y%28z%29)"),
        ('<p><a href="https://a.example/">https://a.example/</a></p>', "<https://a.example/>"),
        (
            '<pre class="brush: python"><code>if a:\n    b ``` c\n</code></pre>',
            "````python\nif a:\n    b ``` c\n````",
        ),
        ('<p><img src="/media/a.png" alt="A [b]" /></p>', r"![A \[b\]](/media/a.png)"),
        (
            '<figure><img src="/media/a.png" alt="A" /><figcaption>Say "hi"</figcaption></figure>',
            '![A](/media/a.png "Say &quot;hi&quot;")',
        ),
        (
            '<figure class="wp-block-image alignwide"><img src="/media/a.png" alt="A" /></figure>',
            "![A](/media/a.png){.wide}",
        ),
        (
            '<figure class="wide"><a href="/media/a.png"><img src="/media/a.png" alt="A" /></a>'
            "<figcaption>Sea</figcaption></figure>",
            '[![A](/media/a.png "Sea"){.wide}](/media/a.png)',
        ),
        (
            '[caption id="x" width="9"]<img src="/media/a.png" alt="A" /> Words[/caption]',
            '![A](/media/a.png "Words")',
        ),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1 | 2</td><td>3</td></tr></table>",
            "| a | b |\n| --- | --- |\n| 1 \\| 2 | 3 |",
        ),
    ],
)
def test_simple_blocks_become_markdown(html, markdown):
    converted = post_markdown(f"<!-- wp:paragraph -->{html}")
    assert converted.markdown == markdown
    assert converted.kept == 0


def test_classic_text_line_ends_become_paragraphs_and_breaks():
    assert post_markdown("One\r\ntwo\r\n\r\n<b>Three</b>").markdown == "One  \ntwo\n\n**Three**"


def test_block_editor_line_ends_mean_nothing():
    html = "<!-- wp:paragraph -->\n<p>One\ntwo</p>\n<!-- /wp:paragraph -->"
    assert post_markdown(html).markdown == "One two"


def test_more_and_nextpage_are_dropped():
    assert post_markdown("a\n\n<!--more-->\n\nb\n\n<!--nextpage-->\n\nc").markdown == "a\n\nb\n\nc"


def test_boxes_are_opened():
    html = '<div class="wp-block-group"><div><p>a</p></div><section><p>b</p></section></div>'
    assert post_markdown(html).markdown == "a\n\nb"


def test_html_beyond_markdown_stays_without_styling():
    html = '<!-- wp:x --><details class="x" style="color:red"><summary>a</summary>b</details>'
    converted = post_markdown(html)
    assert converted.markdown == "<details><summary>a</summary>b</details>"
    assert converted.kept == 1


def test_an_embed_is_a_link():
    html = (
        '<!-- wp:embed --><figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n'
        "https://video.example/1\n</div><figcaption>Film</figcaption></figure>"
        '<iframe src="//player.example/2"></iframe>'
    )
    wanted = "<https://video.example/1>\n\nFilm\n\n<https://player.example/2>"
    assert post_markdown(html).markdown == wanted
    assert post_markdown("[embed]https://a.example/[/embed]").markdown == "<https://a.example/>"


def test_shortcodes_keep_their_text_and_are_named():
    converted = post_markdown('a\n\n[gallery ids="1,2"] [sic] [box]b[/box]')
    assert plain_text(render_post(converted.markdown)) == "a [gallery ids=“1,2”] [sic] [box]b[/box]"
    assert converted.shortcodes == ["box", "gallery"]


MEANT_LITERALLY = [
    "*should* _not_ be **marked**",
    "# not a heading",
    "#hash",
    "1. not a list",
    "1986. A year",
    "- not a list",
    "+ nor this",
    "> no quote",
    "---",
    "===",
    ": no definition",
    "~~~ ~~no~~ ~~~",
    "`no code`",
    "[no](link) [^1] [a]: http://b.example/",
    "![no](image)",
    r"\o/ ¯\_(ツ)_/¯ C:\new\_x \\ \* \< \" \~",
    "snake_case __init__ a_b_ 2*3*4",
    "&lt;b&gt; &amp;amp; &amp;copy; AT&T a &lt; b",
    "&lt;https://a.example/&gt; &lt;a@b.example&gt;",
    "a | b\n--|--\n1 | 2",
    "Term\n: words",
    "*[HTML]: no abbreviation",
    "    indented",
    "wow!<a href='/x'>link</a>",
    "``` python\ncode\n```",
]


@every("words", MEANT_LITERALLY)
def test_post_text_like_markdown_shows_unchanged(words):
    converted = post_markdown(words)
    assert not converted.escaped
    assert _folded(render_post(converted.markdown)) == _folded(words)


@every("words", MEANT_LITERALLY)
def test_comment_text_like_markdown_shows_unchanged(words):
    html = render_comment(comment_markdown(words))
    assert _folded(html) == _folded(words)
    assert "<em>" not in html


def _folded(html):
    text = text_of(html).translate(str.maketrans("‘’“”–—", "''\"\"--"))
    return " ".join(text.replace("--", "-").replace("--", "-").split())


@every(
    ("html", "markdown"),
    [
        ("One\ntwo\n\nThree", "One\ntwo\n\nThree"),
        (
            'see <a href="http://a.example/x_y">this _here_</a>',
            r"see [this \_here\_](http://a.example/x_y)",
        ),
        ('<a href="http://a.example/">http://a.example/</a>', "<http://a.example/>"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ("<strong>a</strong> <i>b</i> <code>c*</code> <del>d</del>", "**a** *b* `c*` ~~d~~"),
        ("<blockquote>quoted\nlines</blockquote>answer", "> quoted\n> lines\n\nanswer"),
        ("<font color=red>plain</font> &eacute; &hellip;", "plain é …"),
        ("*should*", r"\*should\*"),
        ("1. one\n# two\n- three", "1\\. one\n\\# two\n\\- three"),
        (" <script>x</script> ", ""),
    ],
)
def test_a_comment_becomes_markdown(html, markdown):
    assert comment_markdown(html) == markdown


def test_every_link_of_a_post_is_kept():
    html = '<p><a href="http://a.example/?a=1&amp;b=2#c">x</a> <a href="/local/">y</a></p>'
    rendered = render_post(post_markdown(html).markdown)
    assert 'href="http://a.example/?a=1&amp;b=2#c"' in rendered
    assert 'href="/local/"' in rendered


def test_block_that_would_change_stays_html(monkeypatch):
    monkeypatch.setattr(
        "blog.markup.from_html.markdown_writer._escaped", lambda text: text.replace("lost", "")
    )
    converted = post_markdown("<p>kept *so*</p><p>fine</p><p>not lost</p>")
    assert converted.markdown == "<p>kept *so*</p>\n\nfine\n\n<p>not lost</p>"
    assert converted.kept == 2


def test_a_block_whose_links_would_be_lost_stays_html(monkeypatch):
    monkeypatch.setattr(
        "blog.markup.from_html.markdown_writer._Converter.convert_a",
        lambda self, el, text, parent_tags: text,
    )
    html = '<p><a href="http://a.example/">words</a></p>'
    assert post_markdown(html).markdown == html


def test_deeply_nested_html_keeps_its_words():
    html = "<blockquote>" * 400 + "inmost * word" + "</blockquote>" * 400
    converted = post_markdown(html)
    assert converted.escaped
    assert plain_text(render_post(converted.markdown)) == "inmost * word"
    assert plain_text(render_comment(comment_markdown(html))) == "inmost * word"


def test_a_pile_of_marks_is_read_quickly_and_kept():
    words = "[*_`<" * 2000
    assert _folded(render_comment(comment_markdown(words))) == text_of(words)


def test_quotations_in_each_other_are_read_once_each():
    """Twice for each level, forty of them would take hours."""
    source = f"{'<blockquote>' * 40}<p>deep</p>{'</blockquote>' * 40}"
    assert "deep" in post_markdown(source).markdown


def test_refused_text_loses_only_its_densest_markup(monkeypatch):
    def strict(markdown, *_language):
        if "---" in markdown or "<td" in markdown:
            raise MarkupError("Too many marks.")
        return render_post(markdown)

    monkeypatch.setattr("blog.markup.from_html.said.render_post", strict)
    table = '<table><tr><th><a href="http://a.example/">a</a></th></tr><tr><td>1</td></tr></table>'
    converted = post_markdown(f"<p>an <em>old</em> dog</p>{table}")
    assert converted.escaped
    assert converted.markdown.startswith("an *old* dog\n\n")
    assert plain_text(render_post(converted.markdown)) == "an old dog a (http://a.example/) | 1 |"


@every(
    "markdown",
    [
        f'![A]({PICTURE} "Sea"){{.wide}}',
        f'![A]({PICTURE})![B]({PICTURE} "Both"){{.wide}}',
        f"[![A]({PICTURE})](https://a.example/){{.wide}}",
        f"Before.\n\n![A]({PICTURE})![B]({PICTURE})\n\nAfter.",
    ],
)
def test_figures_of_an_export_come_back(markdown):
    shown = render_post(markdown)
    assert render_post(post_markdown(f"<!-- wp:html -->\n{plain_figures(shown)}").markdown) == shown
