"""The form of the site's settings: plain fields, and lists of links that buttons move."""

from django import forms
from django.conf import global_settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.languages import own_name
from blog.lib.lines import Lines
from blog.lib.listing import labelled
from blog.markup import MarkupError, render_comment
from blog.web.choosing import PictureInput, most_at_once

from . import icons, links, looks, own_css
from .chosen import CHOICES, ICON, PICTURE
from .link_lists import LinkList
from .models import SiteVersion
from .reading import PAPER, VARIABLES, default_of, is_set_outside, site, usual_tagline

STARTED_FROM = "started_from"

# The page's parts, and the fields of each.
GROUPS = [
    (_("Name and words"), ["title", "tagline", "author", "language", "entries", "feed_entries"]),
    (
        _("Look"),
        ["colours", "typeface", "css", "icon_file", "icon_out", "picture_file", "picture_out"],
    ),
    (
        _("Comments"),
        ["comments", "comment_days", "comment_policy", "comment_notes", "comment_words"],
    ),
]
USUAL = {
    "colours": _("Paper: nearly white, with a red line"),
    "typeface": _("Book: Charter and its like"),
}
NEWER = _(
    "Somebody saved these settings after you opened them, so nothing was saved now. What you typed "
    "is still below. Save again to have yours in their place; theirs stay among the versions."
)
FILES = {name for choice in CHOICES for name in (choice.file, choice.out)}


def by_own_name():
    """Return the languages that the site can be in, each by its own name for itself."""
    return sorted(
        ((code, own_name(code)) for code, _name in global_settings.LANGUAGES),
        key=lambda pair: pair[1].casefold(),
    )


def shown_default(name):
    """Return what a field stands for while it is empty, as the form's choices have it."""
    value = default_of(name)
    if name == "tagline":
        return value or usual_tagline(site().language)
    return {True: "open", False: "closed"}.get(value, value) if name == "comments" else value


