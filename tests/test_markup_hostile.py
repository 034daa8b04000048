"""Text written to break out of the page, or to keep the server busy."""

import contextlib
import html as html_lib
import json
import re
import tarfile
import time
from html.parser import HTMLParser

import lxml.etree
import lxml.html
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inputs import every

from blog.markup import MarkupError, guards, render_comment, render_post
from blog.markup.gates import (
    COMMENT_RULES,
    POST_RULES,
    clean,
    first_gate,
    second_gate,
    without_unwanted,
)

RUN = "window.__ran=1"

# Ways to run a script or to ask another host that have worked somewhere, once.
HTML_VECTORS = [
    f"<script>{RUN}</script>",
    f"<SCRIPT SRC=https://evil.example/x.js></SCRIPT>{RUN}",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script/x>{RUN}</script>",
    f"<script\x0c>{RUN}</script>",
    f"<<script>{RUN};//<</script>",
    "<script src=//evil.example/x.js",
    f"<scr\x00ipt>{RUN}</scr\x00ipt>",
    f"<scr\u202eipt>{RUN}</scr\u202eipt>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x onerror='{RUN}'//>",
    f'<img """><script>{RUN}</script>">',
    f"<img src=`x`onerror={RUN}>",
    f'<img src="x` `<script>{RUN}</script>"` `>',
    f"<img/src=x/onerror={RUN}>",
    f"<img\tsrc=x\tonerror={RUN}>",
    f"<img src=x oNeRrOr={RUN}>",
    f"<img src=x:x onerror={RUN}>",
    f'<img src="https://evil.example/x.png" onload="{RUN}">',
    f'<img src="/x.png" srcset="https://evil.example/x.png 2x" alt="{RUN}">',
    '<img dynsrc="https://evil.example/x"><img lowsrc="https://evil.example/x">',
    f"<img src=javascript:{RUN}>",
    f'<img style="background:url(https://evil.example/x)" src=/a onmouseover="{RUN}">',
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><script>&#{ord('w')};indow.__ran=1</script></svg>",
    f'<svg><a xlink:href="javascript:{RUN}"><text x=20 y=20>x</text></a></svg>',
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><set attributeName=href to=javascript:{RUN} /><a id=x>x</a></svg>",
    f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject></svg>",
    '<svg><use href="https://evil.example/x.svg#x"/></svg>',
    '<svg><image href="https://evil.example/x.png"/></svg>',
    f"<svg><style><img src=x onerror={RUN}></style></svg>",
    f"<svg></p><style><a id='</style><img src=x onerror={RUN}>'>",
    f"<svg><title><img src=x onerror={RUN}></title></svg>",
    f"<svg><desc><noscript></desc><img src=x onerror={RUN}>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={RUN}&gt;'>",  # noqa: E501
    f"<math><mtext><table><mglyph><style><math><img src=x onerror={RUN}></style></table></mtext></math>",  # noqa: E501
    f"<math><mi><mglyph><svg><mtext><textarea><a title='</textarea><img src=x onerror={RUN}>'>",
    f"<math><annotation-xml encoding='text/html'><style><img src=x onerror={RUN}></style></annotation-xml></math>",  # noqa: E501
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={RUN}>",
    f"<math href='javascript:{RUN}'>x</math>",
    f"<math><maction actiontype='statusline#x' xlink:href='javascript:{RUN}'>x</maction></math>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<textarea><p title='</textarea><img src=x onerror={RUN}>'></textarea>",
    f"<title><p title='</title><img src=x onerror={RUN}>'></title>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'></xmp>",
    f"<noembed><p title='</noembed><img src=x onerror={RUN}>'></noembed>",
    f"<noframes><p title='</noframes><img src=x onerror={RUN}>'></noframes>",
    f"<iframe><p title='</iframe><img src=x onerror={RUN}>'></iframe>",
    f"<style><p title='</style><img src=x onerror={RUN}>'></style>",
    f"<template><p title='</template><img src=x onerror={RUN}>'></template>",
    f"<plaintext><img src=x onerror={RUN}>",
    f"<!--<img src='--><img src=x onerror={RUN}//'>-->",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<!-- --!><img src=x onerror={RUN}>",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f"<![CDATA[><img src=x onerror={RUN}>]]>",
    f"<?xml version='1.0'?><img src=x onerror={RUN}>",
    f"<?php <img src=x onerror={RUN}> ?>",
    f"<!DOCTYPE x [<!ENTITY y '<img src=x onerror={RUN}>'>]>&y;",
    f"<%<img src=x onerror={RUN}>%>",
    f"</p><img src=x onerror={RUN}>",
    f"</div></article></body><script>{RUN}</script>",
    f'<a href="javascript:{RUN}">x</a>',
    f'<a href="JaVaScRiPt:{RUN}">x</a>',
    f'<a href=" javascript:{RUN}">x</a>',
    f'<a href="\x01javascript:{RUN}">x</a>',
    f'<a href="java\tscript:{RUN}">x</a>',
    f'<a href="java\nscript:{RUN}">x</a>',
    f'<a href="java&#x09;script:{RUN}">x</a>',
    f'<a href="java&NewLine;script&colon;{RUN}">x</a>',
    f'<a href="java&#0;script:{RUN}">x</a>',
    f'<a href="java&#x202e;script:{RUN}">x</a>',
    f'<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;{RUN}">x</a>',
    f'<a href="&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;{RUN}">x</a>',
    '<a href="javascript:123">x</a>',
    '<a href="javascript:80/x">x</a>',
    f'<a href="javascript://%0a{RUN}">x</a>',
    f'<a href="vbscript:{RUN}">x</a>',
    f'<a href="livescript:{RUN}">x</a>',
    f'<a href="data:text/html,<script>{RUN}</script>">x</a>',
    f'<a href="data:text/html;base64,PHNjcmlwdD4=" onclick="{RUN}">x</a>',
    f'<a href="view-source:javascript:{RUN}">x</a>',
    f'<a href="feed:javascript:{RUN}">x</a>',
    f'<a href="blob:{RUN}">x</a>',
    f'<a href="file:///etc/passwd" ping="https://evil.example/">{RUN}</a>',
    f'<a href=# onclick="{RUN}">x</a>',
    f'<a href=# onfocus="{RUN}" autofocus tabindex=1>x</a>',
    f'<a href="#" style="animation:x" onanimationstart="{RUN}">x</a>',
    f'<a href="/x" target="_blank" download="{RUN}">x</a>',
    f'<p onmouseover="{RUN}">x</p>',
    f'<p/onmouseover="{RUN}">x</p>',
    f'<p contenteditable onblur="{RUN}" onpointerenter="{RUN}">x</p>',
    f'<details open ontoggle="{RUN}"><summary>x</summary></details>',
    f'<body onload="{RUN}">',
    f"<body background=https://evil.example/x onpageshow={RUN}>",
    f'<input autofocus onfocus="{RUN}">',
    f'<input type=image src=https://evil.example/x onerror="{RUN}">',
    f'<button formaction="javascript:{RUN}">x</button>',
    f'<form action="javascript:{RUN}"><input type=submit></form>',
    f'<form id=x></form><button form=x formaction="javascript:{RUN}">x</button>',
    f'<select autofocus onfocus="{RUN}"><option>x</select>',
    f'<textarea autofocus onfocus="{RUN}"></textarea>',
    f'<isindex action="javascript:{RUN}" type=image>',
    f'<keygen autofocus onfocus="{RUN}">',
    f'<marquee onstart="{RUN}">x</marquee>',
    f'<video src=x onerror="{RUN}"></video>',
    f'<video><source onerror="{RUN}"></video>',
    '<video poster="https://evil.example/x.png" src="javascript:1"></video>',
    f'<audio src=x onerror="{RUN}"></audio>',
    f'<iframe src="javascript:{RUN}"></iframe>',
    f'<iframe srcdoc="<script>parent.__ran=1</script>">{RUN}</iframe>',
    f'<iframe src="data:text/html,<script>{RUN}</script>"></iframe>',
    '<iframe src="https://evil.example/"></iframe>',
    '<iframe src="https://evil.example/&quot; onload=window.__ran=1 x=&quot;"></iframe>',
    f'<frameset onload="{RUN}"><frame src="https://evil.example/"></frameset>',
    f'<object data="javascript:{RUN}"></object>',
    '<object data="https://evil.example/x.swf" type="application/x-shockwave-flash"></object>',
    f'<embed src="javascript:{RUN}">',
    f'<applet code="https://evil.example/x" onerror="{RUN}"></applet>',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    f'<link rel=import href="https://evil.example/x" onload="{RUN}">',
    '<link rel=prefetch href="https://evil.example/x"><link rel=dns-prefetch href="//evil.example">',  # noqa: E501
    '<style>@import "https://evil.example/x.css";</style>',
    f"<style>*{{background:url(https://evil.example/x)}}</style>{RUN}",
    '<p style="background:url(https://evil.example/x)">x</p>',
    f'<p style="width:expression({RUN});behavior:url(https://evil.example/x)">x</p>',
    f'<p style="-moz-binding:url(https://evil.example/x#x)">{RUN}</p>',
    f'<meta http-equiv=refresh content="0;url=javascript:{RUN}">',
    '<meta http-equiv=refresh content="0;url=https://evil.example/">',
    '<base href="https://evil.example/"><a href="x">x</a><img src="x.png">',
    f"<base href=\"javascript:/a/-{RUN}//\"><a href='.'>x</a>",
    '<table background="https://evil.example/x"><td background="https://evil.example/x">x</table>',
    f"<table><td><script>{RUN}</script></td><caption><img src=x onerror={RUN}></table>",
    f'<q cite="javascript:{RUN}">x</q><blockquote cite="javascript:{RUN}">y</blockquote>',
    f'<bgsound src="javascript:{RUN}"><layer src="https://evil.example/x"></layer>',
    f'<portal src="https://evil.example/"></portal><x-y onclick="{RUN}">x</x-y>',
    f'<xss id=x tabindex=1 onfocus="{RUN}"></xss>',
    f'<dialog open onclose="{RUN}"><form method=dialog><button>x</button></form></dialog>',
    f'<div id="content" class="noted" role="alert" data-x="{RUN}" aria-live="assertive">x</div>',
    f'<aside role="doc-footnote" id="fn-1" onclick="{RUN}">x</aside>',
    f'<abbr title="\'"><img src=x onerror={RUN}>">x</abbr>',
    f'<abbr title="x" onmouseover="{RUN}">x</abbr>',
    f'<p title="</p><img src=x onerror={RUN}>">x</p>',
    f'<img src="/x.png" alt="<script>{RUN}</script>" title="<img src=x onerror={RUN}>">',
    f"<img src='/x.png' alt='\"><script>{RUN}</script>'>",
    f"&lt;script&gt;{RUN}&lt;/script&gt; &amp;lt;img src=x onerror={RUN}&amp;gt;",
    f"\ufeff<script>{RUN}</script>＜script＞{RUN}＜/script＞",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"\x1b$B<script>{RUN}</script>",
    f"<a href='https://a.example/?\"onmouseover={RUN}'>x</a>",
    f"<b><p><b><table><a href=x onclick={RUN}><a><td><svg onload={RUN}>",
]

