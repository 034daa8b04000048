"""The forms in which an owner chooses what somebody may do: a few groups, each with a sentence."""

from django import forms
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
)
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.markup.names import is_seen, name_of_person

from .owners import LAST_OWNER, is_last_owner
from .roles import SENTENCES, called, groups_given_by, in_order


class Groups(forms.ModelMultipleChoiceField):
    """Boxes to tick, one for each group, which say what it is for."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, by, **kwargs):
        given = groups_given_by(by)
        kwargs = {"label": _("What they may do"), "required": False} | kwargs
        super().__init__(given, **kwargs)
        self.choices = [(group.pk, self.label_from_instance(group)) for group in in_order(given)]

    def label_from_instance(self, group):
        said = SENTENCES.get(group.name) or _("A group of this site’s own.")
        return format_html("<b>{}</b> <span>{}</span>", called(group), said)


class PasswordSummary(ReadOnlyPasswordHashWidget):
    """What Django says of a password, as HTML has it: nothing to fill in cannot be disabled."""

    def get_context(self, name, value, attrs):
        attrs = {key: said for key, said in (attrs or {}).items() if key != "disabled"}
        return super().get_context(name, value, attrs)


class PersonForm(UserChangeForm):
    """An account as its page shows it. `by`, who looks at it, is set by the admin."""

    by = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].widget = PasswordSummary()
        if "groups" in self.fields:
            self.fields["groups"] = Groups(by=self.by)

    def clean_first_name(self):
        return self.name_in("first_name")

    def clean_last_name(self):
        return self.name_in("last_name")

    def name_in(self, field):
        """Return a name cleaned, or as it is stored; raises ValidationError for signs alone."""
        given = self.cleaned_data[field]
        if field not in self.changed_data:
            return given
        name = name_of_person(given)
        if not name and is_seen(given):
            raise ValidationError(_now("Write the name as readers are to see it."))
        return name

    def clean_groups(self):
        """Keep the groups that the person who looks at it cannot give, so they are not shown."""
        shown = self.fields["groups"].queryset
        kept = Group.objects.filter(user=self.instance).exclude(pk__in=shown.values("pk"))
        wanted = [group.pk for group in [*self.cleaned_data["groups"], *kept]]
        return Group.objects.filter(pk__in=wanted)

    def clean(self):
        """Let people of a group into the admin, which it is for, unless that is taken from them."""
        given = super().clean()
        if given.get("groups"):
            if "is_staff" not in self.fields:
                self.instance.is_staff = True
            elif not self.initial.get("is_staff"):
                given["is_staff"] = True
        return given


class PasswordForm(AdminPasswordChangeForm):
    def clean(self):
        given = super().clean()
        if not self.cleaned_data.get("set_usable_password", True) and is_last_owner(self.user):
            self.add_error("usable_password", LAST_OWNER)
        return given
