"""A WSGI application that does nothing but give one answer: what the server itself costs.

`bare_application.py PORT` runs it on granian with the settings of blog/ops/server.py and nothing
else of ours. BARE_ANSWER names a file that holds the answer as JSON: status, headers, and the name
of the body's file.
"""

import json
import os
import sys
from pathlib import Path

status, headers, body = json.loads(Path(os.environ["BARE_ANSWER"]).read_text())
headers = [(name, value) for name, value in headers]
parts = [Path(body).read_bytes()]
# The default of `serve --threads`.
THREADS = 4


def application(environ, start_response):
    start_response(status, headers)
    return parts


if __name__ == "__main__":
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    Granian(
        "bare_application:application",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_level="warning",
    ).serve()
