"""The links of masthead and foot: what they are by default, and how they are shown."""

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.lib.base_path import based, unbased, without_base

MOST = 30

# Views that have a name of their own in the site's language, and the `nav` of their pages.
KNOWN = {
    "index": (gettext_lazy("Essays"), "essays"),
    "archive": (gettext_lazy("Archive"), "archive"),
    "search": (gettext_lazy("Search"), "search"),
    "tags": (gettext_lazy("Tags"), ""),
    "feeds": (gettext_lazy("Feeds"), ""),
    "rss": (gettext_lazy("Feed"), ""),
    "comments-rss": (gettext_lazy("Comments feed"), ""),
}
ABOUT = "/about/"

# What apps above this one have that can be linked to: functions without arguments that return
# pairs of an address and its name.
offers = []
# Functions that return a page to try a look on, as a pair of a path and a name; None for none.
samples = []


@dataclass(frozen=True)
class Link:
    """A link as a template shows it; `nav` is what the pages it leads to call themselves."""

    to: str
    words: str
    nav: str = ""

    @property
    def is_one_page(self):
        """Whether it leads to a single page, of which the list it stands in can say so."""
        return self.nav in ("about", "search")


@cache
@without_base()
def default_masthead():
    return [[reverse("index"), ""], [reverse("archive"), ""], [ABOUT, ""], [reverse("search"), ""]]


@cache
@without_base()
def default_foot():
    return [[reverse(name), ""] for name in ("feeds", "tags")]


@cache
@without_base()
def known():
    """Return the words and the `nav` of each address that has a name by itself."""
    found = {reverse(name): said for name, said in KNOWN.items()}
    return found | {ABOUT: (gettext_lazy("About"), "about")}


def shown(pairs):
    """Return stored pairs as links, with the words of those that have none of their own."""
    names, links = known(), []
    for to, words in pairs:
        name, nav = names.get(to, ("", ""))
        links.append(Link(based(to), words or str(name) or host_of(to) or to, nav))
    return links


def host_of(address):
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:  # typed, and not stored
        return ""


def offered():
    """Return the pairs of address and name that a form suggests."""
    own = [(to, str(name)) for to, (name, _nav) in known().items()]
    return own + [pair for offer in offers for pair in offer() if pair[0] != ABOUT]


@without_base()
def to_try():
    """Return the pages that a look is tried on, each with what its button says."""
    found = [sample() for sample in samples]
    first = reverse("index"), _("Try it on the first page")
    last = reverse("archive"), _("Try it on the archive")
    return [first, *filter(None, found), last]


def clean_address(address, *, elsewhere=False):
    """Return an address that a link may lead to; raises ValidationError with a sentence."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    is_other = parts.scheme in ("http", "https") and parts.hostname
    is_mail = parts.scheme == "mailto" and "@" in parts.path
    if elsewhere and not is_other:
        raise ValidationError(_("Write a whole address, such as https://example.org/@you."))
    if not (is_ours or is_other or is_mail) or not address.isprintable() or " " in address:
        raise ValidationError(
            _("Write a path of this site, such as /about/, or a whole address with https://.")
        )
    return unbased(address)
