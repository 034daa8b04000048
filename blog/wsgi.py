"""What `manage.py serve`, or any other WSGI server, runs: Django, with its pages kept before it."""

import os

from django.core.wsgi import get_wsgi_application

from blog.limits import within_limits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
application = within_limits(get_wsgi_application())

# Only now are there settings and models.
from django.conf import settings  # noqa: E402
from django.db import close_old_connections  # noqa: E402

from blog import freshness  # noqa: E402
from blog.outage import away  # noqa: E402
from blog.pagecache import PageCache  # noqa: E402
from blog.posts.models import Post  # noqa: E402


def turns():
    # Outside a request, so that nobody looked yet whether the connection still stands.
    close_old_connections()
    return Post.objects.turns()


freshness.listen()
if settings.PAGE_CACHE_MB:
    application = PageCache(
        application,
        fresh=freshness.shared(),
        turns=turns,
        room=settings.PAGE_CACHE_MB * 2**20,
        is_away=away.is_set,
        passed=(settings.STATIC_URL,),
        at_edge=bool(settings.CDN_PURGE_URL),
    )
