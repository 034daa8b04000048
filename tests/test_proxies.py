"""The proxies of deploy/ before a real `serve`: what they must drop, cut off and pass on.

Each runs as its file says, but for the addresses it listens on and the certificates.
"""

import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

import prepared
import pytest
from reading import fetch
from server import PATIENCE, free_port
from test_worker import until

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
ESSAY = "/2026/11/room-in-the-margin/"
# Seconds after which a body that dribbles is cut off, here.
CUT = 2

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = prepared.started(tmp_path_factory.mktemp("site"), TRUSTED_PROXIES="127.0.0.1")
    site.start("--no-worker", "--workers", "1")
    yield site
    assert site.stop(signal.SIGTERM).code == 0


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def proxy(request, site, tmp_path_factory):
    """The address of a proxy before the site; its name is `proxy.name`."""
    if not (program := shutil.which(request.param, path="/usr/sbin:/usr/bin:/usr/local/bin")):
        pytest.skip(f"{request.param} is not installed")
    folder, port = tmp_path_factory.mktemp(request.param), free_port()
    run = {"caddy": caddy, "nginx": nginx}[request.param]
    command, environment = run(program, folder, port, site.port)
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: server.poll() is not None or answers(port), 30)
        assert server.poll() is None, (folder / "log").read_text()
        yield address
    finally:
        server.terminate()
        server.wait(PATIENCE)


def answers(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def changed(text, changes):
    for was, now in changes.items():
        assert was in text, "what the test changes is in the file"
        text = text.replace(was, now)
    return text


def caddy(program, folder, port, upstream):
    (folder / "Caddyfile").write_text(
        changed(
            (DEPLOY / "Caddyfile").read_text(),
            {"{\n\tservers": "{\n\tadmin off\n\tservers", "read_body 30s": f"read_body {CUT}s"},
        )
    )
    here = {"SITE_HOST": f"http://127.0.0.1:{port}", "UPSTREAM": f"127.0.0.1:{upstream}"}
    here |= {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return [program, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"], here


def nginx(program, folder, port, upstream):
    text = (DEPLOY / "nginx.conf").read_text()
    to_https = re.search(r"server \{\n    listen 80;.*?\n\}\n", text, re.DOTALL)[0]
    tls = re.search(r"    ssl_certificate .*?ssl_session_cache[^\n]*\n", text, re.DOTALL)[0]
    listens = "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n"
    text = changed(
        text,
        {
            to_https: "",
            tls: "",
            listens: f"    listen 127.0.0.1:{port};\n",
            "127.0.0.1:8000": f"127.0.0.1:{upstream}",
            "client_body_timeout    10s": f"client_body_timeout    {CUT}s",
        },
    )
    paths = "".join(
        f"{kind}_temp_path {folder};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;"
        f"events {{}} http {{ access_log off; {paths}\n{text}\n}}"
    )
    return [program, "-c", folder / "nginx.conf", "-e", folder / "errors"], {}


def test_pages_come_through_as_they_are(proxy, site):
    there, here = fetch(proxy + ESSAY), fetch(site.url + ESSAY)
    assert there.status == 200
    assert there.headers["ETag"] == here.headers["ETag"]
    assert there.headers["Content-Security-Policy"] == here.headers["Content-Security-Policy"]


def test_headers_with_underscores_are_dropped(proxy, site):
    """Seen by one that changes the answer where it comes through."""
    spelt = {"If_None_Match": fetch(site.url + ESSAY).headers["ETag"]}
    assert fetch(site.url + ESSAY, **spelt).status == 304
    assert fetch(proxy + ESSAY, **spelt).status == 200


def test_nobody_says_where_they_come_from(proxy, site):
    """Made-up forwarding headers, by either spelling, change no count: the visitor is one."""
    made_up = ["X-Forwarded-For", "X_Forwarded_For", "x_forwarded_for"]
    wrong = "username=admin&password=guess&next=/admin/"
    for number in range(3):
        page = fetch(proxy + "/admin/login/")
        given = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        answer = fetch(
            f"{proxy}/admin/login/",
            "POST",
            f"{wrong}&csrfmiddlewaretoken={given}",
            **{
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": page.headers["Set-Cookie"].partition(";")[0],
                "Origin": proxy,
                made_up[number]: f"203.0.113.{number}",
            },
        )
        assert answer.status == 200
    # Caddy and nginx are at 127.0.0.1, as their visitor is.
    seen = site.rows("SELECT DISTINCT network FROM accounts_attempt WHERE name = 'admin'")
    assert seen == [("127.0.0.0/24",)]


def test_slow_sender_is_cut_off(proxy, site):
    host, port = proxy.removeprefix("http://").split(":")
    head = f"POST {ESSAY}comments/ HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 5000\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\nbody="
    began = time.monotonic()
    with closing(socket.create_connection((host, int(port)), timeout=PATIENCE)) as line:
        line.sendall(head.encode())
        while line.recv(1000):  # with or without an answer, the connection is then closed
            pass
    assert CUT / 2 < time.monotonic() - began < 10 * CUT
    assert site.rows("SELECT count(*) FROM comments_comment WHERE body = ''") == [(0,)]


def test_long_body_is_refused_by_the_site(proxy):
    answer = fetch(
        f"{proxy}{ESSAY}comments/",
        "POST",
        "body=" + "x" * 3_000_000,
        **{"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 413
    assert "Postil" in answer.text
