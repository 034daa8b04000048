from importlib import import_module

from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"

    def ready(self):
        # Watches what every process writes, commands and the worker too.
        import_module("blog.freshness")
        import_module("blog.checks")
