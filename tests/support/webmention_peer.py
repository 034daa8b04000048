"""A small site on loopback that sends and takes webmentions by libraries from PyPI.

They are nobody's dependency here, and so kept out of the project's environment: install_peers puts
them into one under ~/.cache. POSTIL_PEERS names the Python of another.

`webmentions` sends and receives; `ronkyuu` is another sender, by other people. This file is the
test's side and, run by that Python, the site itself.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from html import escape
from pathlib import Path

PYTHON = os.environ.get("POSTIL_PEERS", str(Path.home() / ".cache/postil-peers/bin/python"))
NEEDED = "webmentions", "flask", "ronkyuu"
CLIENTS = "webmentions", "ronkyuu"
PATIENCE = 60

TITLE, AUTHOR = "Notes on a shelf", "Lou Barba"
NOTE = """<!doctype html><html lang="en"><title>{title}</title>
<article class="h-entry"><h1 class="p-name">{title}</h1>
<p class="p-author h-card">{author}</p>
<div class="e-content">
<p>I read <a class="{does}" href="{target}">an essay</a> that leaves room.</p></div>
</article></html>"""
ESSAY = "<!doctype html><title>The shelf itself</title><p>It holds what was read."


def missing():
    """Return what cannot be imported of all that this needs; empty where nothing is."""
    code = "import sys; from importlib.util import find_spec as found; "
    code += "print(*[name for name in sys.argv[1:] if not found(name)])"
    command = [PYTHON, "-c", code, *NEEDED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [PYTHON]
    return done.stdout.split()


class WebmentionSite:
    """The site as its tests see it: its pages, and the mentions it received."""

    def __init__(self, port):
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.essay = f"{self.url}/essay"

    def note_about(self, target, does=""):
        """Return the address of a page there that links to `target`, with this class."""
        return f"{self.url}/note?{urllib.parse.urlencode({'target': target, 'does': does})}"

    def received(self):
        """Return the webmentions of its essay that it took, verified and stored."""
        query = urllib.parse.urlencode({"resource": self.essay, "direction": "in"})
        with urllib.request.urlopen(f"{self.url}/webmentions?{query}", timeout=PATIENCE) as answer:
            return json.load(answer)

    def mention(self, client, target, does=""):
        """Have one of CLIENTS discover the endpoint of `target` and send it a mention of a note."""
        source = self.note_about(target, does)
        command = [PYTHON, __file__, "send", client, source, target]
        subprocess.run(command, check=True, timeout=PATIENCE)
        return source


@contextlib.contextmanager
def webmention_site(port, log):
    """Start the site, give it, and stop it after. Ask `missing()` first."""
    with (
        log.open("w") as out,
        subprocess.Popen([PYTHON, __file__, "serve", str(port)], stdout=out, stderr=out) as process,
    ):
        site = WebmentionSite(port)
        deadline = time.monotonic() + PATIENCE
        try:
            while not answers(site.essay):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"The site did not come up:\n{log.read_text()}")
                time.sleep(0.05)
            yield site
        finally:
            process.kill()


def answers(url):
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.status == 200
    return False


# --- Run by PYTHON, which alone has the libraries ----------------------------------------------


def handler():
    import webmentions  # noqa: PLC0415

    class Memory(webmentions.WebmentionsStorage):
        def __init__(self):
            self.kept = []

        def store_webmention(self, mention):
            self.kept.append(mention)

        def delete_webmention(self, source, target, direction):
            self.kept = [m for m in self.kept if (m.source, m.target) != (source, target)]

        def retrieve_webmentions(self, resource, direction):
            inward = direction is webmentions.WebmentionDirection.IN
            mine = [m for m in self.kept if m.direction is direction]
            return [m for m in mine if resource == (m.target if inward else m.source)]

    # It too refuses private addresses; here every peer is on loopback.
    return webmentions.WebmentionsHandler(Memory(), ssrf_protection=False)


def serve(port):
    import flask  # noqa: PLC0415
    from webmentions.server.adapters.flask import bind_webmentions  # noqa: PLC0415

    app = flask.Flask("peer")

    @app.get("/essay")
    def essay():
        return ESSAY

    @app.get("/note")
    def note():
        target = escape(flask.request.args["target"])
        does = escape(flask.request.args.get("does", ""))
        return NOTE.format(title=TITLE, author=AUTHOR, target=target, does=does)

    bind_webmentions(app, handler())
    app.run("127.0.0.1", port, threaded=True)


def send(client, source, target):
    if client == "ronkyuu":
        import ronkyuu  # noqa: PLC0415

        answer = ronkyuu.sendWebmention(source, target)
        sys.exit(0 if answer is not None and answer.ok else f"It was not sent: {answer}")
    handler().process_outgoing_webmentions(source)


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "serve":
        serve(int(given[0]))
    else:
        send(*given)