MARKDOWN_VECTORS = [
    f"[x](javascript:{RUN})",
    f"[x](JAVASCRIPT:{RUN})",
    f"[x]( javascript:{RUN})",
    f"[x](<javascript:{RUN}>)",
    f"[x](<java script:{RUN}>)",
    f"[x](java&#x09;script:{RUN})",
    f"[x](&#106;avascript:{RUN})",
    f"[x](javascript&colon;{RUN})",
    f"[x](java\\script:{RUN})",
    f"[x](javascript\\:{RUN})",
    f"[x](\\javascript:{RUN})",
    f"[x](data:text/html;base64,{RUN})",
    f"[x](vbscript:{RUN})",
    "[x](javascript:123)",
    f"[x](//evil.example 'x\" onmouseover=\"{RUN}')",
    f'[x](https://a.example/ "\\" onmouseover=\\"{RUN}")',
    f'[x](https://a.example/"onmouseover="{RUN})',
    f"[x](https://a.example/'onmouseover='{RUN})",
    f"[x](https://a.example/><script>{RUN}</script>)",
    f"[<img src=x onerror={RUN}>](https://a.example/)",
    f"[x][1]\n\n[1]: javascript:{RUN}",
    f"[x][1]\n\n[1]: <javascript:{RUN}>",
    f"[x][1]\n\n[1]: https://a.example/ 'x\" onmouseover=\"{RUN}'",
    f"[javascript:{RUN}]\n\n[javascript:{RUN}]: javascript:{RUN}",
    f"<javascript:{RUN}>",
    f"<javascript://x/%0a{RUN}>",
    f"<data:text/html,{RUN}>",
    f'<https://a.example/"onmouseover="{RUN}>',
    f'<x"onmouseover="{RUN}@a.example>',
    f'https://a.example/"onmouseover="{RUN}',
    f"https://a.example/<script>{RUN}</script>",
    f"javascript:{RUN} www.a.example/'onclick='{RUN}",
    f"![x](javascript:{RUN})",
    f'![x](/x.png "a\\" onerror=\\"{RUN}")',
    f"![x](/x.png 'a\" onerror=\"{RUN}')",
    f'![x"onerror="{RUN}](/x.png)',
    f'![x](x"onerror="{RUN})',
    f"![<script>{RUN}</script>](/x.png)",
    "![x](https://evil.example/x.png)",
    "![x](//evil.example/x.png)",
    "![x](/\\evil.example/x.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=)",
    "![x][1]\n\n[1]: https://evil.example/x.png",
    f'```"onmouseover="{RUN}\nx\n```',
    f"```x'><script>{RUN}</script>\nx\n```",
    f'```python onclick="{RUN}"\nx\n```',
    f"``` {{.x onclick={RUN} #content}}\nx\n```",
    f"```html\n<script>{RUN}</script>\n```",
    f"`<script>{RUN}</script>` ``<img src=x onerror={RUN}>``",
    f"    <script>{RUN}</script>",
    f'x[^"onclick="{RUN}]\n\n[^"onclick="{RUN}]: y',
    f"x[^<script>{RUN}</script>]\n\n[^<script>{RUN}</script>]: <script>{RUN}</script>",
    f"x[^1]\n\n[^1]: [y](javascript:{RUN}) <img src=x onerror={RUN}>",
    f"| <script>{RUN}</script> | [x](javascript:{RUN}) |\n|---|---|\n| <img src=x onerror={RUN}> | y |",  # noqa: E501
    f'| a |\n|:-:"onclick="{RUN}|\n| b |',
    f'HTML\n\n*[HTML]: "onmouseover="{RUN}',
    f"HTML\n\n*[HTML]: <img src=x onerror={RUN}>",
    f"*[<script>]: x\n\n<script>{RUN}</script>",
    f'# x {{onclick="{RUN}"}}',
    f"# <script>{RUN}</script>",
    f'# x" onclick="{RUN}',
    f"Term\n: <img src=x onerror={RUN}>",
    f"> <script>\n> {RUN}\n> </script>",
    f"- <script>{RUN}</script>\n- <img src=x onerror={RUN}>",
    f"<scr*x*ipt>{RUN}</script>",
    f'<a href="`">`javascript:{RUN}`</a>',
    f"<p>**<img src=x onerror={RUN}>**</p>",
    f"\\<script>{RUN}\\</script>",
    f"\x02wzxhzdk:0\x03<script>{RUN}</script>",
    "\x02klzzwxh:0000\x03 \x0260\x03script\x0262\x03",
    f"x\n<div markdown='1'>\n<script>{RUN}</script>\n</div>",
    f"<!-- \n\n<img src=x onerror={RUN}> -->",
    f"[x](<https://a.example/\n\n<script>{RUN}</script>>)",
]
VECTORS = HTML_VECTORS + MARKDOWN_VECTORS

