from django.apps import AppConfig
from django.contrib.admin import apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "blog.accounts"
    label = "accounts"
    verbose_name = _("Signing in")

    def ready(self):
        # They listen to changes of models, which exist only now.
        from blog.accounts import owners  # noqa: F401, PLC0415


class SiteAdminConfig(apps.AdminConfig):
    """The stock admin, with this site's own way to sign in."""

    default = False
    default_site = "blog.accounts.site.Site"
