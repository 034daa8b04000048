"""The proxies of deploy/path/, each before another site and, below /blog, before Postil.

Each runs as its file says, but for the addresses it listens on and the certificates.
"""

import re
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from server import PATIENCE
from test_worker import until

FILES = Path(__file__).resolve().parents[2] / "deploy" / "path"
NAMES = "caddy", "nginx", "apache2"
MODULES = "mpm_event authz_core dir mime alias headers proxy proxy_http reqtimeout".split()
APACHE_MODULES = Path("/usr/lib/apache2/modules")


@contextmanager
def front(name, folder, port, upstream):
    """Have the proxy of this name run; skip where it is not installed."""
    if not (program := shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin")):
        pytest.skip(f"{name} is not installed")
    around = folder / "www"
    around.mkdir()
    (around / "index.html").write_text("<title>The site around</title>")
    command, environment = RUN[name](program, folder, around, port, upstream)
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: server.poll() is not None or answers(port), 30)
        assert server.poll() is None, (folder / "log").read_text()
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE)


def answers(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def changed(text, changes):
    for was, now in changes.items():
        assert was in text, f"what the test changes is in the file: {was}"
        text = text.replace(was, now)
    return text


def caddy(program, folder, around, port, upstream):
    text = changed((FILES / "Caddyfile").read_text(), {"{\n\tservers": "{\n\tadmin off\n\tservers"})
    (folder / "Caddyfile").write_text(text)
    here = {"SITE_HOST": f"http://127.0.0.1:{port}", "UPSTREAM": f"127.0.0.1:{upstream}"}
    here |= {"SITE_ROOT": str(around)}
    here |= {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return [program, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"], here


def nginx(program, folder, around, port, upstream):
    text = (FILES / "nginx.conf").read_text()
    tls = re.search(r"    ssl_certificate .*?privkey[^\n]*\n", text, re.DOTALL)[0]
    listens = "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n"
    changes = {tls: "", listens: f"    listen 127.0.0.1:{port};\n    absolute_redirect off;\n"}
    changes |= {"127.0.0.1:8000": f"127.0.0.1:{upstream}", "/srv/www": str(around)}
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;"
        f"events {{}} http {{ access_log off; {paths}\n{changed(text, changes)}\n}}"
    )
    return [program, "-c", folder / "nginx.conf", "-e", folder / "errors"], {}


def apache(program, folder, around, port, upstream):
    text = (FILES / "apache.conf").read_text()
    text = changed(text, {"127.0.0.1:8000": f"127.0.0.1:{upstream}"})
    loaded = "".join(f"LoadModule {it}_module {APACHE_MODULES}/mod_{it}.so\n" for it in MODULES)
    (folder / "apache.conf").write_text(
        f"{loaded}ServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\n"
        f"ErrorLog {folder}/errors\nServerRoot {folder}\nDefaultRuntimeDir {folder}\n"
        f"DocumentRoot {around}\nDirectoryIndex index.html\nTypesConfig /dev/null\n"
        f"<VirtualHost *:{port}>\n{text}\n</VirtualHost>\n"
    )
    return [program, "-DFOREGROUND", "-f", folder / "apache.conf"], {}


RUN = {"caddy": caddy, "nginx": nginx, "apache2": apache}
