from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class BlogConfig(AppConfig):
    name = "blog"

    def ready(self):
        # Watches what every process writes, commands and the worker too.
        import_module("blog.freshness")
        import_module("blog.checks")
        # Cleans what every process stores.
        import_module("blog.door")
        if settings.SENTRY_DSN:
            import_module("blog.sentry").begin()