RENDERERS = pytest.mark.parametrize(
    ("render", "rules"),
    [(render_post, POST_RULES), (render_comment, COMMENT_RULES)],
    ids=["post", "comment"],
)


class Tags(HTMLParser):
    """Every tag and attribute, as a parser that is none of the cleaners' reads them."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def check_tags(html, rules, *, images=False):
    """Assert that the HTML holds the tags and attributes the rules name, and nothing else."""
    parser = Tags()
    parser.feed(html)
    tree = lxml.html.fragment_fromstring(html, create_parent="div")
    read_twice = [(str(e.tag), dict(e.attrib)) for e in tree.iter() if e is not tree]
    for tag, attributes in parser.found + read_twice:
        assert tag in rules.tags, html
        allowed = rules.attributes.get(tag, frozenset()) | rules.attributes.get("*", frozenset())
        assert set(attributes) <= allowed, html
        for name in ("href", "src"):
            address = re.sub(r"[\x00-\x20]", "", attributes.get(name) or "")
            scheme = re.match(r"([^/?#\\]*?):", address)
            assert scheme is None or scheme[1].lower() in ("http", "https", "mailto"), html
        if tag == "img" and images:
            assert not re.match(r"\s*([a-z]+:|[/\\]{2})", attributes["src"], re.IGNORECASE), html


def check(html, rules):
    """The same for a whole rendering: also no foreign image, no unwanted sign, nothing undone."""
    check_tags(html, rules, images=True)
    assert not re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html
    )
    assert clean(html, rules).strip() == html, "cleaning it again changed it"


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


def sanitizer_cases(shared):
    """Yield the HTML inside the feeds that feedparser's sanitiser is tested with."""
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
                        yield member.name, text
                        yield member.name, html_lib.unescape(text)


