"""Who tried to sign in, for superusers to look at. Second steps are each person's own page."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group, User
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.lib.adminforms import Explained
from blog.lib.filters import WhenFilter
from blog.lib.readonly import ForOwners

from .models import Attempt
from .roles import SENTENCES

# Its pages show the key itself, to every superuser.
admin.site.unregister(TOTPDevice)
admin.site.unregister([User, Group])


@admin.register(User)
class UserAdmin(Explained, StockUserAdmin):
    """Accounts. Nobody gives powers that they have not, nor changes a superuser's account."""

    # What only superusers give.
    POWERS = ("is_superuser", "user_permissions")

    def get_readonly_fields(self, request, obj=None):
        fixed = super().get_readonly_fields(request, obj)
        return fixed if request.user.is_superuser else [*fixed, *self.POWERS]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.may_touch(request, obj)

    def may_touch(self, request, obj):
        return obj is None or request.user.is_superuser or not obj.is_superuser

    def get_queryset(self, request):
        # Actions are about the rows that are listed.
        found = super().get_queryset(request)
        return found if request.user.is_superuser else found.filter(is_superuser=False)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            said = [(_("%s:") % name, sentence) for name, sentence in SENTENCES.items()]
            field.help_text = format_html_join("", "<span><b>{}</b> {}</span><br>", said)
        return field


@admin.register(Group)
class GroupAdmin(Explained, StockGroupAdmin):
    list_display = ["name", "what_they_may"]

    @admin.display(description=_("what they may"))
    def what_they_may(self, group):
        return SENTENCES.get(group.name, "")


@admin.register(Attempt)
class AttemptAdmin(ForOwners, admin.ModelAdmin):
    list_display = ["at", "account", "outcome", "network"]
    list_display_links = None
    list_filter = ["outcome", ("at", WhenFilter)]
    search_fields = ["name", "network"]
    list_per_page = 100

    @admin.display(description=_("account"), ordering="name")
    def account(self, attempt):
        return attempt.name or _("no such account")
