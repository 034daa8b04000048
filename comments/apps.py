from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Comments")

    def ready(self):
        # The jobs listen to decisions and to essays, and their models exist only now.
        from comments import privacy, tasks, websub  # noqa: F401, PLC0415
        from comments.linkbacks import sending  # noqa: F401, PLC0415
