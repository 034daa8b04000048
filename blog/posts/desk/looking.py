"""What an author may want to look at before others do: none of it ever blocks publishing."""

import re
from dataclasses import asdict, dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from blog.lib.base_path import home, unbased
from blog.markup.players import tag_for
from blog.posts.models import OldAddress, Post

from .saying import number, sentence
from .source import Lines, masked

NOTE, NO_NOTE, PICTURE, LINK, HEADING = "note", "no-note", "picture", "link", "heading"
EMBED, TRACK = "embed", "track"
# What the foot line calls each, the sentence beside it, and the words that lead to its place.
SAID = {
    NOTE: (
        gettext_lazy("a note without words"),
        gettext_lazy("This note has no words yet."),
        pgettext_lazy("a note", "Write it"),
    ),
    NO_NOTE: (
        gettext_lazy("a mark without its note"),
        gettext_lazy("This mark has no note."),
        pgettext_lazy("a note", "Write it"),
    ),
    PICTURE: (
        gettext_lazy("a picture without a description"),
        gettext_lazy("This picture has no description. Someone who cannot see it gets nothing."),
        pgettext_lazy("a picture", "Describe it"),
    ),
    LINK: (
        gettext_lazy("a link that leads nowhere"),
        gettext_lazy("This link leads to no page here."),
        pgettext_lazy("a link", "Change it"),
    ),
    HEADING: (
        gettext_lazy("a heading that skips a level"),
        gettext_lazy("This heading skips a level."),
        pgettext_lazy("a heading", "Change it"),
    ),
    EMBED: (
        gettext_lazy("something that readers get as a link"),
        gettext_lazy("Readers get a link here: pages ask nothing of other sites."),
        pgettext_lazy("a link", "Change it"),
    ),
    TRACK: (
        gettext_lazy("captions that readers do not get"),
        gettext_lazy("Readers do not get these captions. Write them below the film."),
        pgettext_lazy("captions", "Change it"),
    ),
}
# The most that are listed: a text with more has something else wrong with it.
MOST = 50
# The most addresses that are looked up; more count as good.
MOST_PATHS = 500

DEFINITION = re.compile(r"^ {0,3}(\[\^([^\]\n]+)\]:)[ \t]*(.*)$", re.MULTILINE)
BELOW = re.compile(r"\n(?P<gap>(?: *\n)*+)(?P<line>(?P<indent> *)\S)")
REFERENCE = re.compile(r"(?<!\\)\[\^([^\[\]\n]+)\](?!:)")
# A mark that is never closed is looked for so far and no further.
PICTURES = re.compile(
    r"(?<!\\)!\[\s{0,9}\](?:\([^)\n]{0,999}\)|\[[^\]\n]{0,999}\])|<img\b[^>\n]{0,999}>"
)
DESCRIBED = re.compile(r"""\balt\s*=\s*(?:"[^"]*[^"\s]|'[^']*[^'\s]|[^\s"'>])""")
LINKS = re.compile(
    r"""(?:(?<=\])\(|^ {0,3}\[(?!\^)[^\]\n]+\]:[ ]+|\bhref\s*=\s*["']?)"""
    r"""[ ]*<?(?P<address>[^\s<>()"']+)"""
    r"""|<(?P<bare>https?://[^\s<>]+)>""",
    re.MULTILINE,
)
EMBEDS = re.compile(r"<(?:video|audio|iframe|embed|object|source)\b[^>]{0,999}>", re.IGNORECASE)
TRACKS = re.compile(r"<track\b[^>]{0,999}>", re.IGNORECASE)
SOURCE = re.compile(r"""\b(?:src|data)\s*=\s*["']?([^\s"'>]+)""", re.IGNORECASE)
PLAYED = re.compile(r"\]\(\s*<?([^\s<>)]+)")
SHOWN = re.compile(r"!\[[^\]\n]{0,999}\]\([^)\n]{0,999}\)")
HEADINGS = re.compile(r"^(#{1,6})(?:[ \t].*)?$|^[^\n#>\s][^\n]*\n(=+|-+) *$", re.MULTILINE)


@dataclass(frozen=True)
class Thing:
    """One thing to look at. `start` and `end` count as scripts do, an emoji as two."""

    kind: str
    line: int
    words: str
    start: int
    end: int

    @property
    def name(self):
        return str(SAID[self.kind][0])

    @property
    def says(self):
        return str(SAID[self.kind][1])

    @property
    def verb(self):
        return str(SAID[self.kind][2])

    @property
    def data(self):
        """The same for a script."""
        return asdict(self) | {"name": self.name, "says": self.says, "verb": self.verb}


