"""The lists of links on the site's page, whose rows are moved by buttons."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now

from blog.markup import one_line

from . import links


@dataclass
class Row:
    """A line of a list: a link's address and words, what is wrong, and its words by itself.

    `number` is what the line had on the page it was sent from.
    """

    to: str = ""
    words: str = ""
    number: str = ""
    error: str = ""
    own: str = ""
    # Its buttons, and where the page has the focus: at one of these or at its address.
    ways: tuple = ()
    focus: str = ""


class LinkList:
    """The links of one place, in their order."""

    def __init__(self, form, name, label, usual, *, elsewhere=False):
        self.form, self.name, self.label = form, name, label
        self.usual, self.elsewhere = usual, elsewhere
        # The place to which the page comes back, and the button that led there.
        self.pressed = None

    @property
    def was_sent(self):
        """Whether the form has it; the page sends at least one field of each list."""
        sent = self.form.data if self.form.is_bound else ()
        names = (f"{self.name}-{n}-{part}" for n in range(links.MOST) for part in ("to", "words"))
        return any(name in sent for name in names)

    @cached_property
    def rows(self):
        """Those that were typed; else those stored; else the usual ones."""
        if not self.was_sent:
            pairs = getattr(self.form.instance, self.name)
            return [Row(*pair) for pair in (self.usual if pairs is None else pairs)]
        given = []
        for number in range(links.MOST):
            to, words = (
                one_line(self.form.data.get(f"{self.name}-{number}-{part}", ""))
                for part in ("to", "words")
            )
            if to or words:
                given.append(Row(to, words, str(number)))
        return given

    @cached_property
    def numbered(self):
        """The rows, each with the words it has by itself, and an empty one to fill in."""
        more = [Row()] if len(self.rows) < links.MOST else []
        rows = [*self.rows, *more]
        last = len(self.rows) - 1
        for number, link in enumerate(links.shown([row.to, ""] for row in rows)):
            rows[number].own = link.words
            can = {"up": 0 < number <= last, "down": number < last, "out": number <= last}
            rows[number].ways = tuple(way for way in can if can[way])
        if self.pressed:
            place, way = self.pressed
            row = rows[min(place, len(rows) - 1)]
            # At the end of the list the way back is what is left.
            ways = (way, *row.ways[:1]) if way in ("up", "down") else ()
            row.focus = next((way for way in ways if way in row.ways and way != "out"), "to")
        return list(enumerate(rows))

    def move(self, number, way):
        """Move the row of this number on the page; nothing, if it was emptied by hand."""
        rows = self.rows
        place = next((place for place, row in enumerate(rows) if row.number == number), None)
        if way == "usual":
            rows[:] = [Row(*pair) for pair in self.usual]
            place = 0
        elif place is not None and way == "out":
            del rows[place]
        elif place is not None and way in ("up", "down"):
            row = rows.pop(place)
            place = max(0, place + (1 if way == "down" else -1))
            rows.insert(place, row)
            place = min(place, len(rows) - 1)
        self.pressed = (len(rows) if place is None else place), way

    def checked(self):
        """Return the pairs to store, None for the usual ones; what is wrong is at its row."""
        for row in self.rows:
            try:
                row.to = links.clean_address(row.to, elsewhere=self.elsewhere)
            except ValidationError as error:
                row.error = error.messages[0]
            if len(row.to) > links.MOST_OF_ADDRESS or len(row.words) > links.MOST_OF_WORDS:
                row.error = _now("This is too long for a link.")
        names = dict(links.offered()) if any(not row.words for row in self.rows) else {}
        known = links.known()
        pairs = []
        for row in self.rows:
            # A page is called as it is now; what has a name in each language keeps none of its own.
            own = "" if row.to in known else names.get(row.to, "")[: links.MOST_OF_WORDS]
            pairs.append([row.to, row.words or own])
        return None if pairs == self.usual else pairs
