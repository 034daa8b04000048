"""No address is written by hand: each gets BASE_PATH, by `reverse`, `{% url %}` or `based`.

What is stored, and what is compared with a path that BASE_PATH was taken off, is without it
(blog/lib/base_path.py). Such a literal is listed below, or given at once to a function of KNOWN.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Functions whose arguments are places as they are stored, or paths as they came.
KNOWN = frozenset(
    "based unbased resolve view_at moved_to startswith removeprefix removesuffix endswith split "
    "partition rpartition strip lstrip rstrip replace join compile fullmatch sub match search "
    "clean_address visit".split()
)
# Literals that lead to no reader: places as they are stored, paths of requests, files.
STORED = {
    "blog/lib/base_path.py": {"/", "/{}"},
    "blog/lib/env.py": {"/"},
    "blog/media/cards/fonts.py": None,
    "blog/media/names.py": {"/media/"},
    "blog/ops/addresses.py": {"/"},
    "blog/ops/connections.py": None,
    "blog/ops/doctor/theme.py": None,
    "blog/ops/health.py": {"/healthz", "/readyz"},
    "blog/ops/metrics.py": {"/metrics"},
    "blog/ops/request_log.py": None,
    "blog/ops/server.py": {"/proc/self/fd"},
    "blog/ops/serving.py": None,
    "blog/pages/purge.py": {"/"},
    "blog/posts/desk/looking.py": {"/{}/", "/{}"},
    "blog/posts/desk/pasting.py": {"/{}/"},
    "blog/posts/models/address.py": {"/{}"},
    "blog/posts/models/feed_identity.py": {"/", "/comments/atom.xml"},
    "blog/posts/models/forward.py": {"/{}"},
    "blog/posts/models/in_menus.py": {"/{}/"},
    "blog/posts/moved.py": None,
    "blog/posts/tasks.py": {"/{}/"},
    "blog/site/links.py": {"/about/", "/"},
    "blog/site/menus.py": {"/"},
    "blog/web/middleware.py": {"/{}/"},
    "blog/web/returned.py": {"/"},
    "comments/linkbacks/verify.py": {"/"},
    "blog/net/fetch.py": {"/"},
    "comments/text/permalinks.py": {"/"},
}
# What is moved in and out is stored, or goes through static_copy's own `based`.
NOT_LOOKED_AT = ("blog/transfer/", "blog/markup/from_html/")
ADDRESS = re.compile(r"/(?:[A-Za-z_{][\w{}.-]*(?:/[\w{}.?=-]*)*)?")
IN_MARKUP = re.compile(
    r"""(?:href|src|srcset|action|formaction|poster|cite|content|value|data-[a-z-]+)\s*=\s*["']/(?!/)"""
    r"""|url\(\s*["']?/(?!/)|(?:SITE_URL|site_url|site\.url)\s*\}{1,2}/""",
    re.IGNORECASE,
)
SOME = re.compile(r"""["'}=]\s*/[A-Za-z_{"']""")
IN_SCRIPT = re.compile(r"""["'`]/[A-Za-z$]|url\(\s*["']?/(?!/)""")


def sources(*patterns):
    found = (path for pattern in patterns for path in sorted(ROOT.glob(pattern)))
    return [path for path in found if "/vendor/" not in str(path)]


def text_of(node):
    """Return a literal with `{}` in the place of what is put into it; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return None


def written_in(source):
    """Yield each address that Python code writes by hand, with its line."""
    waiting = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if (text := text_of(node)) is not None:
            after_site = text.startswith("{}/") and "SITE_URL" in ast.unparse(node)
            if ADDRESS.fullmatch(text) or IN_MARKUP.search(text) or after_site:
                yield node.lineno, text
        elif isinstance(node, ast.Call) and name_of(node.func) in KNOWN:
            waiting += node.keywords
        elif not isinstance(node, ast.Compare):  # with a path, or a sign of one
            waiting += ast.iter_child_nodes(node)


def name_of(function):
    return getattr(function, "attr", getattr(function, "id", ""))


def by_hand():
    for path in sources("blog/**/*.py", "comments/**/*.py"):
        name = str(path.relative_to(ROOT))
        if "/migrations/" in name or name.startswith(NOT_LOOKED_AT):
            continue
        allowed = STORED.get(name, set())
        source = path.read_text()
        if not SOME.search(source):
            continue
        for line, text in written_in(source):
            if allowed is not None and text not in allowed:
                yield f"{name}:{line}: {text}"


def test_no_address_in_python_is_written_by_hand():
    assert list(by_hand()) == []


def test_each_listed_literal_is_still_there():
    for name, allowed in STORED.items():
        found = {text for _line, text in written_in((ROOT / name).read_text())}
        assert allowed is None or allowed <= found, name


@pytest.mark.parametrize(
    ("patterns", "wrong"),
    [
        (["templates/**/*.html", "templates/**/*.txt", "templates/**/*.xml"], IN_MARKUP),
        (["static/js/**/*.js", "static/css/**/*.css"], IN_SCRIPT),
    ],
)
def test_no_template_or_script_writes_one_by_hand(patterns, wrong):
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources(*patterns)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if wrong.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        'to = "/archive/"',
        'to = f"/{path}/"',
        'to = f"{settings.SITE_URL}/feed.xml"',
        "page = '<a href=\"/about/\">'",
        'redirect("/")',
    ],
)
def test_address_by_hand_is_found(code):
    assert list(written_in(code))


def test_address_that_gets_the_path_is_not_taken_for_one():
    assert not list(written_in('to = based(f"/{path}/")\nif to.startswith("/tags/"): pass'))


@pytest.mark.parametrize(
    "line", ['<a href="/x">', "<form action='/x'>", "a{background:url(/x)}", "{{ site.url }}/x"]
)
def test_markup_by_hand_is_found(line):
    assert IN_MARKUP.search(line)