class SiteForm(forms.ModelForm):
    """A new version of the settings, begun from `stored`, the newest one there is."""

    icon_file = forms.FileField(label=_("Icon"), required=False, widget=PictureInput)
    icon_out = forms.BooleanField(label=_("The usual icon"), required=False)
    picture_file = forms.FileField(
        label=_("Picture for sharing"), required=False, widget=PictureInput
    )
    picture_out = forms.BooleanField(label=_("A card with the title"), required=False)

    class Meta:
        model = SiteVersion
        fields = tuple(name for _legend, names in GROUPS for name in names if name not in FILES)
        widgets = {
            "comment_words": Lines(attrs={"rows": 3}),
            "css": Lines(attrs={"rows": 8, "spellcheck": "false", "dir": "ltr"}),
            "language": forms.Select(choices=[("", ""), *by_own_name()]),
        }
        help_texts = {
            "language": _(
                "Of dates, quotation marks and hyphens. Essays and comments are set again when it "
                "changes; an essay in another language says so itself."
            ),
            "colours": _("Each has a night of its own, and the contrast that reading needs."),
            "typeface": _("Of what readers have already; none is sent to them."),
            "css": _(
                "CSS for readers’ pages, after the site’s own. The admin has none of it: whatever "
                "it does, you can take it out here. It can ask no other site. Most: 20,000 bytes."
            ),
            "comment_days": _("Empty: for ever."),
            "comment_notes": _("An essay can be stricter, at the desk. Notes that are there stay."),
            "tagline": _("One line that says what the site is about."),
            "author": _("Signs essays whose author has no name in the admin."),
            "feed_entries": _("Empty: as many as on a page."),
            "comment_words": _(
                "Who may comment and how, say. Links, *emphasis* and > quotes work. Empty: none."
            ),
        }

    def __init__(self, data=None, files=None, *, stored):
        # A new row each time: no version is ever changed.
        super().__init__(
            data, files, instance=SiteVersion(**stored.values) if stored else SiteVersion()
        )
        self.stored, self.says_newer = stored, False
        # What was made of files that are not saved yet, and of which of them just now.
        self.chosen, self.just_made = {}, set()
        for choice in CHOICES:
            if made := choice.opened(self.data):
                self.chosen[choice.name] = made
        for choice in CHOICES:
            self.fields[choice.file].help_text = most_at_once()
        for name, field in self.fields.items():
            field.variable = VARIABLES[name] if is_set_outside(name) else ""
            field.is_tick = isinstance(field.widget, forms.CheckboxInput)
            if field.variable:
                field.disabled = True
                self.initial[name] = shown_default(name)
            if isinstance(field.widget, forms.Select):
                field.widget.attrs.pop("maxlength", None)  # which a list does not have
                named = [choice for choice in field.widget.choices if choice[0]]
                usual = USUAL.get(name) or dict(named).get(shown_default(name), "")
                field.widget.choices = [("", _("Usual: %(what)s") % {"what": usual}), *named]
            elif (default := shown_default(name)) and not field.variable:
                field.widget.attrs["placeholder"] = default
        self.lists = [
            LinkList(self, "masthead", _("Masthead"), links.default_masthead()),
            LinkList(self, "foot", _("Foot"), links.default_foot()),
            LinkList(self, "profiles", _("You elsewhere"), [], elsewhere=True),
        ]

    @property
    def groups(self):
        """The parts, each with its fields; what was never chosen cannot be taken out."""
        idle = {
            choice.out
            for choice in CHOICES
            if choice.name not in self.chosen and not getattr(self.stored, choice.name, None)
        }
        return [
            (legend, [self[name] for name in names if name not in idle]) for legend, names in GROUPS
        ]

    def clean_css(self):
        return own_css.checked(self.cleaned_data["css"])

    def clean_language(self):
        language = self.cleaned_data["language"]
        if language and language not in dict(global_settings.LANGUAGES):
            raise ValidationError(_now("Choose a language of the list."))
        return language

    def clean_icon_file(self):
        self.make(ICON, icons.icons_of)

    def clean_picture_file(self):
        self.make(PICTURE, icons.picture_of)

    def make(self, choice, make):
        """Keep what is made of an uploaded file, in place of what was chosen before."""
        if file := self.cleaned_data[choice.file]:
            paper = looks.colours_by_day(self.cleaned_data.get("colours")).get("paper", PAPER)
            self.chosen[choice.name] = make(file, paper)
            self.just_made.add(choice.name)

    def take_chosen(self, choice):
        """Have the version show what was chosen, or nothing of its own."""
        is_out = self.cleaned_data.get(choice.out)
        if is_out and choice.name in self.just_made:
            self.add_error(choice.file, _now("Choose a file or tick the box below it, not both."))
        elif is_out:
            self.chosen.pop(choice.name, None)
            setattr(self.instance, choice.name, type(getattr(self.instance, choice.name))())
        elif choice.name in self.chosen:
            setattr(self.instance, choice.name, self.chosen[choice.name])

    @property
    def kept(self):
        """What was chosen and is not saved yet, as the page sends it along."""
        return [
            (choice.sent, choice.sealed(self.chosen[choice.name]))
            for choice in CHOICES
            if choice.name in self.chosen
        ]

    def forget_errors(self):
        """Say only what is wrong with a file: a page whose links are moved is not saved yet."""
        for name in [name for name in self.errors if name not in FILES]:
            del self.errors[name]
        for row in (row for each in self.lists for row in each.rows):
            row.error = ""

    @property
    def newest(self):
        return str(self.stored.pk) if self.stored else "0"

    @property
    def token(self):
        """Which version the page began with, however often it is shown; theirs once it says so."""
        if not self.is_bound or self.says_newer:
            return self.newest
        return self.data.get(STARTED_FROM, "")

    @property
    def is_as_stored(self):
        """Whether to save it would change nothing, as where Save was pressed twice."""
        return self.instance.values == (self.stored or SiteVersion()).values

    def look_for_newer(self):
        """Refuse to put this in the place of what somebody saved since the page was opened."""
        is_alike = self.is_valid() and self.is_as_stored
        if self.token != self.newest and not is_alike:
            self.add_error(None, _now(NEWER))
            self.says_newer = True

    def move(self, command):
        """Do what the button of a row says: up, down, out, or the usual links for all of them."""
        name, _colon, rest = command.partition(":")
        number, _colon, way = rest.partition(":")
        for each in self.lists:
            if each.name == name:
                each.move(number, way)

    @property
    def problems(self):
        """What is wrong, in the page's order: the id of each field, its name and a sentence."""
        found = [
            (field.id_for_label, field.label, error)
            for _legend, fields in self.groups
            for field in fields
            for error in field.errors
        ]
        return found + [
            (f"{each.name}-{number}", labelled(each.label, row.to or row.words), row.error)
            for each in self.lists
            for number, row in each.numbered
            if row.error
        ]

    def _check_links(self):
        for each in self.lists:
            setattr(self.instance, each.name, each.checked())
            if wrong := [row.error for row in each.rows if row.error]:
                self.errors[each.name] = self.error_class(wrong)

    def _post_clean(self):
        # What the environment sets is not stored, for the day that it no longer does.
        outside = {name: getattr(self.instance, name) for name in self.Meta.fields}
        super()._post_clean()
        for name, value in outside.items():
            if is_set_outside(name):
                setattr(self.instance, name, value)
        for choice in CHOICES:
            self.take_chosen(choice)
        self._check_links()
        words = self.instance.comment_words.strip()
        try:
            self.instance.comment_words_html = render_comment(words) if words else ""
        except MarkupError as error:
            self.add_error("comment_words", str(error))
