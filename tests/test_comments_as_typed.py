"""Comments of people who never heard of Markdown show as typed, and marks work as they guess."""

import re
from html import unescape

import pytest
from inputs import every

from blog.markup import render_comment
from comments.models import Comment


def shown(html):
    return unescape(re.sub(r"<[^<>]*>", "", html))


@every(
    "text",
    [
        *("50*2 is 100, 3*4 is 12", "2**3 and 4**5", "f(*args, **kwargs)", "三*四是十二，五*六"),
        *(
            "^_^ and >_>",
            ">_< oh >:(",
            ">:( no",
            "(*'-'*) or (*_*)",
            "m(_ _)m m(_o_)m",
            "(´ω`) (´ω`)",
            "¯\\_(ツ)_/¯",
        ),
        *(
            "__init__ and __del__.py",
            "snake_case_ and _so",
            "don`t won`t",
            "the 80`s, y`all `cause",
        ),
        *("C:\\_files\\*x* and \\\\server\\_share", "C:\\Users\\_me_\\x", ".\\*", "a\\b"),
        *(
            "write &lt; and &copy; &#x41; \\&amp;",
            '<!-- x "y" --> <a href="x">its</a>',
            "<b>x</b>",
        ),
        *(
            "3) yes\n7) no",
            "7. no",
            "1986. What a year",
            "3. a\n3. b",
            "1. a\n3. b",
            "- Lou",
            "+ 1",
        ),
        *(
            "Loud\n====",
            "# Loud",
            "* * *",
            "- - - -",
            "x\n-- \nLou",
            "~~~ hello ~~~\nx",
            "~5 and ~6",
        ),
        *(">", "-", "```\n```", "[]()", "i-- --i x-->y", 'x = "a"; {"a": \'b\'} f("c")'),
        *("[^1]: x\n\na[^1]", "| a |\n|---|", "*[A]: b", "  \n:-* *", "file.py node.js e.g.this"),
    ],
)
def test_what_is_no_mark_shows_as_typed(text):
    html = render_comment(text)
    assert shown(html) == re.sub(r" *\n+", "\n", text).strip()
    assert not re.search("<(?!/?p|br)", html)


@every(
    ("text", "html"),
    [
        ("*a* **b** ***c***", "<em>a</em> <strong>b</strong> <em><strong>c</strong></em>"),
        ("_a b_, (*c d*) ~~e~~", "<em>a b</em>, (<em>c d</em>) <del>e</del>"),
        ("这是**重点**的", "这是<strong>重点</strong>的"),
        (
            "__a b__ **so *very* good**",
            "<strong>a b</strong> <strong>so <em>very</em> good</strong>",
        ),
        ("`a*b*`, `&&` s`x_y`", "<code>a*b*</code>, <code>&amp;&amp;</code> s<code>x_y</code>"),
        ("\\*a\\* \\`b\\` 2\\*3", "*a* `b` 2\\*3"),
    ],
)
def test_marks_work_as_people_guess(text, html):
    assert render_comment(text) == f"<p>{html}</p>"


def test_line_after_a_quoted_line_is_not_quoted():
    assert render_comment("> a\nb\n> c\n\nd").replace("\n", "") == (
        "<blockquote><p>a</p></blockquote><p>b</p><blockquote><p>c</p></blockquote><p>d</p>"
    )


def test_lists_need_no_blank_line_and_may_hold_lists():
    html = render_comment("Things:\n- a\n  - b\n- c\n\n7. x\n8. y").replace("\n", "")
    assert html == (
        "<p>Things:</p><ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"
        '<ol start="7"><li>x</li><li>y</li></ol>'
    )


@every(
    ("text", "address", "typed"),
    [
        ("[x](www.example.org/n)", "https://www.example.org/n", "x"),
        ("see www.example.org.", "https://www.example.org", "www.example.org"),
        ("Https://Example.org/x!", "https://Example.org/x", "Https://Example.org/x"),
        ("(example.com)", "https://example.com", "example.com"),
        ("github.com/a/_b_.", "https://github.com/a/_b", "github.com/a/_b"),
        ("看https://a.example/x。", "https://a.example/x", "https://a.example/x"),
        ("（https://b.example/y）和", "https://b.example/y", "https://b.example/y"),
        ("«https://a.example/»и", "https://a.example/", "https://a.example/"),
        ("https://пример.рф/путь…", "https://пример.рф/путь", "https://пример.рф/путь"),
        ("см. пример.рф/путь.", "https://пример.рф/путь", "пример.рф/путь"),
        ("сайт.рф—да", "https://сайт.рф", "сайт.рф"),
        ("看 例え.jp/x。", "https://例え.jp/x", "例え.jp/x"),
        ("看example.org/x", "https://example.org/x", "example.org/x"),
        ("(उदाहरण.भारत)", "https://उदाहरण.भारत", "उदाहरण.भारत"),
        ("مثال.مصر، نعم", "https://مثال.مصر", "مثال.مصر"),
        ("Straße.de/weg", "https://Straße.de/weg", "Straße.de/weg"),
        ("=www.a.example|x", "https://www.a.example", "www.a.example"),
        ("and/www.a.example_", "https://www.a.example", "www.a.example"),
        ("https://example.org是", "https://example.org", "https://example.org"),
        ("**https://a.example/x**", "https://a.example/x", "https://a.example/x"),
    ],
)
def test_addresses_are_links_in_any_script(text, address, typed):
    html = render_comment(text)
    assert f'<a href="{address}" rel="nofollow ugc noopener">{typed}</a>' in html
    assert html.count("<a ") == 1


