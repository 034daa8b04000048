"""Fields of the desk's form that Django has none for: tags in one line, and a moment to come."""

import re
from datetime import UTC, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.languages import MOST, site_language, suggestions, tag_of
from blog.markup.names import title_line
from blog.posts.models.words import check_language

# Chinese, Japanese and Arabic have commas of their own.
COMMAS = re.compile("[,，、،]")


class TagsField(forms.CharField):
    """Names with commas between them; returns a list of them."""

    def prepare_value(self, value):
        return value if isinstance(value, str) else ", ".join(value or ())

    def to_python(self, value):
        return [name for part in COMMAS.split(value or "") if (name := title_line(part))]

    def validate(self, value):
        super().validate(value)
        if too_long := next((name for name in value if len(name) > 100), None):
            raise ValidationError(
                _now("“%s” is too long for a tag. Put commas between tags.") % too_long[:40]
            )

    def run_validators(self, value):
        """The lengths are checked above, a tag at a time."""


class LanguageField(forms.CharField):
    """A language tag; the browser suggests some, and any other can be typed."""

    def __init__(self, **kwargs):
        given = {"required": False, "max_length": MOST, "validators": [check_language]}
        super().__init__(widget=LanguageInput, **given | kwargs)

    def to_python(self, value):
        value = super().to_python(value)
        return tag_of(value) or value


class LanguageInput(forms.TextInput):
    def __init__(self):
        super().__init__({"list": "languages", "autocapitalize": "none", "spellcheck": "false"})

    def render(self, name, value, attrs=None, renderer=None):
        attrs = {"placeholder": site_language()} | (attrs or {})
        options = format_html_join("", '<option value="{}">{}</option>', suggestions())
        field = super().render(name, value, attrs, renderer)
        return format_html('{}<datalist id="languages">{}</datalist>', field, options)


class MomentField(forms.MultiValueField):
    """A date and a time of the site's zone. The clocks' doubled hour means its first."""

    def __init__(self, **kwargs):
        day = forms.DateField(input_formats=["%Y-%m-%d"])
        hour = forms.TimeField(input_formats=["%H:%M", "%H:%M:%S"])
        widgets = (
            forms.DateInput(attrs={"type": "date", "aria-label": _("Date")}, format="%Y-%m-%d"),
            forms.TimeInput(attrs={"type": "time", "aria-label": _("Time")}, format="%H:%M"),
        )
        super().__init__([day, hour], widget=MomentWidget(widgets), required=False, **kwargs)

    def has_changed(self, initial, data):
        """Whether it is another moment, as exactly as the form says it: to the second at most."""
        try:
            given = self.clean(data)
        except ValidationError:
            return True
        if given is None or initial is None:
            return given is not initial
        part = {"second": 0} if given.second == 0 else {}
        return given != initial.replace(microsecond=0, **part)

    def compress(self, values):
        if not values or None in values:
            return None
        return moment_at(*values)


class MomentWidget(forms.MultiWidget):
    def decompress(self, value):
        if value is None:
            return [None, None]
        local = timezone.localtime(value)
        return [local.date(), local.time()]


def moment_at(day, hour):
    """Return the moment of this date and time on the site's clocks.

    Raises ValidationError for an hour that the clocks leave out, and where no year is left for it.
    """
    zone = timezone.get_default_timezone()
    try:
        moment = datetime.combine(day, hour, tzinfo=zone)
        moment = moment.astimezone(UTC)
        again = moment.astimezone(zone)
    except OverflowError as error:
        raise ValidationError(_now("No essay can have this date.")) from error
    if (again.date(), again.time()) != (day, hour):
        raise ValidationError(
            _now("The clocks skip %(hour)s on that day. Choose another time.")
            % {"hour": f"{hour:%H:%M}"}
        )
    return moment


def comes_twice(moment):
    """Whether the clocks show this hour twice on its day."""
    local = timezone.localtime(moment)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
