"""How other servers answer for a copy as the site did: nginx, Caddy, Apache, and static hosts."""

import json
import re
import tempfile
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from django.conf import settings

from blog.lib.base_path import based
from blog.posts.models import Forward
from blog.transfer.redirects import CONTROL, apache, escaped, netlify, nginx_pairs, quoted_for_nginx

from .folder import OWN
from .places import number_of

# Types of files, where a name alone does not say them; for all others servers know.
FEEDS = {
    "feed.xml": "application/rss+xml; charset=utf-8",
    "atom.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
    "sitemap.xml": "application/xml",
    "site.webmanifest": "application/manifest+json",
    "robots.txt": "text/plain; charset=utf-8",
}
TYPES = """\
    types {
        text/html html htm; text/css css; text/javascript js; text/plain txt; text/xml xml rss;
        application/json json; application/pdf pdf; image/svg+xml svg; image/x-icon ico;
        image/jpeg jpg jpeg; image/png png; image/webp webp; image/gif gif; image/avif avif;
        audio/mpeg mp3; audio/mp4 m4a; audio/ogg ogg; video/mp4 mp4; video/webm webm;
    }
    charset utf-8;
"""
BASE, _BASE = settings.BASE_PATH, re.escape(settings.BASE_PATH)
HIDDEN = rf"^/(?:_redirects|_headers|\.htaccess|{OWN.replace('.', chr(92) + '.')})(?:/|$)"
REPLY = rf"^({_BASE}/comments/[0-9]+/)reply/?$"
_FEED = "feed(?:/(?:rss2?|rdf|atom))?/?$"
# What a site that came from elsewhere answers by rules, where no file is (blog/posts/moved.py).
# Each leads a step on, so that `/old/page/2/` comes to where `/old/` leads.
ELSEWHERE = (
    (rf"^{_BASE}/index\.php(/.*)$", f"{BASE}{{}}"),
    (rf"^({_BASE}/[0-9]{{4}}/(?:0[1-9]|1[0-2])/[^/]+/){_FEED}", "{}comments/feed.xml"),
    (rf"^({_BASE}/[0-9]{{4}}/(?:0[1-9]|1[0-2])/)[0-3][0-9]/?$", "{}"),
    (rf"^(){_BASE}/[0-9]{{4}}(?:/[0-9]{{2}})?/?$", f"{BASE}/archive/"),
    (
        rf"^({_BASE}/.+?/)(?:(?:comment-page|page)[-/][0-9]{{1,6}}|trackback|embed|amp|[0-9]{{1,3}})/?$",
        "{}",
    ),
)
# WordPress's smaller pictures.
SIZED = rf"^({_BASE}/.+)-[1-9][0-9]{{0,4}}x[1-9][0-9]{{0,4}}(\.[^./]+)$"
# No page of the copy is longer than this as a key of nginx, nor is a line of its file.
LONGEST_KEY = 3000


class Row(NamedTuple):
    """An address, decoded and without its query, and what is answered there.

    `query` is as browsers send it; `status` 301, 302, 410, or 200 for a file under another name.
    """

    path: str
    query: str
    to: str
    status: int


class Rows:
    """Rows, kept in a file: a site has one for each of its comments."""

    def __init__(self):
        self.file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogatepass")  # noqa: SIM115 - closed by `close`
        self.count, self.known = 0, set()
        self.is_from_elsewhere = Forward.objects.exists()

    def add(self, path, to, status, query=""):
        """Keep what is answered at an address; the first of two holds, as nginx takes no second."""
        path, to = based(path), based(to)
        key = number_of(f"{path.rstrip('/')}?{query}")
        if key in self.known or CONTROL.search(path):
            return
        self.known.add(key)
        self.file.write(json.dumps([path, query, to, status]) + "\n")
        self.count += 1

    def of(self, *statuses, queries=False):
        self.file.flush()
        self.file.seek(0)
        found = (Row(*json.loads(line)) for line in self.file)
        yield from (row for row in found if row.status in statuses and bool(row.query) == queries)
        self.file.seek(0, 2)

    def close(self):
        self.file.close()


# What stands for an address in nginx's maps where that is not sent to anybody.
MEANT = {200: quoted_for_nginx, 410: lambda to: "1"}


def pairs(rows):
    return ((row.path, row.to) for row in rows if len(row.path.encode()) < LONGEST_KEY)


# --- nginx ----------------------------------------------------------------------------------


