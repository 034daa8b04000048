from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OidcConfig(AppConfig):
    name = "blog.accounts.oidc"
    label = "oidc"
    verbose_name = _("Signing in elsewhere")
