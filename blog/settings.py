"""Every setting of a Postil site, read from the environment in this one place.

`.env.example` lists each variable with its default; a file `.env` beside `manage.py` (or the one
ENV_FILE names) is read too, and what stands in the environment itself wins. A value that cannot
be used stops the start with a sentence that names its variable.

Who the site is (title, tagline, author, language, time zone, entries a page) is set here and not
in the admin: every page shows it, so a stored copy would cost each page a query or each change a
stale page, and permalinks depend on the time zone, which nobody should move with one click. The
About page is writing, not a setting: it is a page in the admin, at /about/.
"""

import contextlib
import importlib.util
import ipaddress
import os
import re
import secrets
import tempfile
import zoneinfo
from collections.abc import Callable, Collection
from datetime import timedelta
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

# As it was before a file added to it, for the program to be started anew with (server.py). Not a
# setting, which Django would show to developers.
started_with = dict(os.environ)
env = environ.Env()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))


def read(name: str, default: Any, parse: Callable[[str], Any], wanted: str) -> Any:
    """Return variable `name` through `parse`, or `default` where it is unset or empty.

    Raises ImproperlyConfigured with a sentence that names the variable, shows what stood there
    and says what is `wanted`.
    """
    text = env.str(name, default="").strip()
    if not text:
        return default
    try:
        return parse(text)
    except (ValueError, TypeError, KeyError, OSError, ImproperlyConfigured) as error:
        # What stands before an @ may be a password, so such a value is not repeated.
        instead = "" if "@" in text else f", not {text!r}"
        raise ImproperlyConfigured(f"{name} must be {wanted}{instead}.") from error


def between(low: int, high: int) -> Callable[[str], int]:
    """Return a parser for a whole number from `low` to `high`."""

    def parse(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return parse


def parse_bool(text: str) -> bool:
    """Return what a person means by on or off; anything unclear raises KeyError."""
    words = {"true": True, "on": True, "yes": True, "1": True}
    words |= {"false": False, "off": False, "no": False, "0": False}
    return words[text.lower()]


def parse_site_url(text: str) -> str:
    """Return an http(s) address without its last slash; the site lives at a host's root."""
    parts = urlsplit(text)
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    # Asking for the port raises ValueError where it cannot be one.
    if parts.scheme not in ("http", "https") or not parts.hostname or extra or parts.port == 0:
        raise ValueError(text)
    return f"{parts.scheme}://{parts.netloc}"


def parse_http_url(text: str) -> str:
    """Return an address of the web as it stands."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(text)
    return text


def parse_headers(text: str) -> dict[str, str]:
    """Return header fields by name, written `Name: value | Name: value`."""
    pairs = [part.partition(":") for part in text.split("|")]
    if not all(name.strip() and colon and text.isprintable() for name, colon, _ in pairs):
        raise ValueError(text)
    return {name.strip(): value.strip() for name, _, value in pairs}


def parse_path(text: str) -> str:
    """Return one part of an address, without the slashes around it."""
    part = text.strip("/")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,49}", part):
        raise ValueError(text)
    return part


def parse_token(text: str) -> str:
    """Return a secret word that a header can hold, not one that is quickly guessed."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,200}", text):
        raise ValueError(text)
    return text


def parse_language(text: str) -> str:
    """Return the code of a language that Django speaks, in lower case."""
    code = text.lower()
    if code not in dict(global_settings.LANGUAGES):
        raise ValueError(text)
    return code


RATE = "a rate such as 5/m, 100/h or 1000/d, or none"


def parse_rate(text: str) -> tuple[int, int] | None:
    """Return how many in how many seconds; None for no limit."""
    if text.lower() == "none":
        return None
    count, _, unit = text.partition("/")
    if int(count) < 1:
        raise ValueError(text)
    return int(count), {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit.strip().lower()]


