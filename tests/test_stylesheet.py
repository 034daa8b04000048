"""The readers' stylesheet: joined from a file for each component, and minified."""

import pytest
from django.contrib.staticfiles import finders

from blog.web.stylesheet import joined, minify, source_of, stylesheet

# Each rule as Chromium understood it; it keeps the white space of custom properties.
RULES = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return [...sheet.cssRules].map(rule => rule.cssText.replace(/([:,]) /g, "$1"));
}"""


@pytest.mark.parametrize(
    ("css", "short"),
    [
        ("a { b: c; }\n\nd , e { f: g }\n", "a{b:c}d,e{f:g}"),
        ("/* { */ a { /* ; */ b: c; /* } */ } /**/", "a{b:c}"),
        ('a { b: \'/* ; */  x\'; c: "  { \\" : } " }', 'a{b:\'/* ; */  x\';c:"  { \\" : } "}'),
        ("a { b: url(data:x;y,  /*z) }", "a{b:url(data:x;y,  /*z)}"),
        ("a { b: calc(1px + 2px  -  3px) }", "a{b:calc(1px + 2px - 3px)}"),
        (".a :is(b, c) > d:hover .e { }", ".a :is(b,c)>d:hover .e{}"),
        (
            "@media (width >= 58rem) and print { a { b: c } }",
            "@media (width >= 58rem) and print{a{b:c}}",
        ),
        ("a { --b: ; --c: d }", "a{--b:;--c:d}"),
    ],
)
def test_minifying_changes_no_meaning(css, short):
    assert minify(css) == short


@pytest.mark.browser
def test_chromium_reads_the_same_rules_minified(browser):
    page = browser.new_page()
    assert page.evaluate(RULES, joined()) == page.evaluate(RULES, stylesheet())
    page.close()


def test_every_component_is_joined(settings):
    folder = settings.BASE_DIR / "static" / "css"
    apart = {"site.css", "site-admin.css", "essays.css", "desk.css", "today.css", "preview.css"}
    apart |= {"draft_notes.css"}
    files = {path for path in folder.rglob("*.css") if path.name not in apart}
    assert len(files) > 10
    assert all(path.read_text() in joined() for path in files)
    assert "@import" not in joined()


def test_stylesheet_of_an_owner_takes_its_place(settings, tmp_path, monkeypatch):
    own = tmp_path / "site.css"
    own.write_text('@import url("https://fonts.example/a.css");\nbody { color: teal }\n')
    monkeypatch.setattr(finders, "find", {"css/site.css": str(own)}.get)
    settings.DEBUG = True
    before = source_of(stylesheet())
    assert stylesheet() == '@import url("https://fonts.example/a.css");body{color:teal}'
    own.write_text("body { color: red }")
    assert source_of(stylesheet()) != before
