"""Writes the whole copy: asks for each public address, and puts what is answered into a file."""

from collections import Counter
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from blog.lib.base_path import based, unbased
from blog.lib.languages import site_language
from blog.media.files import length_of, pieces_of
from blog.media.names import FOLDER, instead_of, original_of
from blog.transfer.databases import has_tables, snapshot
from blog.transfer.tables import pending_migrations

from . import addresses, servers
from .asking import Asking
from .folder import Blocked, CopyError, Folder, cannot_be_named
from .pages import Pages, media_in, redirect_page, static_in, static_in_css
from .places import INDEX, PAGE, number_of, place_of, short_address

HTML = "text/html"
NOWHERE = "/.nowhere/"
STATIC = f"/{settings.STATIC_URL.strip('/')}/"
# The most pages of one list: more than anybody's.
MOST_PAGES = 100_000
_SENT_ON = (301, 302)


def copy_site(root, *, progress=None, said=None):
    """Write the site into a folder that is new, empty or holds an earlier copy; return a Copy.

    `said` is called with the name of each file that is written. Raises CopyError and OSError; what
    was written by then is whole.
    """
    if not has_tables():
        raise CopyError(_("This site is empty, so there is nothing to export."))
    if pending_migrations():
        raise CopyError(_("The database has yet to be upgraded: start the site once."))
    with Folder(root, said).open() as folder, snapshot():
        made = Copy(folder, progress)
        try:
            with translation.override(site_language()):
                made.write_all()
        except Blocked as error:
            raise CopyError(
                _("A file of your own is in the way of %(path)s: move it, or name a new folder.")
                % {"path": error.args[0]}
            ) from error
        finally:
            made.rows.close()
        folder.finish()
    return made


