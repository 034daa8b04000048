"""Run in a network of its own, where every address there is leads to one listening socket.

Prints in JSON, for each address named: how many calls of a plain client came in, how the fetch
ended, and how many of its calls came in, each as a literal and as what a name resolves to.
"""

import contextlib
import json
import socket
import subprocess
import sys

from django.conf import settings
from peers import Peer, page

from blog.net.fetch import FetchError, fetch

PORT = 80


def everywhere():
    commands = [
        "link set lo up",
        "route add local 0.0.0.0/0 dev lo",
        "-6 route add local ::/0 dev lo",
    ]
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True)


def end_of(url, **options):
    try:
        return fetch(url, deadline=2, **options).status
    except FetchError as error:
        return f"{error.kind}: {error}"


settings.configure(
    SITE_URL="http://blog.example", BASE_PATH="", LINKBACK_PRIVATE_HOSTS=[], USE_I18N=False
)
everywhere()
found = {}
with Peer(page(), host="::", port=PORT) as peer:
    for address in sys.argv[1:]:
        with contextlib.suppress(OSError), socket.create_connection((address, PORT), 1) as plain:
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            plain.recv(1)
        called = [peer.calls]
        literal = f"[{address}]" if ":" in address else address
        end = end_of(f"http://{literal}/")
        named = end_of("http://name.example/", resolve=lambda name, is_=address: [is_])
        mixed = end_of("http://name.example/", resolve=lambda name, is_=address: ["1.1.1.1", is_])
        found[address] = [called[0], peer.calls - called[0], end, named, mixed]
        peer.calls = 0
print(json.dumps(found))