def things_to_look_at(text):
    """Return what is worth a look in a text, in its order (one query if it links to this site)."""
    seen = masked(text)
    places = [*notes(seen), *pictures(seen), *dead_links(seen), *headings(seen)]
    places += [*embeds(seen), *((*found.span(), TRACK) for found in TRACKS.finditer(seen))]
    lines = Lines(text)
    return [
        Thing(kind, lines.number(start), text[start:end], units(text, start), units(text, end))
        for start, end, kind in sorted(places)[:MOST]
    ]


def units(text, at):
    """Return how many UTF-16 units stand before a place."""
    before = text[:at]
    return at if before.isascii() else len(before.encode("utf-16-le", "surrogatepass")) // 2


def notes(text):
    defined = {found[2] for found in DEFINITION.finditer(text)}
    for found in DEFINITION.finditer(text):
        if not found[3].strip() and not goes_on(text, found.end()):
            yield *found.span(1), NOTE
    for found in REFERENCE.finditer(text):
        if found[1] not in defined:
            yield *found.span(), NO_NOTE


def goes_on(text, end):
    """Whether a note whose first line ends here has words on the lines below."""
    below = BELOW.match(text, end)
    if below is None:
        return False
    # Right below it is the note's own unless another note begins; after a gap, if it is indented.
    is_next = "\n" not in below["gap"]
    return not DEFINITION.match(text, below.start("line")) if is_next else len(below["indent"]) >= 4


def pictures(text):
    for found in PICTURES.finditer(text):
        if played_by(found[0]):  # its title does not describe a picture
            continue
        if not (found[0].startswith("<") and DESCRIBED.search(found[0])):
            yield *found.span(), PICTURE


def played_by(picture):
    """Return the element that plays what is written as a picture, or ""."""
    address = PLAYED.search(picture)
    return tag_for(address[1]) if address else ""


def embeds(text):
    for found in EMBEDS.finditer(text):
        source = SOURCE.search(found[0])
        is_player = found[0][1:6].lower() in ("video", "audio", "sourc")
        if source and not (is_player and own_path(source[1]) is not None):
            yield *found.span(), EMBED


def headings(text):
    before = None
    for found in HEADINGS.finditer(text):
        level = len(found[1]) if found[1] else 1 if found[2].startswith("=") else 2
        if before and level > before + 1:
            yield *found.span(), HEADING
        before = level


# --- Links to this site -----------------------------------------------------------------------


def dead_links(text):
    """Yield the links to this site that lead nowhere, drafts and withdrawn essays included."""
    links = []
    for found in LINKS.finditer(SHOWN.sub(lambda picture: " " * len(picture[0]), text)):
        name = "address" if found["address"] else "bare"
        if (path := own_path(found[name])) is not None:
            links.append((*found.span(name), path))
    paths = sorted({path for *_place, path in links})[:MOST_PATHS]
    dead = {path for path in paths if not is_fixed(path)}
    dead -= alive(dead) if dead else set()
    for start, end, path in links:
        if path in dead:
            yield start, end, LINK


def own_path(address):
    """Return the path of an address of this site, without slashes at its ends; None for others."""
    if address.startswith(f"{home()}/"):
        address = address.removeprefix(settings.SITE_URL)
    address = unbased(address)
    if not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = unquote(parts.path).strip("/")
    return f"?{parts.query}" if not path and parts.query else path


def is_fixed(path):
    """Whether the address is one of the site's own, rather than an essay's or a page's."""
    static = unbased(settings.STATIC_URL).strip("/")
    if path in ("", "about") or path.startswith(f"{static}/"):
        return True
    for spelling in (f"/{path}/", f"/{path}"):
        try:
            return resolve(spelling).url_name not in ("essay", "page")
        except Resolver404:
            continue
    return False


def alive(paths):
    """Return those of these paths that readers find something at (one query)."""
    now = timezone.now()
    public = Post.objects.filter(published_at__isnull=False, withdrawn_at=None)
    old = OldAddress.objects.filter(
        path__in=paths, post__published_at__lte=now, post__withdrawn_at=None
    )
    there = public.order_by().filter(path__in=paths).values_list("path")
    return {path for (path,) in there.union(old.order_by().values_list("path"))}


# --- What is said of them together ------------------------------------------------------------


def counted(things):
    """Return the foot line's words, such as “Two things to look at”, or "" for none."""
    count = len(things)
    if not count:
        return ""
    said = ngettext("%(count)s thing to look at", "%(count)s things to look at", count)
    return sentence(said % {"count": number(count)})
