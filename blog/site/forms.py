"""The form of the site's settings: plain fields, and lists of links that buttons move."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.markup import MarkupError, one_line, render_comment

from . import links
from .models import SiteVersion
from .reading import VARIABLES, default_of, is_set_outside

STARTED_FROM = "started_from"
# Characters of a link's address and of its words.
MOST_OF_ADDRESS, MOST_OF_WORDS = 500, 60


class SiteForm(forms.ModelForm):
    """A new version of the settings, begun from `stored`, the newest one there is."""

    class Meta:
        model = SiteVersion
        fields = ("title", "tagline", "author", "entries", "feed_entries", "comment_words")
        widgets = {"comment_words": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "tagline": _("One line that says what the site is about."),
            "author": _("Signs essays whose author has no name in the admin."),
            "feed_entries": _("Empty: as many as on a page."),
            "comment_words": _(
                "Who may comment and how, say. Links, *emphasis* and > quotes work. Empty: none."
            ),
        }

    def __init__(self, data=None, *, stored):
        # A new row each time: no version is ever changed.
        super().__init__(data, instance=SiteVersion(**stored.values) if stored else SiteVersion())
        self.token = str(stored.pk) if stored else "0"
        for name, field in self.fields.items():
            field.variable = VARIABLES[name] if is_set_outside(name) else ""
            if field.variable:
                field.disabled = True
                self.initial[name] = default_of(name)
            elif default := default_of(name):
                field.widget.attrs["placeholder"] = default
        self.lists = [
            LinkList(self, "masthead", _("Masthead"), links.default_masthead()),
            LinkList(self, "foot", _("Foot"), links.default_foot()),
            LinkList(self, "profiles", _("You elsewhere"), [], elsewhere=True),
        ]

    @property
    def is_newer_stored(self):
        """Whether somebody saved another version since this form was shown."""
        return self.is_bound and self.data.get(STARTED_FROM) != self.token

    def move(self, command):
        """Do what the button of a row says: up, down, out, or the usual links for all of them."""
        name, _colon, rest = command.partition(":")
        number, _colon, way = rest.partition(":")
        for each in self.lists:
            if each.name == name and number.isdecimal():
                each.move(int(number[:3]), way)

    def _post_clean(self):
        # What the environment sets is not stored, for the day that it no longer does.
        outside = {name: getattr(self.instance, name) for name in self.fields}
        super()._post_clean()
        for name, value in outside.items():
            if is_set_outside(name):
                setattr(self.instance, name, value)
        for each in self.lists:
            setattr(self.instance, each.name, each.checked())
        words = self.instance.comment_words.strip()
        try:
            self.instance.comment_words_html = render_comment(words) if words else ""
        except MarkupError as error:
            self.add_error("comment_words", str(error))
        if any(row.error for each in self.lists for row in each.rows):
            self.add_error(None, _now("A link cannot be kept as it is. Its line says why."))


@dataclass
class Row:
    """A line of a list: a link's address and words, what is wrong, and its words by itself."""

    to: str = ""
    words: str = ""
    error: str = ""
    own: str = ""


class LinkList:
    """The links of one place, in their order."""

    def __init__(self, form, name, label, usual, *, elsewhere=False):
        self.form, self.name, self.label = form, name, label
        self.usual, self.elsewhere = usual, elsewhere

    @cached_property
    def rows(self):
        """Those that were typed; else those stored; else the usual ones."""
        if not self.form.is_bound:
            pairs = getattr(self.form.instance, self.name)
            return [Row(*pair) for pair in (self.usual if pairs is None else pairs)]
        given = []
        for number in range(links.MOST):
            to, words = (
                one_line(self.form.data.get(f"{self.name}-{number}-{part}", ""))
                for part in ("to", "words")
            )
            if to or words:
                given.append(Row(to, words))
        return given

    @property
    def numbered(self):
        """The rows, each with the words it has by itself, and an empty one to fill in."""
        more = [Row()] if len(self.rows) < links.MOST else []
        rows = [*self.rows, *more]
        for row, link in zip(rows, links.shown([row.to, ""] for row in rows), strict=True):
            row.own = link.words
        return list(enumerate(rows))

    def move(self, number, way):
        rows = self.rows
        if way == "usual":
            rows[:] = [Row(*pair) for pair in self.usual]
        elif number < len(rows) and way == "out":
            del rows[number]
        elif number < len(rows) and way in ("up", "down"):
            place = number + (1 if way == "down" else -1)
            rows.insert(max(0, place), rows.pop(number))

    def checked(self):
        """Return the pairs to store, None for the usual ones; what is wrong is at its row."""
        for row in self.rows:
            try:
                row.to = links.clean_address(row.to, elsewhere=self.elsewhere)
            except ValidationError as error:
                row.error = error.messages[0]
            if len(row.to) > MOST_OF_ADDRESS or len(row.words) > MOST_OF_WORDS:
                row.error = _now("This is too long for a link.")
        names = dict(links.offered()) if any(not row.words for row in self.rows) else {}
        known = links.known()
        pairs = []
        for row in self.rows:
            # A page is called as it is now; what has a name in each language keeps none of its own.
            own = "" if row.to in known else names.get(row.to, "")[:MOST_OF_WORDS]
            pairs.append([row.to, row.words or own])
        return None if pairs == self.usual else pairs
