"""Every setting of a Postil site, read from the environment in this one place.

`.env.example` lists each variable with its default; a file `.env` beside `manage.py`, or in the
data folder of a Postil that was installed (or the one ENV_FILE names), is read too, and what stands
in the environment itself wins. A value that cannot be used stops the start with a sentence that
names its variable.

What the site is called and shows can be set in the admin too (blog/site/); what is set here wins.
"""

import os
from datetime import timedelta
from urllib.parse import urlsplit

import environ
from django.conf import global_settings

from blog.lib import env, oidc_settings, whereabouts
from blog.lib.first_parts import FIRST_PARTS, MORE_PARTS
from blog.lib.logs import logging_as
from blog.lib.secret_file import kept_secret

BASE_DIR = whereabouts.FILES

# Before a file adds to it, for the server to start its successor with. In small letters it is not a
# setting, which Django would show to developers.
started_with = dict(os.environ)
env_file = env.text("ENV_FILE") or str(whereabouts.settings_file())
environ.Env.read_env(env_file)

# --- Where things are -------------------------------------------------------------------------

PORT = env.read("PORT", 8000, env.between(1, 65535), "a port number from 1 to 65535")
DATA_DIR = env.read("DATA_DIR", None, whereabouts.folder, "a folder") or whereabouts.data_folder()
SITE_URL = env.read(
    "SITE_URL",
    f"http://127.0.0.1:{PORT}",
    env.parse_site_url,
    "an address such as https://blog.example.org, with no path, which BASE_PATH is for",
)
HTTPS = SITE_URL.startswith("https://")

ADMIN_PATH = env.read(
    "ADMIN_PATH",
    "admin",
    env.parse_path,
    "one part of an address, such as desk: small letters, figures and hyphens",
)
# The path of another site that the whole of this one lives below; "" for a host of its own.
BASE_PATH = env.read(
    "BASE_PATH",
    "",
    env.base_path_beside(ADMIN_PATH, *FIRST_PARTS, *MORE_PARTS),
    "a path such as /blog in plain letters, and none of this site’s own, such as /admin or /2026",
)
FORCE_SCRIPT_NAME = BASE_PATH or None
DEBUG = env.read("DEBUG", False, env.parse_bool, "on or off")
ALLOWED_HOSTS = env.read(
    "ALLOWED_HOSTS",
    sorted({urlsplit(SITE_URL).hostname, "localhost", "127.0.0.1", "[::1]"}),
    env.split_list,
    "host names with commas between them",
)

whereabouts.make(DATA_DIR)
SECRET_KEY = env.text("SECRET_KEY") or kept_secret(DATA_DIR / "secret_key")

# --- Who the site is --------------------------------------------------------------------------

SITE_TITLE = env.text("SITE_TITLE") or "Postil"
SITE_TAGLINE = env.text("SITE_TAGLINE")  # blog/site/reading.py has one for none
SITE_AUTHOR = env.text("SITE_AUTHOR")
ENTRIES_PER_PAGE = env.read(
    "ENTRIES_PER_PAGE", 20, env.between(1, 200), "a whole number from 1 to 200"
)
# In which letters new addresses are written.
SLUGS = env.read("SLUGS", "script", env.one_of("script", "ascii"), "script or ascii")
LANGUAGE_CODE = env.read(
    "LANGUAGE_CODE", "en", env.parse_language, "a language code such as en or pt-br"
)
TIME_ZONE = env.read("TIME_ZONE", "UTC", env.parse_time_zone, "a time zone such as Europe/Berlin")
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "blog.lib.formats"
LOCALE_PATHS = [whereabouts.PACKAGE / "locale"]

# --- What it stands on ------------------------------------------------------------------------