def nginx(rows, root):
    """Return a file to include in `http`, in pieces."""
    longest = max((len(row.path.encode()) for row in rows.of(200, 301, 302, 410)), default=0)
    bucket = 512
    while bucket < longest + 128:
        bucket *= 2
    yield (
        "# This copy as nginx serves it, just as the site answered. Include the file in http {…},\n"
        "# as /etc/nginx/conf.d/*.conf are; set root, and add listen 443 and your certificates.\n"
        f"map_hash_bucket_size {bucket};\n"
        f"map_hash_max_size {1 << max(16, (rows.count * 4).bit_length())};\n"
    )
    for name, status in (("moved", 301), ("shown", 302), ("long", 200), ("gone", 410)):
        yield f"map $uri $postil_{name} {{\n"
        yield from nginx_pairs(pairs(rows.of(status)), escaped=MEANT.get(status, escaped))
        yield "}\n"
    for name, status in (("asked", 301), ("noted", 302)):
        yield f"map $uri?$args $postil_{name} {{\n"
        for row in rows.of(status, queries=True):
            yield f'    "{quoted_for_nginx(f"{row.path}?{row.query}")}" "{escaped(row.to)}";\n'
        yield "}\n"
    yield from _nginx_server(root, ELSEWHERE if rows.is_from_elsewhere else ())


def _nginx_server(root, elsewhere):
    yield (
        f"server {{\n    listen 80;\n    server_name {urlsplit(settings.SITE_URL).hostname};\n"
        f'    root "{quoted_for_nginx(str(root))}";\n    absolute_redirect off;\n' + TYPES
    )
    yield (
        '    add_header X-Content-Type-Options "nosniff" always;\n'
        "    add_header Content-Security-Policy \"frame-ancestors 'none'\" always;\n"
        f'    add_header Referrer-Policy "{settings.SECURE_REFERRER_POLICY}" always;\n'
        "    error_page 403 =404 @missing;\n    error_page 404 @missing;\n"
        "    error_page 410 @gone;\n"
        "    location @missing { try_files /404.html =404; }\n"
        "    location @gone { try_files /410.html =410; }\n"
        "    if ($postil_gone) { return 410; }\n"
        "    if ($postil_asked) { return 301 $postil_asked; }\n"
        "    if ($postil_noted) { return 302 $postil_noted; }\n"
        "    if ($postil_moved) { return 301 $postil_moved; }\n"
        "    if ($postil_shown) { return 302 $postil_shown; }\n"
        "    if ($postil_long) { rewrite ^ $postil_long last; }\n"
        f"    location ~ {HIDDEN} {{ return 404; }}\n"
        f"    location ~ {REPLY} {{ return 302 $1; }}\n"
    )
    for name, kind in FEEDS.items():
        escaped = name.replace(".", r"\.")
        yield f'    location ~ /{escaped}$ {{ types {{ }} default_type "{kind}"; }}\n'
    yield f"    location ~ ^{_BASE}/(?:media|static)/ {{ expires 365d; try_files $uri =404; }}\n"
    yield "    location / { try_files $uri $uri/ @elsewhere; }\n    location @elsewhere {\n"
    for pattern, to in elsewhere:
        yield f'        rewrite "{pattern}" {to.format("$1")} permanent;\n'
    if elsewhere:
        yield f'        rewrite "{SIZED}" $1$2 permanent;\n'
    yield "        return 404;\n    }\n}\n"


# --- Caddy ----------------------------------------------------------------------------------


def caddy(rows, root):
    yield (
        "# This copy as Caddy serves it, just as the site answered. Set root if it is elsewhere.\n"
        f"{settings.SITE_URL} {{\n\troot * {_caddy(str(root))}\n"
    )
    for name, source, found in (
        ("moved", "{path}", rows.of(301)),
        ("shown", "{path}", rows.of(302)),
        ("long", "{path}", rows.of(200)),
        ("gone", "{path}", rows.of(410)),
        ("asked", "{uri}", rows.of(301, queries=True)),
        ("noted", "{uri}", rows.of(302, queries=True)),
    ):
        yield f"\tmap {source} {{postil_{name}}} {{\n"
        for row in found:
            spelled = {f"{row.path}?{row.query}"} if row.query else both(row.path)
            for each in filter(_caddy_has_words_for, sorted(spelled)):
                yield f"\t\t{_caddy(each)} {_caddy(row.to or 'yes')}\n"
        yield '\t\tdefault ""\n\t}\n'
        yield f'\t@{name} expression `{{postil_{name}}} != ""`\n'
    yield (
        "\terror @gone 410\n\tredir @asked {postil_asked} 301\n"
        "\tredir @noted {postil_noted} 302\n\tredir @moved {postil_moved} 301\n"
        "\tredir @shown {postil_shown} 302\n\trewrite @long {postil_long}\n"
        f"\t@reply path_regexp reply {REPLY}\n\tredir @reply {{re.reply.1}} 302\n"
        f"\t@hidden path_regexp {HIDDEN}\n\terror @hidden 404\n"
        "\theader X-Content-Type-Options nosniff\n"
        "\theader Content-Security-Policy \"frame-ancestors 'none'\"\n"
        f"\theader Referrer-Policy {settings.SECURE_REFERRER_POLICY}\n"
    )
    for number, (name, kind) in enumerate(FEEDS.items()):
        yield f'\t@file{number} path */{name}\n\theader @file{number} Content-Type "{kind}"\n'
    if rows.is_from_elsewhere:
        yield from _caddy_elsewhere()
    yield (
        "\tfile_server\n\thandle_errors {\n"
        "\t\t@is_gone expression {err.status_code} == 410\n\t\trewrite @is_gone /410.html\n"
        "\t\t@is_missing expression {err.status_code} != 410\n\t\trewrite @is_missing /404.html\n"
        "\t\tfile_server\n\t}\n}\n"
    )


