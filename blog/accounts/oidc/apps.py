import logging

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OidcConfig(AppConfig):
    name = "blog.accounts.oidc"
    label = "oidc"
    verbose_name = _("Signing in elsewhere")

    def ready(self):
        # Who is joined to which account, and whom claims put into which group, is worth a line.
        logging.getLogger(self.name).setLevel(logging.INFO)
