from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from blog.lib import languages
from blog.web import context_processors, stylesheet


class SiteConfig(AppConfig):
    name = "blog.site"
    label = "site"
    verbose_name = _("Site")

    def ready(self):
        # Models exist only now.
        from blog.site.reading import site  # noqa: PLC0415

        context_processors.source.append(site)
        languages.source.append(lambda: site().language)
        stylesheet.own.append(lambda: site().css)
