"""What groups and single permissions are called, which the database holds in English."""

from django.contrib import admin
from django.contrib.admin.utils import get_model_from_relation
from django.contrib.auth.models import Permission
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from .roles import AUTHORS, EDITORS, MODERATORS, OWNERS

GROUPS = {
    OWNERS: pgettext_lazy("group of people", "Owners"),
    EDITORS: pgettext_lazy("group of people", "Editors"),
    AUTHORS: pgettext_lazy("group of people", "Authors"),
    MODERATORS: pgettext_lazy("group of people", "Moderators"),
}


def group_in_words(group):
    return str(GROUPS.get(group.name, group.name))


def permission_in_words(permission):
    """Return what a permission allows, by the names that the model has in this language."""
    return f"{permission.content_type} | {allowed_by(permission)}"


def allowed_by(permission):
    model = permission.content_type.model_class()
    if model is None:
        return permission.name
    meta = model._meta
    action, _line, name = permission.codename.partition("_")
    said = {
        "add": _("Can add %(what)s"),
        "change": _("Can change %(what)s"),
        "delete": _("Can delete %(what)s"),
        "view": _("Can view %(what)s"),
    }
    if name == meta.model_name and action in said:
        return said[action] % {"what": meta.verbose_name}
    return str(dict(meta.permissions).get(permission.codename, permission.name))


class SaysPermissions:
    """A ModelAdmin that offers permissions, each called by the language of the page."""

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and get_model_from_relation(db_field) is Permission:
            field.label_from_instance = permission_in_words
            field.queryset = field.queryset.select_related("content_type")
        return field


class GroupsFilter(admin.RelatedFieldListFilter):
    def field_choices(self, field, request, model_admin):
        choices = super().field_choices(field, request, model_admin)
        return [(number, str(GROUPS.get(name, name))) for number, name in choices]
