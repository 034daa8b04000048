"""Records which comments a page of the admin showed, so that a decision applies to those only.

Every form that judges comments has a hidden field with the number, version and status of each
comment it shows: `12:5f0c…:pending 13:…`.
"""

from dataclasses import dataclass, field

from blog.lib.numbers import number_in

# The most comments that one button decides: a page of rows with all that is folded under them.
MOST_AT_ONCE = 30_000


@dataclass
class Shown:
    """The version and the status in which each comment was shown, by its number."""

    versions: dict[int, str] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text):
        """Read a text that `carried` wrote; anything else in it is left out."""
        shown = cls()
        for part in text.split()[:MOST_AT_ONCE]:
            given, _colon, rest = part.partition(":")
            version, _colon, status = rest.partition(":")
            if (number := number_in(given)) is not None:
                shown.add(number, version, status)
        return shown

    def add(self, number, version="", status=""):
        """Add a comment as it was shown; without a version it counts as changed."""
        self.versions[number], self.statuses[number] = version, status

    def __bool__(self):
        return bool(self.versions)

    def update(self, other):
        self.versions |= other.versions
        self.statuses |= other.statuses

    def only(self, numbers):
        """Return the part about these comments."""
        part = Shown()
        for number in numbers:
            if number in self.versions:
                part.add(number, self.versions[number], self.statuses[number])
        return part


def carried(comments):
    """Return the text for a form's hidden field that says how these comments are shown."""
    return " ".join(f"{comment.pk}:{comment.version}:{comment.status}" for comment in comments)


def posted(request, number):
    """Return what the sent form showed in this comment's row, folded ones included."""
    shown = Shown.read(request.POST.get(f"shown-{number}", ""))
    if number not in shown.versions:
        shown.add(number)
    return shown


def on_page(request):
    """Return everything that the sent form showed."""
    shown = Shown()
    for name, text in request.POST.items():
        if name.startswith("shown-"):
            shown.update(Shown.read(text))
    return shown
