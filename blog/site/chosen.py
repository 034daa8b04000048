"""Pictures that were chosen on the site's page and are not saved yet.

A browser sends a chosen file once. What was made of it is kept in the media, and the page sends
the names along, signed, until they are saved or taken out.
"""

from typing import NamedTuple

from django.core import signing


class Choice(NamedTuple):
    """A picture of the form: its fields, and what holds its names in a version."""

    file: str
    out: str
    name: str

    @property
    def sent(self):
        """The hidden field that says what was chosen before."""
        return f"{self.name}_chosen"

    @property
    def salt(self):
        return f"blog.site.chosen.{self.name}"

    def sealed(self, names):
        return signing.dumps(names, salt=self.salt)

    def opened(self, data):
        """Return the names that a page sent along; None for none, and for what it did not write."""
        try:
            return signing.loads(data.get(self.sent, ""), salt=self.salt)
        except signing.BadSignature:
            return None


ICON = Choice("icon_file", "icon_out", "icons")
PICTURE = Choice("picture_file", "picture_out", "picture")
CHOICES = (ICON, PICTURE)
