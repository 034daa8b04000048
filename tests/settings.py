"""The site's own settings, on an empty folder: tests never touch a developer's data or .env."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="postil-tests-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
(FOLDER / "static").mkdir()
os.environ["DATA_DIR"] = str(FOLDER)
os.environ["ENV_FILE"] = os.devnull
# Otherwise each command that a test runs compiles the whole project: 0.3 s each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Playwright keeps an event loop in the test's thread; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

sys.path.append(str(Path(__file__).parent / "support"))  # where `emptied` is, for other programs
from blog.settings import *  # noqa: F403
from blog.settings import INSTALLED_APPS, STORAGES

INSTALLED_APPS += ["emptied"]  # what tests commit goes again in milliseconds

# No manifest is needed: nothing was collected.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# Hashing passwords well takes long on purpose, and no test is about that.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
