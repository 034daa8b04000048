"""Cards of Ghost as Markdown: from the HTML it made, and from what its editors keep."""

import pytest
from ghost_exports import lexical, mobiledoc, words_node

from blog.markup import render_post
from blog.markup.from_html.around import Around
from blog.markup.from_html.html_to_markdown import noted
from blog.transfer.ghost.cards import simple
from blog.transfer.ghost.texts import text_of_post


def markdown(**row):
    """Return what becomes of a post's text, its parts in order."""
    found = []
    for part, notes in text_of_post(row).parts:
        if notes is None:
            found.append(part)
        else:
            found.append(noted(part, breaks=False, around=Around(notes)).markdown)
    return "\n\n".join(filter(None, found)).strip()


def of_html(html):
    return markdown(html=html)


def of_card(kind, **data):
    """Return what becomes of a card, which both editors keep alike."""
    made = markdown(lexical=lexical({"type": kind, "version": 1, **data}))
    assert markdown(mobiledoc=mobiledoc([10, 0], cards=[[kind, data]])) == made
    return made


BOOKMARK = (
    '<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="https://e.example/b">'
    '<div class="kg-bookmark-title">A &lt;b&gt; book</div>'
    '<div class="kg-bookmark-description">Said of it</div>'
    '<div class="kg-bookmark-metadata"><img class="kg-bookmark-icon" src="https://e.example/i.png">'
    '<span class="kg-bookmark-author">Example</span>'
    '<span class="kg-bookmark-publisher">X</span></div>'
    '<div class="kg-bookmark-thumbnail"><img src="https://e.example/t.png"></div></a>'
    "<figcaption>Read it</figcaption></figure>"
)
BOOK = "> [A &lt;b> book](https://e.example/b)  \n> Said of it  \n> Example · X\n\nRead it"


def test_bookmark_is_a_link_with_what_was_said_of_it():
    assert of_html(BOOKMARK) == BOOK
    about = {"title": "A <b> book", "description": "Said of it", "author": "X"}
    about |= {"publisher": "Example", "thumbnail": "https://e.example/t.png"}
    given = {"url": "https://e.example/b", "metadata": about, "caption": "Read it"}
    assert of_card("bookmark", **given) == BOOK


def test_bookmark_shows_a_picture_of_the_blogs_own():
    html = BOOKMARK.replace("https://e.example/t.png", "/content/images/t.png")
    assert of_html(html).startswith("> ![](/content/images/t.png)\n>\n> [A")


def test_callout_is_a_quotation_with_its_sign():
    html = (
        '<div class="kg-card kg-callout-card"><div class="kg-callout-emoji">💡</div>'
        '<div class="kg-callout-text">Mind <b>this</b>.</div></div>'
    )
    assert of_html(html) == "> 💡 Mind **this**."
    said = {"calloutText": "<p>Mind <b>this</b>.</p><p>And that.</p>", "calloutEmoji": "💡"}
    assert of_card("callout", **said) == "> 💡 Mind **this**.\n>\n> And that."
    assert of_card("callout", calloutText="Bare") == "> Bare"


TOGGLE = "<details><summary>Open <em>me</em></summary><p>Inside.</p></details>"


def test_toggle_stays_one():
    html = (
        '<div class="kg-card kg-toggle-card"><div class="kg-toggle-heading">'
        '<h4 class="kg-toggle-heading-text">Open <em>me</em></h4><button><svg><path d="M1"/></svg>'
        '</button></div><div class="kg-toggle-content"><p>Inside.</p></div></div>'
    )
    assert of_html(html) == TOGGLE
    assert of_card("toggle", heading="Open <em>me</em>", content="Inside.") == TOGGLE
    assert "<details>" in render_post(TOGGLE)


def test_card_within_a_toggle_is_changed_too():
    inner = '<div class="kg-card kg-callout-card"><div class="kg-callout-text">Deep</div></div>'
    html = (
        '<div class="kg-toggle-card"><h4 class="kg-toggle-heading-text">T</h4>'
        f'<div class="kg-toggle-content">{inner}</div></div>'
    )
    assert "<blockquote><p>Deep</p></blockquote></details>" in of_html(html)


