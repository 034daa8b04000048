"""Code in WordPress's texts, kept letter by letter: `[code]`, `[sourcecode]`, `<pre lang="…">`.

It becomes `<pre><code>` before anything else reads the text, with all that could be a tag, a
shortcode or a line of its own spelled as entities.
"""

from __future__ import annotations

import re
from html import unescape

from .shortcodes import as_text, attributes_in

# Of the plugin “SyntaxHighlighter”: each is a shortcode.
_LANGUAGES = (
    "as3 actionscript3 bash shell clojure clj cpp c coldfusion cf csharp css delphi pas pascal"
    " diff patch erlang fsharp go groovy html java javafx jfx javascript js jscript latex tex"
    " matlab objc perl pl php plain text powershell ps py python r ruby rb rails ror scala sql"
    " vb vbnet xml xhtml xslt yaml yml"
).split()
_NAMES = "|".join(("sourcecode", "code", *sorted(_LANGUAGES, key=len, reverse=True)))
_OPENING = re.compile(rf"(?<!\[)\[({_NAMES})((?:[\s=:][^\[\]]{{0,500}})?)\](?!\])", re.IGNORECASE)
_PRE = re.compile(r"""<pre\b((?:[^<>"']|"[^"]*"|'[^']*')*)>""", re.IGNORECASE)
_PRE_END = re.compile(r"</pre\s*>", re.IGNORECASE)
_PRE_LANGUAGE = re.compile(
    r"""(?<![\w-])(?:lang|data-lang|data-language|data-enlighter-language)\s?=\s?["']?([\w+#.-]+)""",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_BREAK = re.compile(r"<br\s?/?>\n?", re.IGNORECASE)
_PLAIN = frozenset({"plain", "text", "none", "generic"})


def read_listings(source: str) -> str:
    """Return HTML in which code that WordPress's plugins show is a listing."""
    return _with_pre(_with_shortcodes(source))


def _with_shortcodes(source: str) -> str:
    done: list[str] = []
    at = 0
    missing: set[str] = set()
    while found := _OPENING.search(source, at):
        name, end = found[1].lower(), None
        if name not in missing:
            end = re.compile(rf"\[/{name}\]", re.IGNORECASE).search(source, found.end())
        if end is None:
            missing.add(name)
            done.append(source[at : found.end()])
            at = found.end()
            continue
        said = found[2].lstrip("=: \t\n")
        attributes = attributes_in(said)
        language = next(filter(None, map(attributes.get, ("lang", "language", "0"))), "")
        if name in _LANGUAGES:
            language = name
        done += [source[at : found.start()], _listing(source[found.end() : end.start()], language)]
        at = end.end()
    return "".join([*done, source[at:]])


def _with_pre(source: str) -> str:
    done: list[str] = []
    at = 0
    while found := _PRE.search(source, at):
        end = _PRE_END.search(source, found.end())
        if end is None:
            break
        language = _PRE_LANGUAGE.search(found[1])
        done.append(source[at : found.start()])
        if language:
            done.append(_listing(source[found.end() : end.start()], language[1]))
        else:
            done.append(source[found.start() : end.end()])
        at = end.end()
    return "".join([*done, source[at:]])


def _listing(content: str, language: str) -> str:
    """Return a listing of code as the database has it: as typed, or already as HTML."""
    content = content.strip("\r\n")
    without_breaks = _BREAK.sub("\n", content)
    if "<" not in without_breaks and _ENTITY.search(content) and not _bare_mark(without_breaks):
        content = unescape(without_breaks)
    language = language.lower()
    known = _LANGUAGE.fullmatch(language) and language not in _PLAIN
    name = f' class="language-{language}"' if known else ""
    return f"\n\n<pre><code{name}>{as_text(content.rstrip())}</code></pre>\n\n"


def _bare_mark(content: str) -> bool:
    """Return whether code has a sign that HTML would have spelled as an entity."""
    return ">" in content or "&" in _ENTITY.sub("", content)