class Copy:
    """What is copied. `counts` has how many of each, `missing` files that pages name in vain."""

    def __init__(self, folder, progress=None):
        self.folder, self.progress = folder, progress or (lambda what, count: None)
        self.ask = Asking()
        self.pages, self.rows = Pages(self.ask), servers.Rows()
        self.counts, self.missing, self.unnamed = Counter(), set(), []
        self.done = set()  # numbers of files that pages show and that were dealt with
        self.above_old = set()  # numbers of what would be files, with others below them
        for name in servers.FILES:
            folder.reserve(name)

    def write_all(self):
        for address in addresses.ALONE:
            self.write(address)
        for address in (*addresses.LISTS, *addresses.of_authors()):
            self.write_list(address)
        for address in addresses.of_dates():
            self.write(address)
        self.write_tags()
        for post in addresses.published():
            self.write_post(post)
        for address in (NOWHERE, *addresses.withdrawn(), *addresses.OF_WORDPRESS):
            self.write(address)
        self.above_old = {number_of(based(f"/{above}")[1:]) for above in addresses.above_old()}
        for path in addresses.old():
            self.write_old(path)
        self.write_servers()

    # --- Pages and feeds ----------------------------------------------------------------------

    def write(self, address):
        """Write what is answered at an address; return it where it is a page or a file."""
        answer = self.ask(address)
        if answer.status in _SENT_ON:
            self.redirect(address, answer.leads_to, answer.status)
        elif answer.status == 200:
            self.put(address, place_of(address), answer)
            return answer
        elif answer.status == 410:
            self.put(address, "410.html", answer)
            self.put(address, place_of(address), answer)
            self.rows.add(unquote(address), "", 410)
        elif answer.status == 404:
            if address == NOWHERE:
                self.put(address, "404.html", answer)
        else:
            raise CopyError(
                _("%(address)s could not be made: the site answered %(status)d.")
                % {"address": unquote(address), "status": answer.status}
            )
        return None

    def put(self, address, place, answer):
        content = answer.body
        for name in media_in(content):
            self.media(name)
        if answer.kind == HTML:
            for name in static_in(content):
                self.static(name)
            content = self.pages.made(content, answer.headers.get("content-security-policy", ""))
        if place is None:
            self.unnamed.append(address)
        elif self.folder.write(place, content):
            self.counts["pages" if answer.kind == HTML else "feeds"] += 1
            self.name_file(address, place)
        self.progress(_("Pages and feeds"), self.counts["pages"] + self.counts["feeds"])

    def name_file(self, address, place):
        """Have servers find a file whose address is longer than a file's name can be."""
        if short_address(address) != address:
            self.rows.add(unquote(address), f"/{place}", 200)

    def write_list(self, address):
        """Write a list or a feed with its further pages; return how many there are."""
        answer, number = self.write(address), 1
        while answer and addresses.goes_on(answer) and number < MOST_PAGES:
            number += 1
            answer = self.write(addresses.page_of(address, number))
        return number

    def write_tags(self):
        for start, lists, old in addresses.of_tags():
            for address in lists:
                count = self.write_list(address)
                whole = [address, *(addresses.page_of(address, n) for n in range(2, count + 1))]
                for each in whole:
                    for before in old:
                        was = before + each.removeprefix(start)
                        self.redirect(was, each, 301)

    def write_post(self, post):
        address = f"/{quote(post.path)}/"
        self.write(address)
        if post.annotated_html:
            self.write(f"{address}notes/hidden/")
        number = 2
        while number <= post.comment_pages or (post.thread_stale and number < MOST_PAGES):
            if not self.write(f"{address}comments/{number}/"):
                break
            number += 1
        for feed in addresses.of_threads(post):
            self.write_list(feed)
        # Where forms were sent from.
        for form in ("comments", "notes"):
            self.redirect(f"{address}{form}/", f"{address}#form", 302)
        for number, to, in_thread in addresses.comments_of(post):
            self.redirect(f"/comments/{number}/", iri_to_uri(to), 302)
            if in_thread != to:
                self.rows.add(f"/comments/{number}/", iri_to_uri(in_thread), 302, "thread")

    # --- What leads elsewhere -----------------------------------------------------------------

    def write_old(self, path):
        """Have an address of former days lead on, if it does so on the site."""
        if path.startswith("?"):
            name, _equals, value = path[1:].partition("=")
            query = f"{quote(name)}={quote(value)}"
            answer = self.ask(f"/?{query}")
            if answer.status in _SENT_ON:
                self.rows.add("/", answer.leads_to, answer.status, query)
                self.counts["redirects"] += 1
            return
        path = path.strip("/")
        if not path:
            return
        address = f"/{quote(path)}" + ("" if "." in path.rpartition("/")[2] else "/")
        answer = self.ask(address)
        if answer.status in _SENT_ON:
            self.redirect(address, answer.leads_to, answer.status)
            if self.rows.is_from_elsewhere:
                feed = self.ask(f"{address.rstrip('/')}/feed/")
                if feed.status in _SENT_ON:
                    self.rows.add(f"{unquote(address).rstrip('/')}/feed", feed.leads_to, 301)

    def redirect(self, address, to, status):
        """Have an address lead on: by a rule for servers, and by a file that does without."""
        to = based(to)
        if to.startswith("/") and unquote(to) == unquote(based(address)):
            return
        self.rows.add(unquote(address), to, status)
        self.counts["redirects"] += 1
        self.progress(_("Redirects"), self.counts["redirects"])
        place = place_of(address)
        try:
            if place is None or not self.redirect_file(address, place, to):
                self.unnamed.append(address)
        except Blocked:
            self.unnamed.append(address)
        except OSError as error:
            if not cannot_be_named(error):
                raise
            self.unnamed.append(address)

    def redirect_file(self, address, place, to):
        """Write a page that leads on; what programs ask for, which read no pages, is copied."""
        if number_of(place) in self.above_old:
            return self.folder.write(f"{place}/{INDEX}", redirect_page(to))
        source = self.source_of(to) if not place.endswith(f"/{INDEX}") else None
        if source:
            return self.folder.copy(source, place)
        if PurePosixPath(place).suffix and not PAGE.search(place):
            place = f"{place}/{INDEX}"
        return self.folder.write(place, redirect_page(to))

    def source_of(self, to):
        """Return the file in the copy that an address leads to, if it is not a page."""
        path = to.partition("#")[0]
        place = place_of(path) if path.startswith("/") else None
        if place and unbased(path).startswith(FOLDER):
            self.media(unbased(path).removeprefix(FOLDER))
        elif place and path.startswith(STATIC):
            self.static(unquote(path.removeprefix(STATIC)))
        if place is None or PAGE.search(place) or not self.folder.has(place):
            return None
        return place

    # --- Files --------------------------------------------------------------------------------

    def media(self, name):
        """Write an uploaded file; in the place of a size that is not made yet, the nearest."""
        place = f"{based(FOLDER).strip('/')}/{name}"
        if not self.is_new(place):
            return
        for tried in (name, *instead_of(name)):
            length = length_of(tried)
            if length is not None:
                break
        else:
            self.missing.add(name)
            return
        if self.folder.write_pieces(place, length, lambda: pieces_of(tried)):
            self.counts["media"] += 1
            self.progress(_("Files"), self.counts["media"])
        original = original_of(name)
        if original and default_storage.exists(original):
            self.media(original)

    def static(self, name):
        place = f"{STATIC.strip('/')}/{name}"
        if not self.is_new(place):
            return
        try:
            with staticfiles_storage.open(name) as file:
                content = file.read()
        except OSError:
            found = finders.find(name)
            if not found:
                self.missing.add(name)
                return
            with open(found, "rb") as file:
                content = file.read()
        self.folder.write(place, content)
        if name.endswith(".css"):  # a theme's: ours stands in each page
            for each in static_in_css(name, content):
                self.static(each)

    def is_new(self, place):
        number = number_of(place)
        if number in self.done:
            return False
        self.done.add(number)
        return True

    def write_servers(self):
        root = self.folder.root.resolve()
        for name, written in servers.FILES.items():
            self.folder.write_large(name, written(self.rows, root))