@RENDERERS
def test_other_sanitizers_cases_leave_only_allowed_markup(shared, render, rules):
    names = set()
    for name, text in sanitizer_cases(shared):
        names.add(name)
        check(render(text), rules)
    assert len(names) > 300


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_browser_runs_and_requests_nothing(shared, browser, settings):
    """All of it on pages without any Content-Security-Policy, moved over, pressed and focused."""
    settings.SITE_URL = "https://blog.example"
    attacks = VECTORS + [text for _name, text in sanitizer_cases(shared)]
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
    for render in (render_post, render_comment):
        requests.clear()
        rendered = "\n<hr>\n".join(render(text) for text in attacks)
        body = f"<!doctype html><title>Hostile</title><article>{rendered}</article>"
        page.goto("https://blog.example/page")
        assert page.locator("article hr").count() >= len(attacks) - 1  # no text closed it
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
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
def test_any_text_is_rendered_safely_or_refused(pieces, render, rules):
    try:
        html = render("".join(pieces))
    except MarkupError:
        return
    check(html, rules)


# Slow texts

UNITS = [
    *"[>*_`!(<&#-|~\\:\"'.+=@{ \t\n",
    *("1. ", "1.\n", "1. a\n", "- a\n", "* a\n", "# a\n", "#\n", "a\n", "a\n\n", "a\n===\n"),
    *("[a](", "[a](b) ", "[a][b]", "[x][y]", "[a]: b\n", "![", "![](", "![x](http://o/x.png)"),
    *("[^1]", "[^1]: x\n", "[^1]: x\n\n", "[^", "**a", "**a ", "*a", "*a*", "a*b*", "***a", "*_a"),
    *("_a", "_a_b_", "__a__", "~~a", "~~", "`a", "``a`", "a`", "```\n", "~~~\n", "``` a\n"),
    *('<a href="', "<a ", "<x a=", "<x a='", "<div>", "<div>\n", "</div>", "<b>", "<p>", "<br>"),
    *("<table>", "<table><tr><td>", "<ul><li>", "<svg>", "<math>", "<textarea>", "<script>"),
    *(
        "<!--",
        "<![CDATA[",
        "<?",
        "<!",
        "</",
        "&amp;",
        "&#",
        "&#x41;",
        "&lt;",
        "<a@b>",
        "<http://a>",
    ),
    *(
        "http://",
        "https://a.b ",
        "https://a.b/(",
        "www.a ",
        "a@b ",
        "|a",
        "\n|",
        "|\n",
        "\n: ",
        "a\n: b\n",
    ),
    *(
        "> a\n",
        "> a\n\n",
        "\n>",
        "> * ",
        "* * ",
        "1. > ",
        "\\*",
        "\\[",
        "[\\]",
        "[^1]\\*[\\]",
        "\\+",
        "--a",
        "...",
    ),
    *(
        '"a" ',
        "'a' ",
        "('",
        "'s ",
        "*[a]: b\n",
        "  \n",
        "---\n",
        "***\n",
        "\u2028",
        "\x00",
        "é",
        "𝒳",
    ),
]


