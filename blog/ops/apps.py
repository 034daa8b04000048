import gc

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_save

from blog.web.door import make_storable


class BlogConfig(AppConfig):
    name = "blog"

    def ready(self):
        # What is loaded stays; from here on the collector looks through what comes later.
        gc.freeze()
        gc.enable()

        # Models exist only now, which both of them import.
        from blog.lib.folded_search import add_function  # noqa: PLC0415
        from blog.ops import checks  # noqa: F401, PLC0415
        from blog.pages.invalidation import watch_writes  # noqa: PLC0415
        from blog.transfer import demo  # noqa: F401, PLC0415 - the admin offers to take it away

        pre_save.connect(make_storable, dispatch_uid="blog.web.door")
        # What every process writes: commands and the worker too.
        connection_created.connect(watch_writes, dispatch_uid="blog.pages.invalidation")
        connection_created.connect(add_function, dispatch_uid="blog.lib.folded_search")

        if settings.SENTRY_DSN:
            from blog.ops import sentry  # noqa: PLC0415 - its library is an extra

            sentry.begin()
