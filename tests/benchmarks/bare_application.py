"""A WSGI application that does nothing but give one answer: what the server itself costs.

`bare_application.py PORT FILE` runs it as `manage.py serve` runs Postil, on the same server with the
same settings; FILE holds the answer as JSON: status, headers, and the name of the body's file.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

status, headers, body = json.loads(Path(os.environ["BARE_ANSWER"]).read_text())
headers = [(name, value) for name, value in headers]
parts = [Path(body).read_bytes()]


def application(environ, start_response):
    start_response(status, headers)
    return parts


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
    import django

    django.setup()
    from blog.management.commands.serve import server_for

    server_for("bare_application:application", port=int(sys.argv[1])).serve()
