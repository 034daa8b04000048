from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Comments")

    def ready(self):
        # The jobs listen to decisions and to essays, and their models exist only now.
        import_module("comments.tasks")
        import_module("comments.sending")
