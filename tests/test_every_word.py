"""Every word of a comment, an essay or an import is visible, whatever element it names."""

import itertools
import random

import elements
import pytest
from inputs import every
from trials import FULL, in_full, some_of

from blog.markup import left_out_of, plain_text, render_comment, render_post
from blog.markup.from_html import html_reader
from blog.markup.from_html.html_to_markdown import comment_markdown, post_markdown, text_of

# Texts that are made up, and how many of all the names, forms and contexts are tried: one in so
# many, in turn. In full it is 10,000 and some 5,000, which takes ten minutes.
TEXTS, ONE_IN = in_full((10_000, 8), (40, 96))


def imported(source):
    return render_post(post_markdown(source).markdown)


PLACES = pytest.mark.parametrize(
    ("place", "shown"),
    [("essay", render_post), ("comment", render_comment), ("import", imported)],
    ids=["essay", "comment", "import"],
)


def check(shown, text, words):
    html = str(shown(text))
    assert not words.missing(html), f"{text!r} became {html!r}"


def named(place):
    """Yield texts that name every element, each time in another form and another context."""
    contexts = elements.IMPORTED if place == "import" else elements.CONTEXTS
    ways = list(itertools.product(elements.FORMS, contexts))
    # An import takes four times as long: each is converted, compared and rendered.
    names = elements.NAMES if FULL or place != "import" else elements.NAMES[::4]
    for turn, name in enumerate(names):
        for form, context in ways[turn % ONE_IN :: ONE_IN]:
            words = elements.Words()
            yield contexts[context].format(elements.tagged(name, form, words, place)), words


@pytest.mark.long
@PLACES
def test_naming_an_element_hides_no_word(place, shown):
    for text, words in named(place):
        check(shown, text, words)


@pytest.mark.long
@PLACES
def test_rendering_loses_no_word(place, shown):
    random_ = random.Random(14)
    for _text in range(TEXTS):
        check(shown, *elements.generated(random_, place))


@every(
    "text",
    [
        "Usage: cp <path> <dest> and more",
        "vector<int> v",
        "x <set> y",
        "std::map<key, value> m",
        "if a <b and c> d",
        "cp <source> <object>",
        "#include <time.h> and <header>",
        "List<Map<K, V>> all",
        "<plaintext> and <textarea> after",
        "unclosed <!-- comment",
        "<?php echo 1; ?> after",
        "<![CDATA[x]]> y <!doctype html> z",
        "as in [a]: <path> and more",
    ],
)
@pytest.mark.parametrize("shown", [render_post, render_comment], ids=["essay", "comment"])
def test_unknown_tag_shows_as_typed(shown, text):
    assert elements.visible(shown(text)).replace("–", "--") == text


@every(
    "raw",
    [
        "<output>",
        "<main>",
        "<table>",
        "<math>",
        "<form x>",
        "<textarea>",
        "<script>",
        "<!--",
        "<?x",
    ],
)
def test_a_tag_without_end_takes_no_markdown_away(raw):
    html = render_post(f"{raw}\n\n## Head\n\n*x*")
    assert "<h2" in html
    assert "<em>x</em>" in html


def test_content_of_video_or_frame_follows_its_link():
    for raw in ("video", "audio", "iframe"):
        html = render_post(f'<{raw} src="https://films.example/1">No <b>film</b> here</{raw}>')
        assert elements.visible(html) == "https://films.example/1 No film here"


def test_inline_code_keeps_tags_of_the_text_apart():
    assert render_post("`<b>` is **bold**</b>").endswith("&lt;/b&gt;</p>")
    assert render_post("<b>x `</b>` y</b>") == "<p><b>x <code>&lt;/b&gt;</code> y</b></p>"


def test_cells_beyond_the_last_column_stay():
    html = render_post("| a | b |\n|---|---|\n| 1 | 2 | 3 `x|y` |")
    assert "<td>2 | 3 <code>x|y</code></td>" in html


@pytest.mark.parametrize("shown", [render_post, render_comment], ids=["essay", "comment"])
def test_code_on_a_fence_line_is_code(shown):
    assert "print('hi')\nx" in plain_lines(shown("```print('hi')\nx\n```"))
    assert "python" not in plain_lines(shown('```python title="x"\ny\n```')).replace("-python", "")


def plain_lines(html):
    return html.replace("&#x27;", "'")


@every(
    "text",
    [
        "[1]: https://a.example/ is where",
        "[1]: https://a.example/",
        "[note]: well",
        "[^1]: note\n\nx[^1]",
        "[1]: https://a.example/\n[1]: https://b.example/\n\n[1]",
        "[x]:\nhttps://a.example/",
    ],
)
def test_unused_link_definition_in_a_comment_is_text(text):
    shown = elements.visible(render_comment(text))
    for word in text.replace("[1]: https://a.example/\n[1]", "[1]").split():
        assert word.strip("[]:^") in shown


