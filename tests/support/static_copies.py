"""A static copy of a site with everything, servers before it, and a crawler."""

import functools
import html
import http.server
import re
import shutil
import socket
import subprocess
import threading
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from types import SimpleNamespace
from urllib.parse import quote, unquote, urljoin, urlsplit

import prepared
import pytest
import whole_site
from backups import output_of, site_in
from conftest import on
from django.contrib.auth import get_user_model
from django.test import Client
from server import PATIENCE, free_port
from test_worker import until

from blog.posts.models import Forward, OldAddress, Post
from blog.site import reading
from blog.site.models import SiteVersion
from comments.models import Comment, ThreadPage

PROGRAMS = "/usr/sbin:/usr/bin:/usr/local/bin"
LINKS = re.compile(r'\s(?:href|src|action)="([^"]*)"')
SETS = re.compile(r'\ssrcset="([^"]*)"')
LONG = "界" * 150
# Old addresses with what means something in servers' files. No file holds a line's end.
HOSTILE = ('q "b" $c; {d}', "w`x\\y", "100% #1", "a?b=1", "$uri", "~^.*", "default", "two\nlines")


def make(folder):
    """A site with what can go wrong in a copy of it, in `site`, and its copy in `copy`."""
    folder.mkdir()
    shutil.copytree(whole_site.export().parent / "site", folder / "site")
    with site_in(folder / "site"):
        as_set_there()
        fill()
        said = output_of("export", folder / "copy", static=True)
    (folder / "said").write_text(said)


def as_set_there():
    """Have this process know what is set on the site it works on."""
    reading.keep(SiteVersion.objects.order_by("-pk").values(*reading.FIELDS).first())


def fill():
    post = Post.objects.get(slug="über-ränder")
    for path in (
        "Blog/Page.HTML",
        "a.html",
        "a.html/below",
        "../up",
        "?cat=7",
        "About",
        "feed.rss",
        *HOSTILE,
    ):
        OldAddress.objects.create(path=path, post=post)
    picture = re.search("/media/[^)]+", Post.objects.get(slug="ten-minutes-a-day").body)[0]
    for path, to in (("wp-content/a b.png", picture), ("index.xml", "/feed.xml"), ("?tag=ö", "/")):
        Forward.objects.keep(path, to)
    # More than one page of comments, one of them beside words, and a link that needs a server.
    essay = Post(title="Long thread", author=post.author, published_at=on(2026, 2, 3))
    essay.body = 'Words to speak of. [An old address](/?p=4711), [code](/x/) `href="/?p=4711"`.'
    essay.save()
    given = {"post": essay, "name": "Ada", "status": "approved"}
    Comment.objects.bulk_create(
        Comment(**given, body=f"{number}", body_html=f"<p>{number}</p>") for number in range(60)
    )
    Comment(**given, passage="Words to speak of", body="A note. " * 60).save()
    ThreadPage.objects.refresh(essay)
    ThreadPage.objects.follow_essay(essay)
    get_user_model().objects.filter(username="lou").update(email="lou@example.org")


def copied():
    """Return the folder with `site`, `copy`, and `said`, what the command said."""
    return prepared.once("static-copy", make)


# --- Servers ----------------------------------------------------------------------------------


@contextmanager
def served(program, copy, folder):
    """Serve a copy as its own example says, on a free port; yields the address."""
    found = shutil.which(program, path=PROGRAMS)
    if not found:
        pytest.skip(f"{program} is not installed")
    port = free_port()
    command, environment = {"nginx": nginx, "caddy": caddy}[program](found, copy, folder, port)
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: server.poll() is not None or answers(port), 30)
        assert server.poll() is None, (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


def answers(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def nginx(program, copy, folder, port):
    text = (copy / ".postil-copy" / "nginx.conf").read_text()
    text, count = re.subn("    listen 80;", f"    listen 127.0.0.1:{port};", text)
    text, moved = re.subn('    root "[^"]*";', f'    root "{copy}";', text)
    assert (count, moved) == (1, 1)
    (folder / "site.conf").write_text(text)
    paths = "".join(
        f"{kind}_temp_path {folder};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;"
        f"events {{}} http {{ access_log off; {paths} include {folder}/site.conf; }}"
    )
    return [program, "-c", folder / "nginx.conf", "-e", folder / "errors"], {}


def caddy(program, copy, folder, port):
    text = (copy / ".postil-copy" / "Caddyfile").read_text()
    site = re.search(r"^(https?://\S+) \{$", text, re.MULTILINE)[1]
    text = text.replace(f"{site} {{", f"http://127.0.0.1:{port} {{", 1)
    text, moved = re.subn(r"\troot \* `[^`]*`", f"\troot * `{copy}`", text)
    assert moved == 1
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
    here = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return [program, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"], here


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def plainly_served(copy):
    """Serve a copy as `python -m http.server` does, without any rules; yields the address."""
    handler = functools.partial(Quiet, directory=str(copy))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def get(server, address):
    """Return what a server answers; its Location as a path."""
    parts = urlsplit(server)
    line = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    with closing(line):
        line.request("GET", quote(address, safe="/%?=&"))
        answer = line.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answered(answer.status, headers, answer.read())


def live(address):
    """Return what the site itself answers, in its `site_in`."""
    answer = Client().get(quote(address, safe="/%?=&"))
    headers = {name.lower(): value for name, value in answer.items()}
    return answered(answer.status_code, headers, b"".join(answer))


def answered(status, headers, body):
    return SimpleNamespace(
        status=status,
        type=headers.get("content-type", ""),
        to=unquote(re.sub("^https?://[^/]+", "", headers.get("location", ""))),
        headers=headers,
        body=body,
        text=body.decode(errors="replace"),
    )


# --- A crawler --------------------------------------------------------------------------------


def links_in(page, base):
    """Return the addresses of this host that a page names, without their fragments."""
    found = LINKS.findall(page)
    for each in SETS.findall(page):
        found += [part.split()[0] for part in each.split(",")]
    whole = (urljoin(base, html.unescape(link)) for link in found)
    return {
        link.partition("#")[0] for link in whole if urlsplit(link).netloc == urlsplit(base).netloc
    }


def crawled(server):
    """Follow every link of a copy from its front page; return all addresses with their status."""
    waiting, found = [f"{server}/", f"{server}/archive/"], {}
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        answer = get(server, address.removeprefix(server))
        found[address] = answer.status
        if answer.to:
            waiting.append(urljoin(address, quote(answer.to, safe="/%?=&#")).partition("#")[0])
        if answer.type.startswith("text/html"):
            waiting += links_in(answer.text, address)
    return {address.removeprefix(server): status for address, status in found.items()}
