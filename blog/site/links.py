"""The links of masthead and foot: what they are by default, and how they are shown."""

from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.lib.base_path import based, is_below, unbased, without_base
from blog.net.names import ascii_name, own_letters

# Links of a menu, and characters of a link's address and of its words.
MOST, MOST_OF_ADDRESS, MOST_OF_WORDS = 30, 500, 60

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
    """Return what a link elsewhere is called by itself: its host, or the address of a mail."""
    try:
        parts = urlsplit(address)
    except ValueError:  # typed, and not stored
        return ""
    if parts.scheme == "mailto":
        return said if (said := unquote(parts.path)).isprintable() else parts.path
    return own_letters((parts.hostname or "").removeprefix("www."))


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
        is_other = parts.scheme in ("http", "https") and is_host(parts)
    except ValueError:  # not an address, or its port is out of range
        parts, is_other = urlsplit(""), False
    if elsewhere and not is_other:
        raise ValidationError(_("Write a whole address, such as https://example.org/@you."))
    is_mail = parts.scheme == "mailto" and all(map(is_mailbox, unquote(parts.path).split(",")))
    is_taken = (is_place(address) and is_place(unbased(address))) or is_other or is_mail
    if not is_taken or not address.isprintable() or " " in address:
        raise ValidationError(
            _("Write a path of this site, such as /about/, or a whole address with https://.")
        )
    if is_other and not elsewhere:
        return place_of(parts) or address
    return unbased(address)


def is_place(address):
    """Whether this is a path of this site; those with two slashes lead to another host."""
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def is_host(parts):
    """Whether an address has a host, and neither a name and password nor a port that none has."""
    named = ascii_name(parts.hostname or "").strip(".")
    return bool(named) and "@" not in parts.netloc and parts.port != 0


def is_mailbox(text):
    name, _at, host = text.rpartition("@")
    return bool(name and "@" not in name and ascii_name(host).strip("."))


def place_of(parts):
    """Return the path of a whole address of this site, as it is stored; None for other sites."""
    if machine(parts) != machine(urlsplit(settings.SITE_URL)):
        return None
    own = parts._replace(scheme="", netloc="", path=parts.path or "/")
    if not is_place(own.path) or not is_below(own.path):
        return None
    place = unbased(own.geturl())
    return place if is_place(place) else None


def machine(parts):
    """Return the host of an address and its port, None for that of its scheme."""
    usual = {"http": 80, "https": 443}[parts.scheme]
    return ascii_name(parts.hostname), None if parts.port == usual else parts.port
