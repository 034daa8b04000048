from django.apps import AppConfig
from django.apps import apps as django_apps
from django.contrib.admin import apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "blog.accounts"
    label = "accounts"
    verbose_name = _("Signing in")

    def ready(self):
        # They listen to changes of models, which exist only now.
        from blog.accounts import owners  # noqa: F401, PLC0415
        from blog.accounts.trigger import keep_trigger  # noqa: PLC0415

        post_migrate.connect(keep_trigger, sender=self, dispatch_uid="accounts.last_owner")
        # Its pages are those of accounts and groups.
        django_apps.get_app_config("auth").verbose_name = _("People")


class SiteAdminConfig(apps.AdminConfig):
    """The stock admin, with this site's own way to sign in."""

    default = False
    default_site = "blog.accounts.site.Site"
