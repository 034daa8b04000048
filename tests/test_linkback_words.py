"""What is shown of a page that links here: title, author, words around the link, kind and time."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import every
from quick import within

from comments.linkbacks.protocols import microformats, pages
from comments.linkbacks.protocols.source import (
    MAX_EXCERPT,
    Mention,
    NotRead,
    around,
    cut,
    read_source,
)

PAGE = "https://elsewhere.example/notes/1"
TARGET = "https://blog.example/essays/on-margins/"
LINK = f'<a href="{TARGET}">on margins</a>'
WORDS = "word " * 200


def _read(html, content_type="text/html"):
    found = read_source(html, content_type, PAGE, TARGET)
    assert found is not None
    return found


def _entry(inside, around="{}"):
    return _read(around.replace("{}", f'<article class="h-entry">{inside}</article>'))


# A page without microformats


@every(
    "head",
    [
        "<title>On\nnotes</title><meta property='og:title' content='x'><h1>x</h1>",
        "<title> </title><meta property='og:title' content='On notes'><h1>x</h1>",
        "<svg><title>x</title></svg><h1>On <em>notes</em></h1><h1>x</h1>",
    ],
)
def test_the_title_is_the_first_a_page_has(head):
    assert _read(head + LINK).title == "On notes"


@every(
    "head",
    [
        "<meta name='Author' content='Lou Barba'>",
        "<a rel='author' href='/'>Lou Barba</a>",
        "<a rel=author><img alt='x'>Lou<br>Barba</a>",
    ],
)
def test_the_author_is_the_one_a_page_names(head):
    assert _read(head + LINK).author == "Lou Barba"


def test_an_authors_address_is_absolute():
    assert _read(f"<a rel=author href=/lou>Lou</a>{LINK}").author_url == (
        "https://elsewhere.example/lou"
    )
    assert _read(f"<a rel=author href='javascript:1'>Lou</a>{LINK}").author_url is None


def test_the_excerpt_is_the_block_around_the_link():
    html = f"<p>Before.</p><p>I read\n<em>what</em> she says {LINK}, twice.</p><p>After.</p>"
    assert _read(html).excerpt == "I read what she says on margins, twice."


def test_blocks_in_the_excerpt_are_apart():
    assert _read(f"<div>One<p>two</p>three<br>{LINK}<ul><li>a<li>b</ul></div>").excerpt == (
        "One two three on margins a b"
    )


def test_abuse_shown_excerpt_is_cut_around_the_link():
    excerpt = _read(f"<p>{WORDS}{LINK} {WORDS}</p>").excerpt
    assert 250 < len(excerpt) <= MAX_EXCERPT
    assert excerpt.startswith("…word ")
    assert " on margins " in excerpt
    assert excerpt.endswith(" word…")


@pytest.mark.parametrize("html", [f"<p>Short {LINK} {WORDS}</p>", f"<p>{WORDS} {LINK} short</p>"])
def test_excerpt_uses_the_spare_room_of_either_side(html):
    excerpt = _read(html).excerpt
    assert 270 < len(excerpt) <= MAX_EXCERPT
    assert excerpt.count("…") == 1


def test_a_long_link_is_cut_too():
    excerpt = _read(f"<p>{WORDS}<a href='{TARGET}'>{'margin ' * 200}</a>{WORDS}</p>").excerpt
    assert len(excerpt) <= MAX_EXCERPT
    assert excerpt.count("margin ") > 20
    assert excerpt.count("word") > 4


def test_hidden_words_are_not_shown():
    unseen = (
        "<script>1</script><style>2</style><template>3</template><noscript>4</noscript>"
        "<textarea>5</textarea><b hidden>6</b><b style='color:red;display:none'>7<i>8</i></b>"
        "<!-- 9 --><select><option>0</select><svg><text>1</text></svg>"
    )
    assert _read(f"<p>I {unseen}read {LINK}.</p>").excerpt == "I read on margins."
    assert _read(f"<div hidden><p>I read {LINK}.</p></div>").excerpt == ""


def test_a_link_in_the_head_has_no_words():
    assert _read(f"<head><link rel=x href='{TARGET}'></head><p>Words").excerpt == ""


def test_the_link_with_words_is_shown_of_several():
    html = f"<link href='{TARGET}'><p><a href='{TARGET}'><img></a> One.<p>Two: {LINK}."
    assert _read(html).excerpt == "Two: on margins."


def test_abuse_shown_control_characters_are_left_out():
    text = "a\u202eb\u2066c\x00d\x0be\x9ff&#x202e;g" + "\u0301" * 500
    found = _read(f"<title>{text}</title><meta name=author content='{text}'><p>{text} {LINK}")
    for words in (found.title, found.author, found.excerpt):
        assert not set(words) & set("\u202e\u2066\x00\x0b\x9f")
        assert len(words) < 60


def test_abuse_shown_markup_in_words_is_text():
    assert _read(f"<title>&lt;b&gt;</title><p>&lt;i&gt; {LINK}").title == "<b>"


def test_abuse_shown_title_and_author_are_cut_at_words():
    found = _read(f"<title>{WORDS}</title><meta name=author content='{WORDS}'>{LINK}")
    assert found.title == "word " * 39 + "word…"
    assert found.author == "word " * 19 + "word…"


def test_the_time_is_the_one_in_the_head():
    head = "<meta property='article:published_time' content='2024-05-01T10:00:00+02:00'>"
    assert _read(head + LINK).published == datetime(2024, 5, 1, 8, tzinfo=UTC)


def test_plain_text_shows_the_words_around_the_address():
    found = _read(f"I read {TARGET}, twice.\nThen I slept.", "text/plain")
    assert found.excerpt == f"I read {TARGET}, twice. Then I slept."


# microformats2: h-entry


def test_an_entry_says_who_what_and_when():
    found = _entry(
        f"""<h1 class="p-name">On notes</h1>
        <a class="p-author h-card" href="/lou">Lou Barba</a>
        <time class="dt-published" datetime="2024-05-01T10:00:00+0200">May</time>
        <div class="e-content"><p>First.</p><p>I read {LINK}.</p></div>""",
        around="<title>Site</title><meta name=author content=Site>{}",
    )
    assert found == Mention(
        title="On notes",
        author="Lou Barba",
        author_url="https://elsewhere.example/lou",
        excerpt="I read on margins.",
        kind="mention",
        published=datetime(2024, 5, 1, 8, tzinfo=UTC),
        links=(TARGET,),
    )


@every(
    "author",
    [
        "<p class='p-author h-card'><b class=p-name>Lou</b> <a class=u-url href=/lou>site</a></p>",
        "<a class='p-author h-card' href=/lou><img alt=Lou></a>",
        "<span class='author vcard'><a class='url fn' href=/lou>Lou</a></span>",
        "<a class=p-author href=/lou>Lou</a>",
    ],
)
def test_an_author_is_written_in_several_ways(author):
    found = _entry(author + LINK)
    assert (found.author, found.author_url) == ("Lou", "https://elsewhere.example/lou")


@every(
    ("name", "kind"),
    [
        ("u-in-reply-to", "reply"),
        ("u-like-of", "like"),
        ("u-repost-of", "repost"),
        ("u-bookmark-of", "bookmark"),
        ("u-url", "mention"),
    ],
)
def test_class_of_a_link_gives_the_mention_type(name, kind):
    assert _entry(f"<a class='x {name}' href='{TARGET}'></a>").kind == kind
    assert _entry(f"<p class='h-cite {name}'><a class=u-url href='{TARGET}'>x</a></p>").kind == kind


def test_reply_shows_its_content_without_the_quoted_title():
    found = _entry(f"<p class=u-in-reply-to>In reply to {LINK}</p><p class=e-content>I agree.</p>")
    assert found.excerpt == "I agree."


def test_a_reply_may_link_from_within_what_it_says():
    link = LINK.replace("<a", "<a class=u-in-reply-to")
    assert _entry(f"<div class=e-content><p>To {link}: yes.</p></div>").excerpt == (
        "To on margins: yes."
    )


def test_like_shows_only_its_link_text():
    assert (
        _entry(f"<b>Liked</b> {LINK.replace('<a', '<a class=u-like-of')}").excerpt == "on margins"
    )


def test_note_without_title_uses_the_page_title():
    note = f"<p class='p-name e-content'>I read {LINK}.</p>"
    assert _entry(note, around="<title>Notes</title>{}").title == "Notes"


def test_entry_with_the_link_is_used():
    other = "<article class=h-entry><b class=p-name>Other</b><b class=p-author>Ann</b></article>"
    entry = f"<article class=h-entry><b class=p-name>Mine</b><b class=p-author>Lou</b>{LINK}{other}"
    found = _read(f"{other}{entry}</article>{other}")
    assert (found.title, found.author) == ("Mine", "Lou")


@every("text", ["", "May", "9999-99-99", "0001-01-01T00:00:00+23:59", "\ud800"])
def test_invalid_time_is_ignored(text):
    assert microformats.time_in(text) is None


def test_a_time_without_a_zone_is_taken_as_utc():
    for text in (" 2024-05-01 10:00 ", "2024-05-01 12:00 +0200", "2024-05-01T10:00 Z"):
        assert microformats.time_in(text) == datetime(2024, 5, 1, 10, tzinfo=UTC)


SHOWN = {
    "alternate-url": ("", "Source Author", "reply", "Thanks for the"),
    "bookmark-of": ("Bookmarked this", "Source Author", "bookmark", "a great post"),
    "in-reply-to": ("", "Source Author", "reply", "Thanks for the"),
    "like-of-no-photo": ("Liked this", "Source Author", "like", ""),
    "like-plain-url": ("Liked this", "", "like", ""),
    "link-to-target-with-slash": ("", "Source Author", "reply", "Thanks for the"),
    "no-explicit-url": ("", "Source Author", "mention", "Thanks for the"),
    "one-syndication": ("", "Source Author", "reply", "Thanks for the"),
    "two-syndications": ("", "Source Author", "reply", "Thanks for the"),
}
ELSEWHERE = {
    "like-plain-url": "http://target.example.com/like-plain-url",
    "link-to-target-with-slash": "http://example.com",
}


@every("name", SHOWN)
def test_pages_others_test_with_are_read(shared, name):
    html = (shared / f"data/linkback/source-pages/{name}.html").read_text()
    target = ELSEWHERE.get(name, "http://target.example.com/entry")
    found = read_source(html, "text/html", f"http://source.example.org/{name}", target)
    title, author, kind, excerpt = SHOWN[name]
    assert (found.title, found.author, found.kind) == (title, author, kind)
    assert found.excerpt[: len(excerpt) or 1] == excerpt
    assert found.published.year == 2015


# Bounds

HOSTILE = {
    "nesting": "<div>" * 10_000,
    "nesting entries": "<div class='h-entry p-name p-author h-card u-in-reply-to'>" * 10_000,
    "a mebibyte of tags": "<p><b>x</b></p>" * 70_000,
    "attributes": "<a " + " ".join(f"a{number}=1" for number in range(58_000)) + ">",
    "closing at depth": "<div>" * 32_000 + "</p>" * 64_000,
    "own links": "".join(f"<a href=//blog.example/{number}>" for number in range(20_000)),
    "real links": LINK * 10_000,
    "classes": f"<div class='{' '.join(f'h-{number}' for number in range(60_000))}'>",
    "words": "<p>" + "word " * 100_000,
    "marks": "<p>" + "\u0301" * 200_000,
    "nulls": "\0" * 500_000,
}


@every("name", HOSTILE)
def test_fetch_parser_a_hostile_page_costs_little(name):
    within(0.3, read_source, LINK + HOSTILE[name] + LINK, "text/html", PAGE, TARGET)


def test_fetch_parser_reads_up_to_its_limits():
    for hostile in ("<div>" * 1000, "<b></b>" * 40_000, "x" * pages.MAX_CHARACTERS):
        html = f"<h1>T</h1><p>I read {LINK}.</p>{hostile}"
        assert _read(html).excerpt == "I read on margins."
        with pytest.raises(NotRead):
            read_source(hostile + LINK, "text/html", PAGE, TARGET)


@given(st.text(st.characters(), max_size=100), st.integers(2, 80))
def test_abuse_shown_text_is_cut_at_its_end(text, limit):
    found = cut(text, limit)
    assert len(found) <= limit
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))


@given(*[st.text("ab c\n\u0301…", max_size=600)] * 3)
def test_abuse_shown_words_around_a_link_fit(before, link, after):
    assert len(around(before, link, after)) <= MAX_EXCERPT
