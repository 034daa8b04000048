"""Who tried to sign in, for superusers to look at. Second steps are each person's own page."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.lib.adminforms import Explained
from blog.lib.filters import WhenFilter
from blog.lib.readonly import ForSuperusers

from .models import Attempt

# Its pages show the key itself, to every superuser.
admin.site.unregister(TOTPDevice)
admin.site.unregister([User, Group])


@admin.register(User)
class UserAdmin(Explained, StockUserAdmin):
    pass


@admin.register(Group)
class GroupAdmin(Explained, StockGroupAdmin):
    pass


@admin.register(Attempt)
class AttemptAdmin(ForSuperusers, admin.ModelAdmin):
    list_display = ["at", "account", "outcome", "network"]
    list_display_links = None
    list_filter = ["outcome", ("at", WhenFilter)]
    search_fields = ["name", "network"]
    list_per_page = 100

    @admin.display(description=_("account"), ordering="name")
    def account(self, attempt):
        return attempt.name or _("no such account")