NO_HOSTS = "конец.Начало", "да.рфы", "x@пример.рф", "उदाहरण.भारतीय", "münchen.de", "C:\\сайт.рф"


@every(
    "text",
    ["lou@example.com", "ftp://a.example.com/", "readme.md", "ASP.net", "xwww.a.b", *NO_HOSTS],
)
def test_what_is_no_address_is_not_linked(text):
    assert "<a" not in render_comment(text)


@pytest.mark.django_db
def test_preview_is_what_is_published(client, write):
    post = write()
    page = client.get(post.get_absolute_url()).text
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    body = "    if x:\r\n        y *z*\r\n\r\n50*2, 3*4 at www.example.org \u05e9 &lt;"
    given = {"body": body, "name": "Lou", "token": token}
    url = f"{post.get_absolute_url()}comments/"
    preview = client.post(url, {**given, "preview": "1"}).text
    typed = unescape(re.search(r'id="id_body".*?>\n(.*?)</textarea>', preview, re.DOTALL)[1])
    client.post(url, {**given, "body": typed})
    comment = Comment.objects.get()
    assert comment.body_html.startswith('<pre tabindex="0"><code>if x:\n    y *z*\n')
    assert comment.body_html in preview
    client.post(url, {**given, "body": "> "})
    assert Comment.objects.latest("pk").body_html == "<p>&gt;</p>"


CODE_AS_TYPED = """{
  "a": 1,
  'b': "x"
}"""


@every(
    ("text", "html"),
    [
        ("```Hallo\nx\n```", "<pre>Hallo\nx\n</pre>"),
        ("```python\nx\n```", "<pre>x\n</pre>"),
        ("```\na\nb```\nc", "<pre>a\nb\n</pre><p>c</p>"),
        ("a\n```", "<p>a<br>```</p>"),
        ("+ a\n+ b\n- c\n- d", "<p>+ a<br>+ b<br>- c<br>- d</p>"),
        ("100\n- 20\n- 30", "<p>100<br>- 20<br>- 30</p>"),
        ("A:\n- a\n- b\nB:\n- c\n- d", "<p>A:</p><ul>ab</ul><p>B:</p><ul>cd</ul>"),
        ("- a\n- b\nthat is all", "<ul>ab</ul><p>that is all</p>"),
        ("- a\nb\n- c", "<ul>a<br>bc</ul>"),
        (">5 years, >>= and\n>xD", "<p>&gt;5 years, &gt;&gt;= and<br>&gt;xD</p>"),
        ("> ^ <\n>w<", "<p>&gt; ^ &lt;<br>&gt;w&lt;</p>"),
        (
            ">I think\n>> so",
            "<blockquote><p>I think</p><blockquote><p>so</p></blockquote></blockquote>",
        ),
        (
            "  a\n    b   c.  D",
            "<p>&nbsp;&nbsp;a<br>&nbsp;&nbsp;&nbsp;&nbsp;b&nbsp;&nbsp; c.  D</p>",
        ),
        (".btn--x, b--c.txt f(...y) 1...5 a...b", "<p>.btn--x, b--c.txt f(...y) 1...5 a…b</p>"),
        (
            CODE_AS_TYPED,
            f"<p>{CODE_AS_TYPED}</p>".replace("\n", "<br>").replace("  ", "&nbsp;&nbsp;"),
        ),
        ('git commit -m "x"\na,"b"', '<p>git commit -m "x"<br>a,"b"</p>'),
        ('说"好"。l\'"école"', "<p>说“好”。l’“école”</p>"),
        ("_(:3」∠)_ a._b_.c", "<p>_(:3」∠)_ a._b_.c</p>"),
        (
            "**注意：**请看**「重要」**的",
            "<p><strong>注意：</strong>请看<strong>「重要」</strong>的</p>",
        ),
    ],
)
def test_what_strangers_type_is_what_they_see(text, html):
    shown = re.sub(r'</?code>|<li>|</li>\n?| tabindex="0"', "", render_comment(text))
    assert re.sub("(?<=>)\\n|\\n(?=<)", "", shown) == re.sub("\\n(?=<)", "", html)


def test_quotes_of_a_comment_are_those_of_the_site(settings):
    settings.LANGUAGE_CODE = "de"
    assert render_comment('"so" *x*') == "<p>„so“ <em>x</em></p>"
    assert render_comment('So, "so".') == "<p>So, „so“.</p>"
