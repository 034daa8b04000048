"""Known attacks by HTML and Markdown, and the check that nothing of them is left."""

import re
from html.parser import HTMLParser

import lxml.etree
import lxml.html
import pytest

from blog.markup import render_comment, render_post
from blog.markup.gates import (
    COMMENT_RULES,
    POST_RULES,
    clean,
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
    """Every tag and attribute, as read by a parser that the cleaners do not use."""

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
