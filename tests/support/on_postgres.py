"""`make test-postgres`: the tests that use the database, on a PostgreSQL of their own.

Which these are conftest.py says. Arguments go to pytest.
"""

import os
import subprocess
import sys

import postgres


def main():
    if not postgres.find_initdb():
        postgres.install()
    if not postgres.find_initdb():
        sys.exit("No PostgreSQL server is installed: no initdb on PATH or where Debian has it.")
    with postgres.cluster() as url:
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