def test_gallery_is_rows_of_pictures_with_the_caption_at_the_last():
    row = '<div class="kg-gallery-image"><img src="/a.png" alt="A"></div>'
    html = (
        f'<figure class="kg-card kg-gallery-card"><div class="kg-gallery-row">{row}{row}</div>'
        "<figcaption>Two</figcaption></figure>"
    )
    wanted = '![A](/a.png)![A](/a.png "Two")'
    assert of_html(html) == wanted
    images = [{"src": "/a.png", "alt": "A", "row": 0}, {"src": "/a.png", "alt": "A"}, "odd"]
    assert of_card("gallery", images=images, caption="Two") == wanted


def test_image_keeps_caption_words_link_and_width():
    html = (
        '<figure class="kg-card kg-image-card kg-width-wide"><a href="https://e.example/">'
        '<img src="/a.png" alt="A"></a><figcaption>Caption</figcaption></figure>'
    )
    wanted = '[![A](/a.png "Caption"){.wide}](https://e.example/)'
    assert of_html(html) == wanted
    given = {"src": "/a.png", "alt": "A", "caption": "Caption", "cardWidth": "wide"}
    assert of_card("image", href="https://e.example/", **given) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (
            "https://www.youtube.com/embed/dQw4w9WgXcQ?x=1",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        ),
        ("//player.vimeo.com/video/123", "https://vimeo.com/123"),
        ("https://e.example/frame", "https://e.example/frame"),
    ],
)
def test_frame_is_a_link_to_where_it_can_be_seen(source, wanted):
    html = (
        f'<figure class="kg-card kg-embed-card"><iframe src="{source}" title="A film"></iframe>'
        "<figcaption>Seen</figcaption></figure>"
    )
    assert of_html(html) == f"[A film]({wanted})\n\nSeen"


def test_embedded_words_stay_without_their_script():
    said = '<blockquote class="twitter-tweet"><p>Said</p></blockquote><script src="x.js"></script>'
    assert of_html(f'<figure class="kg-card kg-embed-card">{said}</figure>') == "> Said"
    card = of_card("embed", html=said, url="https://e.example/1", metadata={"title": "T"})
    assert card == "> Said\n\n[T](https://e.example/1)"


def test_sound_film_and_file_become_links_with_their_words():
    sound = (
        '<div class="kg-card kg-audio-card"><audio src="https://e.example/t.mp3"></audio>'
        '<div class="kg-audio-title">A talk</div><button><svg></svg></button></div>'
    )
    assert of_html(sound) == "![A talk](https://e.example/t.mp3)"
    assert of_card("audio", src="https://e.example/t.mp3", title="A talk") == of_html(sound)
    film = '<figure class="kg-card kg-video-card"><video src="https://e.example/f.mp4"></video><figcaption>F</figcaption></figure>'
    assert of_html(film) == of_card("video", src="https://e.example/f.mp4", caption="F")
    assert ">F</a>" in render_post(of_html(film))
    given = {"src": "https://e.example/p.pdf", "fileTitle": "P", "fileCaption": "Read"}
    file = of_card("file", fileName="p.pdf", fileSize=2048, **given)
    assert file == "[P](https://e.example/p.pdf)  \nRead  \np.pdf, 2 KB"


def test_product_and_header_keep_all_they_say():
    given = {
        "productTitle": "Pot",
        "productDescription": "<p>Brews.</p>",
        "productUrl": "https://e.example/",
    }
    given |= {"productRatingEnabled": True, "productStarRating": 4}
    product = of_card("product", productButtonEnabled=True, productButton="Buy", **given)
    assert product == "### Pot\n\n★★★★☆\n\nBrews.\n\n[Buy](https://e.example/)"
    head = of_card("header", header="Big", subheader="Small", buttonEnabled=False, buttonText="No")
    assert head == "# Big\n\nSmall"
    html = (
        '<div class="kg-card kg-signup-card"><h2 class="kg-signup-card-heading">Join</h2>'
        '<form><input type="email"><button>Subscribe</button></form>'
        '<p class="kg-signup-card-disclaimer">No spam.</p></div>'
    )
    found = simple(html)
    assert found.lost["form"] == 1
    assert of_html(html) == "# Join\n\nNo spam."