def test_the_title_of_a_link_in_a_comment_shows():
    assert "</a> (Its title)" in render_comment('[x](https://a.example/ "Its title")')
    assert "</a> (Its title)" in render_comment('[1]\n\n[1]: https://a.example/ "Its title"')


@pytest.mark.long
@every("context", elements.CONTEXTS.values())
def test_links_that_may_not_stand_in_a_comment_hide_no_word(context):
    random_ = random.Random(5)
    for pattern, address in some_of(itertools.product(elements.LINKS, elements.ADDRESSES), 5):
        words = elements.Words()
        text = elements.linked(random_, words, pattern, address)
        if "\n" not in text or context == "{}":
            check(render_comment, context.format(text), words)


@every(
    "text",
    [
        "as in [Smith](2019), and [Jones](chapter) too",
        "f[i](x) = g[j](y)",
        "call handlers[name](event) twice",
        "a [b](<c d e>) f",
        "![photo](cat.jpg)",
        "[x](tel:+491234) [me](a@b.example) [y](#top) [z]()",
        "[a][1]\n\n[1]: chapter",
        "[Smith](http:, and Jones) <ftp://a.example/x>",
    ],
)
def test_what_is_no_link_of_a_comment_shows_as_typed(text):
    assert elements.visible(render_comment(text)) == " ".join(text.split())


def test_what_is_no_link_keeps_its_marks():
    assert render_comment("[*a*](b `c`)") == "<p>[<em>a</em>](b <code>c</code>)</p>"


def test_a_link_of_a_comment_always_has_its_address():
    for address in elements.ADDRESSES:
        for text in ("[x]({})", "{}", "<{}>", "[x][y]\n\n[y]: {}"):
            html = render_comment(text.format(address.replace("{0}", "word")))
            assert html.count("<a ") == html.count('<a href="'), html


def test_a_link_without_words_in_a_comment_shows_its_address():
    assert ">https://a.example/</a>" in render_comment("[](https://a.example/)")


# --- What is left out ---------------------------------------------------------------------------


def test_omissions_from_an_essay_are_counted():
    text = "a <script>b c</script> <!-- d --> <template>e <p>f</p></template>"
    assert left_out_of(text) == {"script": 2, "!": 1, "template": 2}
    shown = "`<script>x</script>` <path> <b title='x'>y</b>\n\n    <style>g</style>"
    assert left_out_of(shown).total() == 0


def test_import_reports_omissions_and_literal_text():
    text = post_markdown("<p>a <path> b</p><script>c d</script><!-- wp:x {} --><input name='y'>")
    assert text.left_out["script"] == 2
    assert text.left_out["!"] == 0
    assert text.as_text == ["input", "path"]


def test_word_processor_markup_is_not_text():
    source = "<p>a<o:p></o:p> <![if !supportLists]>b<![endif]></p><?xml:namespace prefix=o />"
    assert elements.visible(imported(source)) == "a b"


def test_imported_titles_and_comments_keep_unknown_tags():
    assert text_of("vector<int> in <b>C</b>") == "vector<int> in C"
    assert "cp &lt;path&gt; x" in render_comment(comment_markdown("<b>cp</b> <path> x")).replace(
        "<strong>cp</strong>", "cp"
    )


def test_import_notices_words_its_parser_loses(monkeypatch):
    class Loses:
        def clean(self, html):
            return html.replace("wanted", "")

    monkeypatch.setattr(html_reader, "_READER", Loses())
    monkeypatch.setattr(html_reader, "_COMMENT_READER", Loses())
    text = post_markdown("<p>All is <em>wanted</em>, too.</p>")
    assert text.escaped
    assert plain_text(render_post(text.markdown)) == "All is wanted , too."
    assert "wanted" in render_comment(comment_markdown("<em>wanted</em>"))


@pytest.mark.django_db
def test_saving_an_essay_names_what_is_left_out(admin_client, write):
    post = write()
    fields = {"title": post.title, "slug": post.slug, "kind": "essay", "author": post.author_id,
              "body": "a <script>b c</script> <path>", "old_addresses-TOTAL_FORMS": 0,
              "old_addresses-INITIAL_FORMS": 0}  # fmt: skip
    page = admin_client.post(f"/admin/posts/post/{post.pk}/change/", fields, follow=True).text
    assert "because browsers do not: &lt;script&gt; (2 words)." in page