def _caddy_elsewhere():
    for number, (pattern, to) in enumerate((*ELSEWHERE, (SIZED, "{}{{re.e.2}}"))):
        yield f"\t@else{number} {{\n\t\tnot file {{path}} {{path}}/\n"
        yield f"\t\tpath_regexp e {_caddy(pattern)}\n\t}}\n"
        yield f"\tredir @else{number} {to.format('{re.e.1}')} 301\n"


def _caddy(text):
    """Return a text as one word of its file, where only quotes are escaped."""
    escaped = text.replace('"', r"\"")
    return f'"{escaped}"' if "`" in text else f"`{text}`"


def _caddy_has_words_for(text):
    """Whether it can be written there: variables are put in even between quotes."""
    return "{$" not in text and not ("`" in text and re.search(r'\\("|$)', text))


def both(path):
    """Return a path with and without the slash at its end."""
    return {path.rstrip("/") or "/", path.rstrip("/") + "/"}


# --- Apache, and hosts of static files ------------------------------------------------------


def htaccess(rows, root):
    yield apache((_with_query(row), row.to) for row in _moved(rows))
    for row in rows.of(410):
        yield apache([(row.path.rstrip("/"), "")], head=False, flags="[G,L]")
    for row in rows.of(200):
        yield apache([(row.path.rstrip("/"), row.to)], head=False, flags="[L]")
    if rows.is_from_elsewhere:
        for pattern, to in (*ELSEWHERE, (SIZED, "{}$2")):
            pattern = pattern.replace("^()/", "^()").replace("^(/", "^(").replace("^/", "^")
            target = to.format("/$1").replace("//", "/")
            yield "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
            yield f'RewriteRule "{pattern}" "{target}" [R=301,L]\n'
    yield (
        "DirectoryIndex index.html\nOptions -Indexes\n"
        "ErrorDocument 404 /404.html\nErrorDocument 410 /410.html\nAddDefaultCharset utf-8\n"
    )
    for name, kind in FEEDS.items():
        yield f'<Files "{name}">\n    ForceType "{kind}"\n</Files>\n'
    yield (
        "<IfModule mod_headers.c>\n    Header always set X-Content-Type-Options nosniff\n"
        "    Header always set Content-Security-Policy \"frame-ancestors 'none'\"\n</IfModule>\n"
    )


def hosts(rows, root):
    """Return `_redirects`, which Netlify and others read."""
    yield netlify((_with_query(row), row.to) for row in _moved(rows))
    for row in rows.of(200):
        yield f"{quote(row.path)} {quote(row.to)} 200\n"
    for row in rows.of(410):
        yield f"{quote(row.path)} /410.html 410\n"


def headers(rows, root):
    """Return `_headers`, for the same hosts."""
    yield "/*\n  X-Content-Type-Options: nosniff\n"
    yield "  Content-Security-Policy: frame-ancestors 'none'\n"
    for name, kind in FEEDS.items():
        yield f"/*/{name}\n  Content-Type: {kind}\n/{name}\n  Content-Type: {kind}\n"


def _moved(rows):
    """Yield the old addresses, which these ask one after another; comments have pages instead."""
    yield from (row for row in rows.of(301) if "?" not in row.path)
    yield from rows.of(301, queries=True)


def _with_query(row):
    return f"{row.path}?{row.query}" if row.query else row.path.rstrip("/")


FILES = {
    f"{OWN}/nginx.conf": nginx,
    f"{OWN}/Caddyfile": caddy,
    ".htaccess": htaccess,
    "_redirects": hosts,
    "_headers": headers,
}
