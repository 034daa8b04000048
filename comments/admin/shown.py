"""What a page of the admin showed, so that a decision applies to that and to nothing else.

Every form in which comments are judged carries, for each comment on it, its number, version and
status: `12:5f0c…:pending 13:…`.
"""

from dataclasses import dataclass, field

from blog.lib.numbers import number_in

# Comments that one press decides about at most: a page of rows with all that is folded under them.
MOST_AT_ONCE = 30_000


@dataclass
class Shown:
    """The version and the status in which each comment was shown, by its number."""

    versions: dict[int, str] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text):
        """Return what `carried` wrote; parts that it did not write are left out."""
        shown = cls()
        for part in text.split()[:MOST_AT_ONCE]:
            given, _colon, rest = part.partition(":")
            version, _colon, status = rest.partition(":")
            if (number := number_in(given)) is not None:
                shown.add(number, version, status)
        return shown

    def add(self, number, version="", status=""):
        """Note how a comment was shown; without a version it counts as changed."""
        self.versions[number], self.statuses[number] = version, status

    def __bool__(self):
        return bool(self.versions)

    def update(self, other):
        self.versions |= other.versions
        self.statuses |= other.statuses

    def only(self, numbers):
        """Return what was shown of these comments."""
        part = Shown()
        for number in numbers:
            if number in self.versions:
                part.add(number, self.versions[number], self.statuses[number])
        return part


def carried(comments):
    """Return the comments as they are on this page, for a hidden field of its form."""
    return " ".join(f"{comment.pk}:{comment.version}:{comment.status}" for comment in comments)


def posted(request, number):
    """Return what the row of this comment showed, with what was folded under it."""
    shown = Shown.read(request.POST.get(f"shown-{number}", ""))
    if number not in shown.versions:
        shown.add(number)
    return shown


def on_page(request):
    """Return all that the page showed which sent this form."""
    shown = Shown()
    for name, text in request.POST.items():
        if name.startswith("shown-"):
            shown.update(Shown.read(text))
    return shown
