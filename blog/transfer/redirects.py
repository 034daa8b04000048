"""Old addresses as other servers read them: nginx, Apache, and hosts that know `_redirects`."""

import json
import re
from urllib.parse import quote

from django.conf import settings

from blog.lib.base_path import based
from blog.posts.models import Forward, OldAddress

# What nginx reads in quotes: its own signs are escaped.
_NGINX = re.compile(r'(["\\])')
# What could begin a line of its own in a server's file.
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


def write_redirects(folder):
    """Write the old addresses in each form; return how many there are."""
    addresses = OldAddress.objects.select_related("post").order_by("path")
    rows = [(f"/{old.path}", old.post.get_absolute_url()) for old in addresses]
    forwards = Forward.objects.order_by("path").values_list("path", "to")
    rows += [(f"/{path}", to) for path, to in forwards if path not in ("", "/")]
    base = settings.BASE_PATH
    rows = [(base + old, based(to)) for old, to in rows]
    rows = [row for row in rows if not CONTROL.search(row[0])]
    found = [{"from": old, "to": new} for old, new in rows]
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    (folder / "redirects.json").write_text(text, encoding="utf-8")
    for name, written in (
        ("_redirects", netlify(rows)),
        ("redirects.nginx.conf", nginx(rows)),
        ("redirects.htaccess", apache(rows)),
    ):
        (folder / name).write_text(written, encoding="utf-8")
    return len(rows)


def escaped(to):
    """Return an address as it is sent; some are kept with their percent signs."""
    return quote(to, safe="/%#?&=:@!'()*+,;~")


def netlify(rows):
    """As Netlify and others read it: a path, what its query must be, the new path, the status."""
    lines = []
    for old, new in rows:
        path, mark, query = old.partition("?")
        slash = "" if "." in path.rpartition("/")[2] else "/"
        old = f"{quote(path)} {in_query(query)}" if mark else f"{quote(path)}{slash}"
        lines.append(f"{old} {escaped(new)} 301\n")
    return "".join(lines)


def in_query(query):
    """Return a query as browsers send it."""
    return quote(query, safe="=&%+")


def nginx(rows):
    """Return two maps, to include in `http`, and how a `server` uses them, in its comment."""
    paths = [(old, new) for old, new in rows if "?" not in old]
    queries = [(old.partition("?")[2], new) for old, new in rows if old.startswith("/?")]
    lines = [
        "# Include this in http {…}, and put into server {…}:",
        "#   if ($postil_moved) { return 301 $postil_moved; }",
        "#   if ($postil_moved_query) { return 301 $postil_moved_query; }",
        "map_hash_bucket_size 2048;",
        "map_hash_max_size 65536;",
        "map $uri $postil_moved {",
        *(pair.rstrip("\n") for pair in nginx_pairs(paths)),
        "}",
        "map $uri?$args $postil_moved_query {",
        *(
            f'    "/?{quoted_for_nginx(in_query(query))}" "{escaped(new)}";'
            for query, new in queries
        ),
        "}",
    ]
    return "\n".join(lines) + "\n"


def nginx_pairs(rows, escaped=escaped):
    """Yield lines of a map of paths, each with and without a slash at its end.

    Names in it count whatever their capitals, so that `/About` would send the readers of `/about`
    on as well. One with capitals is written as a pattern, which tells them apart.
    """
    for old, new in rows:
        old = old.rstrip("/")
        if old != old.lower():
            pattern = re.escape(old).replace(r"\/", "/")
            yield f'    "~^{quoted_for_nginx(pattern)}/?$" "{escaped(new)}";\n'
            continue
        for spelled in (old, f"{old}/"):
            yield f'    "{quoted_for_nginx(spelled)}" "{escaped(new)}";\n'


def quoted_for_nginx(text):
    return _NGINX.sub(r"\\\1", text)


def apache(rows, *, head=True, flags="[R=301,L,NE]"):
    """Return rules for mod_rewrite, for the site's `.htaccess`."""
    lines = ["# For the .htaccess of the site; needs mod_rewrite.", "RewriteEngine On"] * head
    for old, new in rows:
        path, mark, query = old.partition("?")
        target = escaped(new).replace("%", r"\%") or "-"
        if mark:
            lines.append(f'RewriteCond %{{QUERY_STRING}} "^{_in_pattern(in_query(query))}$"')
            lines.append(f'RewriteRule "^{_in_pattern(path[1:])}$" "{target}" [R=301,L,NE,QSD]')
        else:
            lines.append(f'RewriteRule "^{_in_pattern(path[1:])}/?$" "{target}" {flags}')
    return "".join(f"{line}\n" for line in lines)


def _in_pattern(text):
    escaped = re.escape(text).replace(r"\/", "/").replace('"', r"\x22").replace("%", r"\x25")
    return escaped
