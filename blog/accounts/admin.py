"""Who tried to sign in, for superusers to look at. Second steps are each person's own page."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.lib.adminforms import Explained, yes_or_no
from blog.lib.filters import WhenFilter
from blog.lib.listing import listed
from blog.lib.readonly import ForOwners

from .inviting import InvitationAdmin  # noqa: F401 - which registers its page
from .leaving import LeaveView
from .models import Attempt, Invitation
from .people import PasswordForm, PersonForm
from .powers import GroupsFilter, SaysPermissions, group_in_words
from .roles import SENTENCES, called, in_order

# Its pages show the key itself, to every superuser.
admin.site.unregister(TOTPDevice)
admin.site.unregister([User, Group])


@admin.register(User)
class UserAdmin(SaysPermissions, Explained, StockUserAdmin):
    """Accounts. Nobody gives powers that they have not, nor changes a superuser's account."""

    form = PersonForm
    change_password_form = PasswordForm
    delete_confirmation_template = "admin/auth/user/delete.html"
    delete_selected_confirmation_template = "admin/auth/user/delete_many.html"
    list_display = ["username", "name", "email", "what_they_may", "may_sign_in", "last_login"]
    list_filter = [("groups", GroupsFilter), "is_active"]
    filter_horizontal = ["user_permissions"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Who it is"), {"fields": ["first_name", "last_name", "email"]}),
        (_("What they may do"), {"fields": ["groups", "is_active"]}),
        (
            _("Single powers, beside the groups"),
            {"fields": ["is_staff", "is_superuser", "user_permissions"], "classes": ["collapse"]},
        ),
        (_("Important dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    # What only superusers give.
    POWERS = ("is_superuser", "user_permissions")

    def get_urls(self):
        leave = self.admin_site.admin_view(LeaveView(self).of_somebody)
        return [path("<int:number>/leave/", leave, name="auth_user_leave"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": _("People")} | (extra_context or {}))

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.is_superuser:
            return fieldsets
        return [each for each in fieldsets if "user_permissions" not in each[1]["fields"]]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        if issubclass(form, PersonForm):
            form.by = request.user
            if active := form.base_fields.get("is_active"):
                active.label = _("May sign in")
                active.help_text = _("Take this away instead of deleting an account.")
        return form

    def get_queryset(self, request):
        # Actions are about the rows that are listed.
        found = super().get_queryset(request).prefetch_related("groups")
        return found if request.user.is_superuser else found.filter(is_superuser=False)

    def get_readonly_fields(self, request, obj=None):
        fixed = super().get_readonly_fields(request, obj)
        return fixed if request.user.is_superuser else [*fixed, *self.POWERS]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.may_touch(request, obj)

    def delete_model(self, request, user):
        Invitation.objects.outlive([user.pk])
        super().delete_model(request, user)

    def delete_queryset(self, request, queryset):
        Invitation.objects.outlive(queryset.values_list("pk", flat=True))
        super().delete_queryset(request, queryset)

    def may_touch(self, request, obj):
        return obj is None or request.user.is_superuser or not obj.is_superuser

    @admin.display(description=_("name"), ordering="last_name", empty_value="")
    def name(self, user):
        return user.get_full_name()

    @admin.display(description=_("what they may do"))
    def what_they_may(self, user):
        if user.is_superuser:
            return pgettext("what somebody may do", "Everything")
        return listed(called(group) for group in in_order(user.groups.all()))

    @admin.display(description=User._meta.get_field("is_active").verbose_name, ordering="is_active")
    def may_sign_in(self, user):
        return yes_or_no(user.is_active)


@admin.register(Group)
class GroupAdmin(SaysPermissions, Explained, StockGroupAdmin):
    """Groups. Those that exist from the start keep their names and stay, as code knows them."""

    list_display = ["called", "what_they_may"]

    def changelist_view(self, request, extra_context=None):
        said = {"title": _("What each may do")}
        return super().changelist_view(request, said | (extra_context or {}))

    def get_readonly_fields(self, request, obj=None):
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "called"] if obj and obj.name in SENTENCES else fixed

    def get_fields(self, request, obj=None):
        return ["called" if obj and obj.name in SENTENCES else "name", "permissions"]

    @admin.display(description=Group._meta.get_field("name").verbose_name, ordering="name")
    def called(self, group):
        return group_in_words(group)

    def has_delete_permission(self, request, obj=None):
        from_the_start = obj is not None and obj.name in SENTENCES
        return not from_the_start and super().has_delete_permission(request, obj)

    @admin.display(description=_("what they may do"))
    def what_they_may(self, group):
        return SENTENCES.get(group.name, "")

    def delete_queryset(self, request, queryset):
        if queryset.filter(name__in=SENTENCES).exists():
            raise ValidationError(_("The groups that exist from the start stay."))
        super().delete_queryset(request, queryset)


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