def split_list(text: str) -> list[str]:
    """Return the parts of a list written with commas; a list of nothing raises ValueError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise ValueError(text)
    return parts


def parse_networks(text: str) -> list[Any]:
    """Return IP networks; a bare address is a network of one."""
    return [ipaddress.ip_network(part, strict=False) for part in split_list(text)]


def mailbox(name: str, address: str) -> str:
    """Return how a sender is written in a header: its name cleaned of control characters."""
    return formataddr((" ".join("".join(c for c in name if c.isprintable()).split()), address))


def parse_mailbox(text: str) -> str:
    """Return an address, with or without a name before it."""
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    if not (local and domain) or any(c.isspace() or not c.isprintable() for c in address):
        raise ValueError(text)
    return mailbox(name, address)


def url_of(parse: Callable[..., dict], schemes: Collection[str]) -> Callable[[str], dict]:
    """Return a parser that reads a URL by one of django-environ's `*_url_config`."""

    def parsed(text: str) -> dict:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(text)
        return parse(text)

    return parsed


def parse_cache(text: str) -> dict:
    """Return Django's CACHES entry for an address; Valkey is spoken to as Redis is."""
    scheme, mark, rest = text.partition("://")
    names = {"valkey": "redis", "valkeys": "rediss"}
    return dict(environ.Env.cache_url_config(names.get(scheme, scheme) + mark + rest))


def parse_media_storage(text: str) -> dict:
    """Return Django's STORAGES entry for `s3://bucket/folder?endpoint_url=…&region_name=…`.

    Who asks, boto3 reads from AWS_ACCESS_KEY_ID and its companions, as for backups.
    """
    parts = urlsplit(text)
    options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    wrong = set(options) - {"endpoint_url", "region_name"}
    if parts.scheme != "s3" or not parts.hostname or wrong or parts.fragment or "@" in text:
        raise ValueError(text)
    if "endpoint_url" in options:
        parse_http_url(options["endpoint_url"])
    place = {"bucket_name": parts.netloc, "location": parts.path.strip("/")}
    return {"BACKEND": "blog.media.bucket.MediaBucket", "OPTIONS": place | options}


# --- Where things are -------------------------------------------------------------------------

PORT = read("PORT", 8000, between(1, 65535), "a port number from 1 to 65535")
DATA_DIR = (BASE_DIR / read("DATA_DIR", "var", Path, "a folder")).resolve()
SITE_URL = read(
    "SITE_URL",
    f"http://127.0.0.1:{PORT}",
    parse_site_url,
    "an address such as https://blog.example.org, with no path",
)
HTTPS = SITE_URL.startswith("https://")

ADMIN_PATH = read(
    "ADMIN_PATH",
    "admin",
    parse_path,
    "one part of an address, such as desk: small letters, figures and hyphens",
)
DEBUG = read("DEBUG", False, parse_bool, "on or off")
ALLOWED_HOSTS = read(
    "ALLOWED_HOSTS",
    sorted({urlsplit(SITE_URL).hostname, "localhost", "127.0.0.1", "[::1]"}),
    split_list,
    "host names with commas between them",
)


def kept_secret(path: Path) -> str:
    """Return the secret kept at `path`, made on first use and readable by its owner alone."""
    try:
        if path.exists() and not path.stat().st_size:
            path.unlink()  # what a machine that lost its power may leave
        if not path.exists():
            # Written elsewhere and then named: of several processes starting at once, one names
            # its own, and nobody reads a file that is not yet whole.
            with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
                file.write(secrets.token_urlsafe(50))
                file.flush()
                os.fsync(file.fileno())
                with contextlib.suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR must be a folder Postil may write to: {error.strerror} at {path.parent}. "
            "Or give a SECRET_KEY."
        ) from error


with contextlib.suppress(OSError):  # what then fails for want of it says so
    # It holds people's addresses: for its owner alone.
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret_key")

# --- Who the site is --------------------------------------------------------------------------

SITE_TITLE = env.str("SITE_TITLE", default="") or "Postil"
SITE_TAGLINE = env.str("SITE_TAGLINE", default="") or "Essays, with notes in the margin."
SITE_AUTHOR = env.str("SITE_AUTHOR", default="")
ENTRIES_PER_PAGE = read("ENTRIES_PER_PAGE", 20, between(1, 200), "a whole number from 1 to 200")
LANGUAGE_CODE = read("LANGUAGE_CODE", "en", parse_language, "a language code such as en or pt-br")
TIME_ZONE = read(
    "TIME_ZONE",
    "UTC",
    lambda text: zoneinfo.ZoneInfo(text).key,
    "a time zone such as Europe/Berlin",
)
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "blog" / "locale"]

