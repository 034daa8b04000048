#!/usr/bin/env python3
"""Django's command line in a checkout: `./manage.py help` lists every command."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - before anything that an older one cannot read
    sys.exit("Postil needs Python 3.11 or newer, and this is {}.{}.".format(*sys.version_info))
try:
    from blog.program import main
except ModuleNotFoundError as error:
    if error.name != "django":
        raise
    sys.exit("Postil's packages are not installed for this Python: try `make serve`, once.")

if __name__ == "__main__":
    main()
