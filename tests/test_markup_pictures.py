"""Pictures in an essay: their widths, rows of them, wide ones, and what loads at once."""

import re

from inputs import every

from blog.markup import absolute_links, plain_figures, preview_post, render_post
from blog.posts.desk.beside import beside
from comments.rendering.margin import ReaderNote, annotate
from comments.rendering.places import Selector

HASH = "0f" * 16
PHOTO, TALL = f"/media/{HASH}-2560x1707.jpg", f"/media/{HASH}-800x1200.png"
SMALL, MOVING = f"/media/{HASH}-300x200.jpg", f"/media/{HASH}-400x300.moving.webp"


def rendered(markdown):
    html = render_post(markdown)
    assert preview_post(markdown) == html
    return html.replace(HASH, "x")


def images(html):
    return re.findall("<img [^>]*>", html)


def test_picture_names_its_widths_and_links_to_the_whole():
    assert rendered(f'![A gull]({TALL} "By the sea")') == (
        '<figure><a href="/media/x-800x1200.png"><img alt="A gull" src="/media/x-800x1200.png" '
        'width="800" height="1200" decoding="async" srcset="/media/x-800x1200.png.360.webp 360w, '
        '/media/x-800x1200.png.720.webp 720w, /media/x-800x1200.png 800w" '
        'sizes="min(100vw - 3.05rem, 30.6rem + 12.6vw, 39.375rem)"></a>'
        "<figcaption>By the sea</figcaption></figure>"
    )


def test_small_picture_has_no_other_widths_and_no_link():
    assert rendered(f"![A gull]({SMALL})") == (
        '<figure><img alt="A gull" src="/media/x-300x200.jpg" width="300" height="200" '
        'decoding="async"></figure>'
    )


def test_link_of_the_author_stays():
    html = rendered(f"[![A gull]({PHOTO})](/sea/)")
    assert re.findall('href="(.*?)"', html) == ["/sea/"]
    assert " srcset=" in html


def test_picture_without_description_says_what_its_link_does():
    assert 'aria-label="Open this picture"' in rendered(f"![]({PHOTO})")


def test_width_of_the_author_says_the_height_and_what_to_load():
    (image,) = images(rendered(f'<img src="{PHOTO}" alt="" width="300">'))
    assert 'width="300" height="200"' in image
    assert 'sizes="min(100vw - 3.05rem, 300px)"' in image


def test_authors_own_widths_are_dropped():
    html = rendered(
        f'<picture><source srcset="//evil.example/x.png"><img src="{SMALL}" alt="" '
        'srcset="//evil.example/x.png 2x" sizes="1px"></picture>'
    )
    assert html.count("<img") == 1
    assert "srcset" not in html
    assert "picture" not in html


@every(
    ("markdown", "kind"),
    [
        (f"![A]({PHOTO}){{.wide}}", "wide"),
        (f"![A]({PHOTO}){{: .wide }}", "wide"),
        (f"[![A]({PHOTO}){{.wide}}](/x/)", "wide"),
        (f"[![A]({PHOTO})](/x/){{.wide}}", "wide"),
        (f"![A]({SMALL}){{.wide}}", None),
        (f"![A]({PHOTO}) ![B]({TALL}){{.wide}}", "group wide"),
        (f"![A]({PHOTO})\n![B]({TALL})\n![C]({SMALL})", "group"),
        (f"![A]({SMALL}) " * 4, "group"),
    ],
)
def test_marks_and_rows_make_kinds_of_figures(markdown, kind):
    html = rendered(markdown)
    assert ".wide" not in html
    assert html.startswith(f'<figure class="{kind}">' if kind else "<figure>")


def test_five_pictures_or_words_among_them_make_no_row():
    for markdown in (f"![A]({SMALL}) " * 5, f"![A]({SMALL}) and ![A]({SMALL})"):
        assert "<figure" not in rendered(markdown)
    assert "{.wide}</p>" in rendered(f"See ![A]({SMALL}){{.wide}}")


def test_row_has_one_height_and_one_caption():
    html = rendered(f'![A]({PHOTO}) ![B]({TALL} "Two.") ![C]({MOVING} "Three.")')
    sizes = [re.search('width="(.*?)" height="(.*?)"', image).groups() for image in images(html)]
    assert sizes == [("450", "300"), ("200", "300"), ("400", "300")]
    assert html.endswith("</div><figcaption>Two. Three.</figcaption></figure>")


def test_first_picture_near_the_top_is_not_lazy():
    both = f"![A]({SMALL})\n\n![B]({SMALL})"
    assert ['loading="lazy"' in image for image in images(rendered(both))] == [False, True]
    below = images(rendered("Word. " * 200 + f"\n\n{both}"))
    assert ['loading="lazy"' in image for image in below] == [True, True]


def test_moving_picture_has_a_still_one_for_less_motion():
    assert rendered(f"![A]({MOVING})") == (
        '<figure><picture><source srcset="/media/x-400x300.moving.webp.still.webp" '
        'media="(prefers-reduced-motion: reduce)"><img alt="A" src="/media/x-400x300.moving.webp" '
        'width="400" height="300" decoding="async"></picture></figure>'
    )


def test_feed_has_whole_addresses_and_other_systems_plain_pictures():
    html = render_post(f"![A]({PHOTO})\n\n![B]({MOVING})")
    feed = absolute_links(html, "https://blog.example/2026/x/")
    assert re.findall(r'[" ](/media/\S*)', feed) == []
    assert feed.count("https://blog.example/media/") == 8 + 2
    plain = plain_figures(html)
    assert not re.search("srcset|sizes|<a|picture|source", plain)
    assert plain.count("<figure><img ") == 2


def test_block_with_a_wide_picture_has_its_line():
    body = f"One.\n\n![A gull over water]({PHOTO}){{.wide}}\n\n![]({PHOTO})\n![]({PHOTO})\n\nEnd."
    assert beside(body, render_post(body), []).lines == [1, 3, 5, 8]


def test_readers_note_leaves_a_moving_picture_as_it_is():
    html = render_post(f"Of the sea.\n\n![A]({MOVING})")
    annotated = annotate(html, [ReaderNote(1, Selector("the sea"), "Lou", "Blue.", "/comments/1/")])
    assert annotated.endswith(html[html.index("<figure") :])
