from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class PostsConfig(AppConfig):
    name = "blog.posts"
    label = "posts"
    verbose_name = _("Essays")
    # An essay names its author; when somebody signed in is on no page (blog.pages.invalidation).
    changes_pages = {settings.AUTH_USER_MODEL: {"last_login"}}

    def ready(self):
        # The jobs listen to versions, and their models exist only now.
        from blog.posts import handing_over, offering, tasks  # noqa: F401, PLC0415
