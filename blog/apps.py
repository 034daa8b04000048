from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import pre_save

from blog import freshness  # noqa: F401 - watches what every process writes
from blog.web.door import make_storable


class BlogConfig(AppConfig):
    name = "blog"

    def ready(self):
        pre_save.connect(make_storable, dispatch_uid="blog.web.door")
        # Models exist only now, which the checks name.
        from blog import checks  # noqa: F401, PLC0415

        if settings.SENTRY_DSN:
            from blog.ops import sentry  # noqa: PLC0415 - its library is an extra

            sentry.begin()
