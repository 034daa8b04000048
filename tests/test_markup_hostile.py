"""Text written to break out of the page, or to run a script in it."""

import html as html_lib
import itertools
import re
import tarfile
from functools import cache

import lxml.etree
import lxml.html
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inputs import every
from markup_attacks import HTML_VECTORS, RENDERERS, RUN, VECTORS, check, check_tags
from trials import in_full, some_of

from blog.markup import MarkupError, render_comment, render_post
from blog.markup.gates import (
    COMMENT_RULES,
    POST_RULES,
    clean,
    first_gate,
    second_gate,
    without_unwanted,
)


@RENDERERS
@every("text", VECTORS)
def test_known_attack_leaves_only_allowed_markup(text, render, rules):
    check(render(text), rules)


@pytest.mark.parametrize("gate", [first_gate, second_gate])
@pytest.mark.parametrize("rules", [POST_RULES, COMMENT_RULES], ids=["post", "comment"])
def test_each_gate_alone_stops_every_known_attack(gate, rules):
    """Neither leans on the other, nor on the steps before, so that one may fail some day."""
    for text in HTML_VECTORS:
        check_tags(without_unwanted(gate(without_unwanted(text), rules)), rules)


@every("gate", [first_gate, second_gate, clean])
@every(
    "forged",
    [
        '<p class="noted">',
        '<div class="noted login">',
        '<span class="k admin">',
        '<code class="language-x evil">',
        '<p id="a b">',
        '<p id="&lt;x&gt;">',
        '<div role="alert">',
        '<div tabindex="1">',
        '<img src="/x" loading="eager">',
        '<td colspan="1e9">',
        '<a href="javascript:80/x">',
    ],
)
def test_values_nobody_of_us_writes_are_dropped(gate, forged):
    html = gate(f"<table><tr>{forged}x", POST_RULES)
    name = re.search(r" ([a-z]+)=\"[^\"]*\">$", forged)[1]
    assert f" {name}=" not in html


def test_text_is_cleaned_again_after_removing_characters():
    html = clean('<a href="java&#x202e;script:x" id="a&#x2066;b">x</a>', POST_RULES)
    assert html == "<a>x</a>"


def test_leading_line_breaks_in_pre_are_kept():
    check(render_post("<pre>" + "\n" * 9 + "a</pre>"), POST_RULES)


@cache
def sanitizer_cases(shared):
    """Return the HTML inside the feeds that feedparser's sanitiser is tested with, each once."""
    seen, cases = set(), []
    archive = shared / "data/feeds/feedparser-sanitize-half.tar.gz"
    with tarfile.open(archive) as files:
        for member in files:
            if member.isfile() and member.name.endswith(".xml"):
                source = files.extractfile(member).read()
                parser = lxml.etree.XMLParser(recover=True, resolve_entities=False)
                for element in lxml.etree.fromstring(source, parser).iter(lxml.etree.Element):
                    text = element.text or ""
                    if element.get("mode") == "base64" or not text.strip():
                        text = "".join(
                            lxml.etree.tostring(child, encoding="unicode") for child in element
                        )
                    if "<" in text or "&" in text or ":" in text:
                        for case in {text, html_lib.unescape(text)} - seen:
                            seen.add(case)
                            cases.append((member.name, case))
    return cases


@pytest.mark.long
@RENDERERS
def test_other_sanitizers_cases_leave_only_allowed_markup(shared, render, rules):
    cases = sanitizer_cases(shared)
    assert len({name for name, _text in cases}) > 300
    for _name, text in some_of(cases, 10):
        check(render(text), rules)


def batched(attacks, size=100):
    """Return them for several pages: on one, each that takes the focus has all laid out again."""
    return [attacks[at : at + size] for at in range(0, len(attacks), size)]


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_browser_runs_and_requests_nothing(shared, browser, settings):
    """All of it on pages without any Content-Security-Policy, moved over, pressed and focused."""
    settings.SITE_URL = "https://blog.example"
    attacks = some_of(VECTORS + [text for _name, text in sanitizer_cases(shared)], 8)
    context = browser.new_context()
    requests, dialogs = [], []

    def answer(route):
        requests.append(route.request.url)
        if route.request.url == "https://blog.example/page":
            route.fulfill(content_type="text/html; charset=utf-8", body=body)
        else:
            route.fulfill(status=404, body="")

    context.route("**/*", answer)
    page = context.new_page()
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for render, some in itertools.product((render_post, render_comment), batched(attacks)):
        requests.clear()
        rendered = "\n<hr>\n".join(render(text) for text in some)
        body = f"<!doctype html><title>Hostile</title><article>{rendered}</article>"
        page.goto("https://blog.example/page")
        assert page.locator("article hr").count() >= len(some) - 1  # no text closed it
        page.evaluate(
            """() => {
                document.addEventListener("click", event => event.preventDefault(), true);
                for (const element of document.querySelectorAll("article *")) {
                    for (const name of ["mouseover", "mouseenter", "pointerenter", "focus", "blur",
                                        "load", "error", "toggle", "animationstart"]) {
                        element.dispatchEvent(new Event(name, {bubbles: true}));
                    }
                    element.focus?.();
                    element.click?.();
                }
            }"""
        )
        links = page.evaluate("[...document.links].map(link => link.protocol)")
        assert set(links) <= {"http:", "https:", "mailto:"}
        assert page.evaluate("window.__ran") is None
        assert page.url == "https://blog.example/page"
        foreign = [url for url in requests if not url.startswith("https://blog.example/")]
        assert foreign == []
        if render is render_comment:
            assert requests == ["https://blog.example/page"]
    assert dialogs == []
    context.close()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_browser_would_notice(browser):
    """The same page with one attack left as it was: without this the test above proves nothing."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content(f"<article><img src=x onerror={RUN}></article>")
    page.wait_for_function("window.__ran === 1")
    context.close()


# Anything at all

SIGNS = st.text(
    st.sampled_from("[]()<>*_`~!|\\\"'&#-+=:^.1a \n\t/{}@;\x00\x02\x03\u202e\u2028é𝒳")
    | st.characters(),
    max_size=60,
)
PIECES = st.lists(st.sampled_from([*VECTORS, "\n\n", "    ", "> ", "- ", "1. ", "|", "`"]) | SIGNS)


@RENDERERS
@given(pieces=PIECES)
@settings(deadline=None, max_examples=in_full(150, 50), suppress_health_check=list(HealthCheck))
def test_any_text_is_rendered_safely_or_refused(pieces, render, rules):
    try:
        html = render("".join(pieces))
    except MarkupError:
        return
    check(html, rules)
