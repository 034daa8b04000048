"""A real Varnish with deploy/varnish.vcl in front of a real site, which purges it."""

import shutil
import signal
import subprocess

import prepared
import pytest
from reading import fetch
from server import PATIENCE, free_port
from test_proxies import DEPLOY, ESSAY, answers, changed
from test_worker import until

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def varnish(tmp_path_factory):
    """The address of a Varnish, and the site behind it."""
    if not (program := shutil.which("varnishd", path="/usr/sbin:/usr/bin:/usr/local/sbin")):
        pytest.skip("varnishd is not installed")
    folder, port = tmp_path_factory.mktemp("varnish"), free_port()
    address = f"http://127.0.0.1:{port}"
    purge = {"CDN_PURGE_URL": f"{address}/", "CDN_PURGE_METHOD": "BAN"}
    site = prepared.started(tmp_path_factory.mktemp("site"), **purge)
    site.start("--workers", "1")
    vcl = (DEPLOY / "varnish.vcl").read_text()
    (folder / "varnish.vcl").write_text(changed(vcl, {'"8000"': f'"{site.port}"'}))
    how = ["-F", "-a", f"127.0.0.1:{port}", "-f", folder / "varnish.vcl", "-n", folder / "work"]
    with (folder / "log").open("w") as log:
        command = [program, *how, "-s", "malloc,16m", "-j", "none"]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: server.poll() is not None or answers(port), 60)
        assert server.poll() is None, (folder / "log").read_text()
        yield address, site
    finally:
        server.terminate()
        server.wait(PATIENCE)
        site.stop(signal.SIGTERM)


def is_kept(answer):
    """Varnish names two requests, this one and the one it kept the answer of."""
    return len(answer.headers["X-Varnish"].split()) == 2


def test_varnish_keeps_pages_until_purged(varnish):
    address, site = varnish
    fetch(address + ESSAY)
    until(lambda: is_kept(fetch(address + ESSAY)))
    assert "Retitled behind Varnish" not in fetch(address + ESSAY).text
    site.shell(
        "post = Post.objects.get(slug='room-in-the-margin');"
        "post.title = 'Retitled behind Varnish'; post.save()",
    )
    until(lambda: "Retitled behind Varnish" in fetch(address + ESSAY).text, 60)


def test_requests_with_our_cookie_bypass_varnish(varnish):
    address, _site = varnish
    fetch(address + ESSAY)
    until(lambda: is_kept(fetch(address + ESSAY, Cookie="other=1")))
    assert not is_kept(fetch(address + ESSAY, Cookie="postil_session=x"))
