"""What `manage.py serve`, or any other WSGI server, runs: Django, with its pages kept before it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
application = get_wsgi_application()

# Only now are there settings and models.
from django.conf import settings  # noqa: E402
from django.db import close_old_connections, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from blog.lib.base_path import unbased  # noqa: E402
from blog.lib.database import away, wait_briefly_for_locks  # noqa: E402
from blog.ops import metrics  # noqa: E402
from blog.ops.health import ALIVE, READY, with_health  # noqa: E402
from blog.ops.request_log import Identified, Watched, log_json, log_text  # noqa: E402
from blog.pages.cache import PageCache  # noqa: E402
from blog.pages.generation import shared  # noqa: E402
from blog.pages.policy import host_as_kept  # noqa: E402
from blog.posts import reading  # noqa: E402
from blog.web.base_path import BelowBasePath  # noqa: E402
from blog.web.limits import within_limits  # noqa: E402
from blog.web.theme.at_once import with_theme_at_once  # noqa: E402

application = with_health(application)
direct = (ALIVE, READY)
count = None
if settings.METRICS_TOKEN:
    application, count = metrics.with_metrics(application), metrics.count
    direct += (metrics.ADDRESS,)
application = Identified(within_limits(application))


def turns():
    # Outside a request, so that nobody looked yet whether the connection still stands.
    close_old_connections()
    return reading.turns(timezone.now())


if connection.vendor == "postgresql":
    # Only there: psycopg is 6 MiB that a site on SQLite does without.
    from blog.pages import listener

    listener.begin()
wait_briefly_for_locks()
if settings.PAGE_CACHE_MB:
    application = PageCache(
        application,
        fresh=shared(),
        turns=turns,
        room=settings.PAGE_CACHE_MB * 2**20,
        is_away=away.is_set,
        passed=(unbased(settings.STATIC_URL), unbased(settings.MEDIA_URL), *direct),
        at_edge=bool(settings.CDN_PURGE_URL),
        host_of=host_as_kept,
    )

if settings.DEBUG:
    # Each change of a theme shows at once.
    application = with_theme_at_once(application, shared().change)

if settings.BASE_PATH:
    application = BelowBasePath(application, direct)
if settings.REQUEST_LOG or count:
    log = log_json if settings.LOG_FORMAT == "json" else log_text
    application = Watched(application, log if settings.REQUEST_LOG else None, count)