DATABASES = {
    "default": env.read(
        "DATABASE_URL",
        {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "postil.sqlite3")},
        env.url_of(environ.Env.db_url_config, ("sqlite", "postgres", "postgresql")),
        "a database address such as postgres://user:password@host/name or sqlite:////data/blog.db",
    )
}
# Connections to PostgreSQL that the threads of a process share; without, each keeps its own.
DATABASE_POOL = env.read("DATABASE_POOL", None, env.between(1, 100), "a whole number from 1 to 100")
DATABASES["default"] |= env.connection_of(DATABASES["default"], DATABASE_POOL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Many hosts name a Redis or Valkey REDIS_URL by themselves; CACHE_URL wins.
CACHES = {
    "default": env.read(
        "CACHE_URL",
        env.read(
            "REDIS_URL",
            {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
            env.url_of(env.parse_cache, ("redis", "rediss", "valkey", "valkeys")),
            "a Redis address such as redis://127.0.0.1:6379/1",
        ),
        env.url_of(env.parse_cache, environ.Env.CACHE_SCHEMES),
        "a cache address such as redis://127.0.0.1:6379/1",
    ),
    # Parts of pages that follow from settings alone. With DEBUG a template may change under it.
    "process": {
        "BACKEND": f"django.core.cache.backends.{'dummy.Dummy' if DEBUG else 'locmem.LocMem'}Cache",
        "LOCATION": "process",
        # A theme's parts are not ours.
        "KEY_FUNCTION": "blog.web.theme.mode.fragment_key",
    },
}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    env.needs("redis", "redis", "redis", "CACHE_URL")
# Seconds for each step of speaking to a mail server; a job that waits longer is tried later.
EMAIL_TIMEOUT = 10
_mail = env.read(
    "EMAIL_URL",
    environ.Env.email_url_config("consolemail://"),
    env.url_of(environ.Env.email_url_config, environ.Env.EMAIL_SCHEMES),
    "a mail address such as smtp+tls://user:password@mail.example.org:587",
)
EMAIL_BACKEND, EMAIL_FILE_PATH = _mail["EMAIL_BACKEND"], _mail["EMAIL_FILE_PATH"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
# Without a mail server nothing is offered, nothing is queued, and the site works as it is.
MAIL_IS_SET_UP = EMAIL_BACKEND.split(".")[-2] not in ("console", "dummy")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.read(
    "EMAIL_FROM",
    env.mailbox(SITE_TITLE, f"noreply@{urlsplit(SITE_URL).hostname}"),
    env.parse_mailbox,
    "an address such as My margin <noreply@blog.example.org>",
)
# Megabytes of pages that each process of the server keeps ready.
PAGE_CACHE_MB = env.read("PAGE_CACHE_MB", 32, env.between(0, 65536), "a whole number of megabytes")
# What a cache before this site, such as Varnish or a CDN, is sent whenever pages change.
CDN_PURGE_URL = env.read("CDN_PURGE_URL", "", env.parse_http_url, "an http or https address")
CDN_PURGE_METHOD = env.text("CDN_PURGE_METHOD") or "POST"
CDN_PURGE_HEADERS = env.read(
    "CDN_PURGE_HEADERS", {}, env.parse_headers, "headers such as Fastly-Key: abc, split by |"
)
CDN_PURGE_BODY = env.text("CDN_PURGE_BODY")
WEBSUB_HUB = env.read("WEBSUB_HUB", "", env.parse_http_url, "an http or https address")
# Where `manage.py backup` keeps its files, and after how many days without one the admin says so.
BACKUP_TO = env.text("BACKUP_TO") or str(DATA_DIR / "backups")
BACKUP_DAYS = env.read("BACKUP_DAYS", 8, env.between(0, 3650), "a whole number of days to 3650")
TRUSTED_PROXIES = env.read(
    "TRUSTED_PROXIES", [], env.parse_networks, "addresses or networks such as 127.0.0.1, 10.0.0.0/8"
)
# Request bodies on their way to a process at once, a quarter from one network; no reader waits.
BODY_WAITS = env.read("BODY_WAITS", 16, env.between(1, 100), "a whole number from 1 to 100")
COMMENT_POLICY = env.read(
    "COMMENT_POLICY",
    "hold-first",
    env.one_of("hold-all", "hold-first", "publish-all"),
    "hold-all, hold-first or publish-all",
)
COMMENTS_OPEN = env.read("COMMENTS_OPEN", True, env.parse_bool, "on or off")
COMMENT_NOTES = env.read("COMMENT_NOTES", "on", env.one_of("on", "known", "off"), "on, known, off")
COMMENT_DAYS = env.read(
    "COMMENT_DAYS", None, env.between(1, 36500), "a whole number of days from 1"
)
COMMENT_RATE_PER_NETWORK = env.read("COMMENT_RATE_PER_NETWORK", (5, 60), env.parse_rate, env.RATE)
COMMENT_RATE_SITE = env.read("COMMENT_RATE_SITE", (60, 60), env.parse_rate, env.RATE)
CONFIRM_RATE_SITE = env.read("CONFIRM_RATE_SITE", (60, 3600), env.parse_rate, env.RATE)
COMMENT_ADDRESS_DAYS = env.read(
    "COMMENT_ADDRESS_DAYS", 30, env.between(0, 3650), "a whole number of days to 3650"
)
COMMENT_LENGTH = env.read("COMMENT_LENGTH", 5000, env.between(1, 60000), "a whole number to 60000")
# Points of the learning filter, which are 100 at most.
COMMENT_SPAM_ABOVE = env.read(
    "COMMENT_SPAM_ABOVE", 98, env.between(60, 100), "a whole number from 60 to 100"
)
LINKBACKS = env.read("LINKBACKS", True, env.parse_bool, "on or off")
LINKBACK_POLICY = env.read("LINKBACK_POLICY", "hold", env.one_of("hold", "known"), "hold or known")
LINKBACK_RATE_PER_NETWORK = env.read(
    "LINKBACK_RATE_PER_NETWORK", (10, 60), env.parse_rate, env.RATE
)
LINKBACK_RATE_PER_HOST = env.read("LINKBACK_RATE_PER_HOST", (10, 60), env.parse_rate, env.RATE)
LINKBACK_RATE_SITE = env.read("LINKBACK_RATE_SITE", (60, 60), env.parse_rate, env.RATE)
LINKBACK_WAITS = env.read("LINKBACK_WAITS", 1, env.between(0, 100), "a whole number to 100")
# Read by the one door to the network, blog/net/fetch.py; the default allows none.
LINKBACK_PRIVATE_HOSTS = env.read(
    "LINKBACK_PRIVATE_HOSTS", [], env.split_list, "host names or networks with commas between them"
)
# Whether the pages that essays link to are notified.
LINKBACKS_SEND = env.read("LINKBACKS_SEND", True, env.parse_bool, "on or off")

# --- Signing in --------------------------------------------------------------------------------

# Failed sign-ins after which more are refused: of one account, wherever they come from, and from
# one network (blog/accounts/models.py says who has a count of their own).
LOGIN_RATE_PER_ACCOUNT = env.read("LOGIN_RATE_PER_ACCOUNT", (10, 3600), env.parse_rate, env.RATE)
LOGIN_RATE_PER_NETWORK = env.read("LOGIN_RATE_PER_NETWORK", (30, 3600), env.parse_rate, env.RATE)
STAFF_SECOND_STEP = env.read(
    "STAFF_SECOND_STEP", "optional", env.one_of("optional", "required"), "optional or required"
)
globals().update(oidc_settings.read())  # a provider of OpenID Connect
OTP_TOTP_ISSUER = SITE_TITLE
# Its own waits double without end, so that strangers could keep an owner out; ours do not.
OTP_TOTP_THROTTLE_FACTOR = 0

# --- What it is made of -----------------------------------------------------------------------

ROOT_URLCONF = "blog.urls"
WSGI_APPLICATION = "blog.wsgi.application"
INSTALLED_APPS = [
    "blog.ops.apps.BlogConfig",
    "blog.site",
    "blog.posts",
    "comments",
    "django_tasks",
    "django_tasks_db",
    "blog.jobs",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "blog.transfer.moving",
    "blog.accounts.oidc",
    "blog.accounts",  # takes a page of django-otp's out of the admin again
    "blog.accounts.apps.SiteAdminConfig",
    *(f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")),
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
]
MIDDLEWARE = [
    "blog.web.middleware.private_by_default",
    "blog.web.middleware.trusted_proxies",
    "blog.web.middleware.in_site_language",
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
    "blog.web.middleware.newer_session_stays",
    "django.middleware.common.CommonMiddleware",
    "blog.posts.middleware.old_addresses",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "comments.linkbacks.middleware.advertise_linkbacks",
]
TEMPLATES = [
    {
        # Django's own, with a theme's templates over ours.
        "BACKEND": "blog.web.theme.engine.Templates",
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "blog.web.context_processors.site",
            ],
            "builtins": ["blog.lib.capitals"],
        },
    }
]

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# Commands that a worker runs by itself, more often than weekly: after a week that is forgotten.
daily = timedelta(days=1)
SCHEDULE = {
    "forget_sign_ins": daily,
    "clearsessions": daily,
    "forget_addresses": daily,
    "tend_mail": daily,
    "empty_trash": daily,
    "empty_bin": daily,
    "forget_uploads": daily,
    "renditions --later": daily,
    "render --later": daily,
    "reindex --later --count": daily,
    "cards --later": daily,
    "forget_linkbacks": daily,
    "prune_db_task_results --min-age-days=7 --failed-min-age-days=90 --verbosity=0": daily,
}

MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = f"{BASE_PATH}/media/"
# The bytes of a picture that comes in one request. How large it may be, and what comes in parts, is
# up to blog/media/pictures/limits.py.
IMAGE_BYTES = 10_000_000
# Megabytes of a sound or a film, and of any file that comes in parts.
RECORDING_MB = env.read("RECORDING_MB", 500, env.between(1, 10_000), "a whole number of megabytes")
STATIC_URL = f"{BASE_PATH}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["blog.web.theme.finder.Finder", *global_settings.STATICFILES_FINDERS]
# Templates and static files of the owner's own (docs/theme.md).
THEME_DIR = DATA_DIR / "theme"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site has any business with our files
STORAGES = {
    # With several web machines: a bucket that all of them see.
    "default": env.read(
        "MEDIA_STORAGE",
        {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        env.parse_media_storage,
        "a bucket such as s3://bucket/folder?endpoint_url=https://s3.example.org",
    ),
    "staticfiles": {"BACKEND": "blog.ops.static_files.Storage"},
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
# Of all that is sent outside the admin: the longest comment, 60,000 characters of twelve bytes each
# as browsers write those of four, and its other fields.
READERS_FORM_BYTES = 800_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
# Under a path the host is another site's, and so is what holds for all of it.
OWNS_HOST = not BASE_PATH
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS and OWNS_HOST else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and OWNS_HOST
SILENCED_SYSTEM_CHECKS = [] if OWNS_HOST else ["security.W004"]
# Named alike, so that pages/policy.py knows at a glance who gets pages of their own. With __Host-
# no sibling domain can set one; those of a path are called by it, for the site around's own Postil.
_prefix = ("__Host-" if OWNS_HOST else "__Secure-") if HTTPS else ""
COOKIE_PATH, COOKIE_NAMES = f"{BASE_PATH}/", env.cookie_names_below(BASE_PATH)
SESSION_COOKIE_NAME = f"{_prefix}{COOKIE_NAMES}session"
CSRF_COOKIE_NAME = f"{_prefix}{COOKIE_NAMES}csrf"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = COOKIE_PATH
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "blog.web.errors.csrf_failure"

PASSWORD_HASHERS = [
    "blog.accounts.hashers.Argon2",
    # For what was hashed before; signing in hashes it again.
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

LOG_FORMAT = env.read("LOG_FORMAT", "text", env.one_of("text", "json"), "text or json")
# Off, for a proxy in front writes such lines already, and what is not written down need not be
# kept safe; pages from memory then pass one layer less.
REQUEST_LOG = env.read("REQUEST_LOG", False, env.parse_bool, "on or off")
METRICS_TOKEN = env.read(
    "METRICS_TOKEN",
    "",
    env.parse_token,
    "at least 16 letters, figures and the like, such as a UUID",
)
SENTRY_DSN = env.read("SENTRY_DSN", "", env.parse_http_url, "the address that Sentry shows as DSN")
if METRICS_TOKEN:
    env.needs("prometheus_client", "prometheus_client", "metrics", "METRICS_TOKEN")
if SENTRY_DSN:
    env.needs("sentry_sdk", "sentry-sdk", "sentry", "SENTRY_DSN")
LOGGING = logging_as(LOG_FORMAT)
SET_IN_ENVIRONMENT = frozenset(env.given)  # which the admin cannot set (blog/site/reading.py)