def repeated(unit, length):
    return (unit * (length // len(unit) + 1))[:length]


SHAPES = {
    "a rule of bars that is none": "a|b\n" + "|" * 20_000 + "!",
    "nested lists": "".join(" " * 4 * level + "* a\n" for level in range(200)),
    "nested loose lists": "".join(" " * 4 * level + "* a\n\n" for level in range(200)),
    "nested quotes": "> " * 50_000 + "a",
    "ever deeper quotes": "\n".join("> " * level + "a" for level in range(400)),
    "nested notes": "".join("    " * level + f"[^{level}]: x\n\n" for level in range(400)),
    "brackets in brackets": "[" * 50_000 + "a" + "]" * 50_000,
    "stars around a letter": "*" * 50_000 + "a" + "*" * 50_000,
    "a link without end": "[a](" + "(" * 50_000 + ")" * 50_000,
    "a wide table": "|a" * 25_000 + "|\n" + "|-" * 25_000 + "|\n|a|",
    "a wide table of short rows": "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "|a\n" * 30_000,
    "a long table": "|a|b|\n|-|-|\n" + "|a|b|\n" * 16_000,
    "many link definitions": "".join(f"[r{n}]: /u\n" for n in range(8000)) + "[r1] " * 3000,
    "many notes": "".join(f"a[^{n}] " for n in range(4000))
    + "\n\n"
    + "".join(f"[^{n}]: x\n" for n in range(6000)),
    "notes in notes": "".join(f"[^{n}]: x[^{n + 1}]\n" for n in range(6000)) + "\n\na[^0]",
    "many abbreviations": "".join(f"*[a{n}]: t\n" for n in range(5000)) + "a1 " * 10_000,
    "attributes": "<a " + "b=c " * 25_000 + ">",
    "unclosed tags far apart": ("word " * 20 + "<a b=c\n\n") * 900,
    "a megabyte without a break": "a" * 1_000_000,
    "a megabyte of words": "word and " * 111_112,
    "code of quotes": "```python\n" + '"' * 100_000 + "\n```",
    "code of brackets": "```html\n" + "<" * 9_000 + "\n```",
    "code of Perl": "```perl\n" + "<" * 9_000 + "\n```",
    "code of numbers": "```python\n" + "1 a " * 2_400 + "\n```",
    "many listings": "```python\nx = 1\n```\n" * 5_000,
    "equal headings": "## same\n\n" * 10_000,
    "nested tags": "<div>" * 5_000 + "a" + "</div>" * 5_000,
    "formatting across blocks": "<b><i>" * 100 + "<p>" * 20_000,
}
SLOW = [(repr(unit), unit) for unit in UNITS] + list(SHAPES.items())


@RENDERERS
@every(("name", "text"), SLOW)
def test_slow_text_is_rendered_or_refused_quickly(name, text, render, rules):
    """The rule is 0.1 s of processor time; the test leaves room for a busy machine."""
    longest = 100_000 if render is render_post else 65_535
    if name not in SHAPES:
        text = repeated(text, longest)
    render("A first text, since the first one loads what the others share.")
    took = []
    while len(took) < 3 and min(took, default=1) >= 0.25:
        getattr(render, "cache_clear", dict)()  # the last comment rendered is remembered
        start = time.process_time()
        with contextlib.suppress(MarkupError):
            render(text)
        took.append(time.process_time() - start)
    assert min(took) < 0.25


@RENDERERS
@every("unit", ["<div>", "<b><i>", "<ul><li>", "> - ", "*a _b ", "[[", "(["])
def test_deep_texts_never_exhaust_the_stack(unit, render, rules):
    for count in (10, 100, 300, 900, 3000):
        try:
            check(render(unit * count + "x"), rules)
        except MarkupError:
            return


@RENDERERS
def test_text_missed_by_the_guards_is_refused(render, rules, monkeypatch):
    monkeypatch.setattr(guards, "check", lambda *_args, **_options: None)
    with pytest.raises(MarkupError, match="nests too deep"):
        render("- " * 1000 + "a")


@every(
    ("text", "advice"),
    [
        ("> " * 21 + "a", "Quotes nest more than 20 deep here. Take some of the > marks away."),
        ("- " * 21 + "a", "Lists nest more than 20 deep here. Move some of them out."),
        ("*a" * 50_000, "There are too many marks in this"),
    ],
)
def test_a_refusal_says_what_to_do(text, advice):
    with pytest.raises(MarkupError, match=re.escape(advice)):
        render_comment(text[:65_000])


def test_twenty_levels_of_quotes_are_fine():
    assert render_comment("> " * 20 + "a").count("<blockquote>") == 20


@RENDERERS
def test_no_real_export_is_refused(shared, render, rules):
    for path in sorted((shared / "data/wxr").glob("*.xml")):
        parser = lxml.etree.XMLParser(recover=True, resolve_entities=False)
        for body in lxml.etree.parse(str(path), parser).iter("{*}encoded"):
            check(render(body.text or ""), rules)


@RENDERERS
def test_commonmark_examples_keep_the_rules(shared, render, rules):
    path = shared / "data/markdown/commonmark-spec-examples.json"
    for example in json.loads(path.read_text()):
        check(render(example["markdown"]), rules)