# --- What it stands on ------------------------------------------------------------------------

DATABASES = {
    "default": read(
        "DATABASE_URL",
        {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "postil.sqlite3")},
        url_of(environ.Env.db_url_config, ("sqlite", "postgres", "postgresql")),
        "a database address such as postgres://user:password@host/name or sqlite:////data/blog.db",
    )
}
DATABASES["default"]["CONN_MAX_AGE"] = None
# Connections to PostgreSQL that the threads of a process share; without, each keeps its own.
DATABASE_POOL = read("DATABASE_POOL", None, between(1, 100), "a whole number from 1 to 100")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A writer takes its lock at once and waits for it, so nobody meets "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # WAL lets readers go on while someone writes. FULL has the disk keep what is answered for:
        # with NORMAL a disk that fails, or a power cut, takes back what was said since minutes.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A machine that is gone says nothing; so many seconds or milliseconds later it counts as gone
    # (libpq, 34.1.2). Of a process that hangs, blog/lib/database.py knows.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    } | DATABASES["default"].get("OPTIONS", {})
    if DATABASE_POOL:
        # Seconds a request waits for a free one; the pool keeps them, so a thread must not.
        sizes = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10}
        DATABASES["default"]["OPTIONS"]["pool"] = sizes
        DATABASES["default"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Many hosts name a Redis or Valkey REDIS_URL by themselves; CACHE_URL wins.
CACHES = {
    "default": read(
        "CACHE_URL",
        read(
            "REDIS_URL",
            {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
            url_of(parse_cache, ("redis", "rediss", "valkey", "valkeys")),
            "a Redis address such as redis://127.0.0.1:6379/1",
        ),
        url_of(parse_cache, environ.Env.CACHE_SCHEMES),
        "a cache address such as redis://127.0.0.1:6379/1",
    ),
    # Parts of pages that follow from settings alone. With DEBUG a template may change under it.
    "process": {
        "BACKEND": f"django.core.cache.backends.{'dummy.Dummy' if DEBUG else 'locmem.LocMem'}Cache",
        "LOCATION": "process",
    },
}
# Seconds for each step of speaking to a mail server; a job that waits longer is tried later.
EMAIL_TIMEOUT = 10
vars().update(
    read(
        "EMAIL_URL",
        environ.Env.email_url_config("consolemail://"),
        url_of(environ.Env.email_url_config, environ.Env.EMAIL_SCHEMES),
        "a mail address such as smtp+tls://user:password@mail.example.org:587",
    )
)
# Without a mail server nothing is offered, nothing is queued, and the site works as it is.
MAIL_IS_SET_UP = not vars()["EMAIL_BACKEND"].endswith(
    (".console.EmailBackend", ".dummy.EmailBackend")
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read(
    "EMAIL_FROM",
    mailbox(SITE_TITLE, f"noreply@{urlsplit(SITE_URL).hostname}"),
    parse_mailbox,
    "an address such as My margin <noreply@blog.example.org>",
)
# Megabytes of pages that each process of the server keeps ready.
PAGE_CACHE_MB = read("PAGE_CACHE_MB", 32, between(0, 65536), "a whole number of megabytes")
# What a cache before this site, such as Varnish or a CDN, is sent whenever pages change.
CDN_PURGE_URL = read("CDN_PURGE_URL", "", parse_http_url, "an http or https address")
CDN_PURGE_METHOD = env.str("CDN_PURGE_METHOD", default="") or "POST"
CDN_PURGE_HEADERS = read(
    "CDN_PURGE_HEADERS", {}, parse_headers, "headers such as Fastly-Key: abc, split by |"
)
CDN_PURGE_BODY = env.str("CDN_PURGE_BODY", default="")
# Where `manage.py backup` keeps its files, and after how many days without one the admin says so.
BACKUP_TO = env.str("BACKUP_TO", default="") or str(DATA_DIR / "backups")
BACKUP_DAYS = read("BACKUP_DAYS", 8, between(0, 3650), "a whole number of days to 3650")
TRUSTED_PROXIES = read(
    "TRUSTED_PROXIES", [], parse_networks, "addresses or networks such as 127.0.0.1, 10.0.0.0/8"
)
# Bodies of requests that may be on their way to a process at once; a quarter of them from one
# network. None of its readers waits for them.
BODY_WAITS = read("BODY_WAITS", 16, between(1, 100), "a whole number from 1 to 100")
COMMENT_POLICY = read(
    "COMMENT_POLICY",
    "hold-first",
    {name: name for name in ("hold-all", "hold-first", "publish-all")}.__getitem__,
    "hold-all, hold-first or publish-all",
)
COMMENTS_OPEN = read("COMMENTS_OPEN", True, parse_bool, "on or off")
COMMENT_DAYS = read("COMMENT_DAYS", None, between(1, 36500), "a whole number of days from 1")
COMMENT_RATE_PER_NETWORK = read("COMMENT_RATE_PER_NETWORK", (5, 60), parse_rate, RATE)
COMMENT_RATE_SITE = read("COMMENT_RATE_SITE", (60, 60), parse_rate, RATE)
CONFIRM_RATE_SITE = read("CONFIRM_RATE_SITE", (60, 3600), parse_rate, RATE)
COMMENT_ADDRESS_DAYS = read(
    "COMMENT_ADDRESS_DAYS", 30, between(0, 3650), "a whole number of days to 3650"
)
COMMENT_LENGTH = read("COMMENT_LENGTH", 5000, between(1, 60000), "a whole number to 60000")
# Points of the learning filter, which are 100 at most.
COMMENT_SPAM_ABOVE = read(
    "COMMENT_SPAM_ABOVE", 98, between(60, 100), "a whole number from 60 to 100"
)
LINKBACKS = read("LINKBACKS", True, parse_bool, "on or off")
LINKBACK_POLICY = read(
    "LINKBACK_POLICY",
    "hold",
    {name: name for name in ("hold", "known")}.__getitem__,
    "hold or known",
)
LINKBACK_RATE_PER_NETWORK = read("LINKBACK_RATE_PER_NETWORK", (10, 60), parse_rate, RATE)
LINKBACK_RATE_PER_HOST = read("LINKBACK_RATE_PER_HOST", (10, 60), parse_rate, RATE)
LINKBACK_RATE_SITE = read("LINKBACK_RATE_SITE", (60, 60), parse_rate, RATE)
LINKBACK_WAITS = read("LINKBACK_WAITS", 1, between(0, 100), "a whole number to 100")
# Read by the one door to the network, comments/linkbacks/fetch.py; the default allows none.
LINKBACK_PRIVATE_HOSTS = read(
    "LINKBACK_PRIVATE_HOSTS", [], split_list, "host names or networks with commas between them"
)
# Whether the pages that essays link to are told of it.
LINKBACKS_SEND = read("LINKBACKS_SEND", True, parse_bool, "on or off")

# --- Signing in --------------------------------------------------------------------------------

# Failed sign-ins after which more are refused: of one account, wherever they come from, and from
# one network (blog/accounts/models.py says who has a count of their own).
LOGIN_RATE_PER_ACCOUNT = read("LOGIN_RATE_PER_ACCOUNT", (10, 3600), parse_rate, RATE)
LOGIN_RATE_PER_NETWORK = read("LOGIN_RATE_PER_NETWORK", (30, 3600), parse_rate, RATE)
STAFF_SECOND_STEP = read(
    "STAFF_SECOND_STEP",
    "optional",
    {name: name for name in ("optional", "required")}.__getitem__,
    "optional or required",
)
OTP_TOTP_ISSUER = SITE_TITLE
# Its own waits double without end, so that strangers could keep an owner out; ours do not.
OTP_TOTP_THROTTLE_FACTOR = 0

# --- What it is made of -----------------------------------------------------------------------

ROOT_URLCONF = "blog.urls"
WSGI_APPLICATION = "blog.wsgi.application"
INSTALLED_APPS = [
    "blog",
    "blog.posts",
    "comments",
    "django_tasks",
    "django_tasks_db",
    "blog.jobs",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "blog.accounts",  # takes a page of django-otp's out of the admin again
    "blog.accounts.apps.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
]
MIDDLEWARE = [
    "blog.web.middleware.private_by_default",
    "blog.web.middleware.trusted_proxies",
    "blog.web.middleware.only_utf8",
    "django.middleware.security.SecurityMiddleware",
    "blog.web.middleware.security_headers",
    "blog.web.middleware.refuse",
    "blog.web.middleware.without_null",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "blog.web.middleware.compress",
    "blog.web.middleware.words_back",
    "django.middleware.http.ConditionalGetMiddleware",
    "blog.web.middleware.without_database",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "blog.posts.middleware.old_addresses",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "comments.middleware.advertise_linkbacks",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "blog.web.context_processors.site",
            ],
        },
    }
]

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# Commands of manage.py that a worker runs by itself, and how often: more often than weekly, for
# the row that says it was done is forgotten after a week.
SCHEDULE = {
    "forget_sign_ins": timedelta(days=1),
    "clearsessions": timedelta(days=1),
    "forget_addresses": timedelta(days=1),
    "tend_mail": timedelta(days=1),
    "empty_trash": timedelta(days=1),
    "forget_linkbacks": timedelta(days=1),
    "prune_db_task_results --min-age-days=7 --failed-min-age-days=90 --verbosity=0": timedelta(
        days=1
    ),
}

MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "media/"
# An image to upload: its bytes, and its width times its height, of which each takes four bytes
# of memory while it is read. Phones make 12 million.
IMAGE_BYTES = 10_000_000
IMAGE_PIXELS = 30_000_000
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site has any business with our files
STORAGES = {
    # With several web machines: a bucket that all of them see.
    "default": read(
        "MEDIA_STORAGE",
        {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        parse_media_storage,
        "a bucket such as s3://bucket/folder?endpoint_url=https://s3.example.org",
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Safe by default --------------------------------------------------------------------------

# Named as in Django 6, whose own middleware can take over when the next LTS is out.
SECURE_CSP = {
    "default-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
PERMISSIONS_POLICY = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
# What a request may bring; blog/web/limits.py has the rest, and serve.py the server's part.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # bytes, of all but an image
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# Named alike, so that pages/policy.py knows at a glance who gets pages of their own.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "postil_session", "postil_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "blog.web.errors.csrf_failure"

if HTTPS:
    # Browsers take cookies of these names from this host alone, so no sibling domain can set one.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-postil_session", "__Host-postil_csrf"

PASSWORD_HASHERS = [
    "blog.accounts.hashers.Argon2",
    # For what was hashed before; signing in hashes it anew.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LOG_FORMAT = read(
    "LOG_FORMAT", "text", {"text": "text", "json": "json"}.__getitem__, "text or json"
)
# Off, for a proxy in front writes such lines already, and what is not written down need not be
# kept safe; pages from memory then pass one layer less.
REQUEST_LOG = read("REQUEST_LOG", False, parse_bool, "on or off")


def needs(extra: str, package: str, variable: str) -> None:
    """Raise ImproperlyConfigured, with what to do, where a package is not installed."""
    if not importlib.util.find_spec(extra):
        raise ImproperlyConfigured(
            f"For {variable} {package} is needed: .venv/bin/python -m pip install {package}"
        )


METRICS_TOKEN = read(
    "METRICS_TOKEN", "", parse_token, "at least 16 letters, figures and the like, such as a UUID"
)
SENTRY_DSN = read("SENTRY_DSN", "", parse_http_url, "the address that Sentry shows as DSN")
if METRICS_TOKEN:
    needs("prometheus_client", "prometheus_client", "METRICS_TOKEN")
if SENTRY_DSN:
    needs("sentry_sdk", "sentry-sdk", "SENTRY_DSN")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "blog.lib.logs.TextFormatter"},
        "json": {"()": "blog.lib.logs.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # A reader who mistypes an address is no news.
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Nor are the broken requests of robots, each with a traceback; they are refused.
        "django.security": {"level": "CRITICAL"},
    },
}
