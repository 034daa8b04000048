"""The command `postil`, and `manage.py` in a checkout: Django's command line on this site."""

import errno
import gc
import os
import platform
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, InternalError, OperationalError, ProgrammingError
from django.db.migrations.exceptions import MigrationSchemaMissing

from blog import __version__

# What no command can do anything about, and a sentence says.
OF_THE_DATABASE = (OperationalError, ProgrammingError, InternalError, MigrationSchemaMissing)
FOR_THE_OWNER = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}


def main() -> None:
    if os.name == "nt":
        sys.exit("Postil runs on Linux, macOS and other Unix systems. On Windows, use it in WSL.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
    # Nothing that a start loads is garbage, and looking for it takes a sixteenth of that time.
    gc.disable()  # until BlogConfig is ready
    if sys.argv[1:] in (["version"], ["--version"]):
        python = platform.python_version()
        print(f"Postil {__version__} (Django {django.__version__}, Python {python})")  # noqa: T201
        return
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Postil cannot start: {error}")
    except BrokenPipeError:
        # The program that reads what we print, such as `head`, has read enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit(130)  # as shells have it
    except (*OF_THE_DATABASE, OSError) as error:
        if "--traceback" in sys.argv or not (said := for_the_owner(error)):
            raise
        sys.exit(said)


def for_the_owner(error: DatabaseError | OSError) -> str:
    """Return the sentence for what is wrong around the program; "" for what may be wrong in it."""
    if isinstance(error, DatabaseError):
        why = " ".join(str(error).split()).rstrip(".")
        return f"The database cannot be used: {why}. `doctor` says more; --traceback shows where."
    if error.errno not in FOR_THE_OWNER:
        return ""
    return (
        f"{error.filename or 'A file'} cannot be used: {error.strerror}. --traceback shows where."
    )