def test_notes_of_each_markdown_card_are_its_own():
    def card(words):
        return (
            f'<p>{words}<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup></p>'
            '<hr class="footnotes-sep"><section class="footnotes"><ol>'
            f'<li id="fn1"><p>Of {words}. <a href="#fnref1" class="footnote-backref">↩︎</a></p></li>'
            "</ol></section>"
        )

    assert (
        of_html(card("one") + card("two")) == "one[^1]\n\ntwo[^2]\n\n[^1]: Of one.\n\n[^2]: Of two."
    )


def test_notes_of_older_versions_are_notes_too():
    html = (
        '<p>one<sup id="fnref:1"><a href="#fn:1" rel="footnote">1</a></sup></p>'
        '<div class="footnotes"><ol><li class="footnote" id="fn:1"><p>Of one. '
        '<a href="#fnref:1" title="return to article">↩</a></p></li></ol></div>'
    )
    assert of_html(html) == "one[^1]\n\n[^1]: Of one."


def test_list_that_nothing_refers_to_stays():
    html = '<section class="footnotes"><ol><li id="fn1">Loose</li></ol></section>'
    assert of_html(html) == "1. Loose"


def test_card_for_email_is_not_shown_and_named():
    found = text_of_post({"lexical": lexical({"type": "email", "html": "<p>Mail</p>"})})
    assert (found.parts, found.lost["email"]) == ([], 1)
    made = text_of_post({"html": "<p>x</p>", "mobiledoc": mobiledoc(cards=[["email-cta", {}]])})
    assert made.lost["email"]


def test_markdown_cards_stay_as_typed_with_notes_of_their_own():
    cards = [{"type": "markdown", "markdown": f"*{n}*[^1]\n\n[^1]: {n}"} for n in "ab"]
    made = markdown(lexical=lexical(cards[0], {"type": "hr"}, cards[1]))
    assert made == "*a*[^1]\n\n[^1]: a\n\n---\n\n*b*[^card2-1]\n\n[^card2-1]: b"


def test_lexical_words_marks_links_and_lists():
    link = {"type": "link", "url": "https://e.example/", "children": [words_node("L", 1)]}
    text = [words_node("a "), words_node("b ", 3), words_node("c", 16), {"type": "linebreak"}, link]
    inner = {
        "type": "list",
        "tag": "ol",
        "children": [{"type": "listitem", "children": [words_node("in")]}],
    }
    items = [
        {"type": "listitem", "children": [words_node("one")]},
        {"type": "listitem", "children": [inner]},
    ]
    made = markdown(
        lexical=lexical(
            {"type": "extended-heading", "tag": "h3", "children": [words_node("Head")]},
            {"type": "paragraph", "children": text},
            {"type": "list", "tag": "ul", "children": items},
            {"type": "aside", "children": [words_node("Aside")]},
            {"type": "codeblock", "code": "a < b", "language": "js", "caption": "C"},
        )
    )
    assert made == (
        "## Head\n\na ***b*** `c`  \n[**L**](https://e.example/)\n\n* one\n    1. in\n\n> Aside\n\n"
        "```js\na < b\n```\n\nC"
    )


def test_mobiledoc_words_marks_links_and_lists():
    made = markdown(
        mobiledoc=mobiledoc(
            [1, "h2", [[0, [], 0, "Head"]]],
            [1, "p", [[0, [0], 0, "a "], [0, [1], 1, "b"], [0, [], 1, " c"], [1, [], 0, 0]]],
            [3, "ul", [[[0, [], 0, "one"]], [[0, [2], 1, "two"]]]],
            markups=[["strong"], ["em"], ["a", ["href", "https://e.example/"]]],
            atoms=[["soft-return", "", {}]],
        )
    )
    assert made == "# Head\n\n**a *b* c**\n\n* one\n* [two](https://e.example/)"


def test_unknown_card_keeps_its_words_and_is_named():
    found = text_of_post({"lexical": lexical({"type": "poll", "question": "Which tea is it?"})})
    assert (found.unknown, found.parts[0][0]) == ({"poll"}, "<p>Which tea is it?</p>")


def test_headings_named_by_ghost_keep_addresses_that_would_be_others():
    assert of_html('<h2 id="a-heading">A heading</h2>') == "# A heading"
    assert of_html('<h2 id="aheading">A heading</h2>') == '# <a id="aheading"></a>A heading'


def test_links_to_sign_up_become_words():
    assert of_html('<p>or <a href="#/portal/signup">subscribe</a> now</p>') == "or subscribe now"
