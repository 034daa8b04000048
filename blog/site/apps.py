from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "blog.site"
    label = "site"
    verbose_name = _("Site")

    def ready(self):
        # Models exist only now.
        from blog.site.reading import site  # noqa: PLC0415
        from blog.web.context_processors import source  # noqa: PLC0415

        source[:] = [site]
