"""Checks the theme: what no longer fits, and whether pages can be made of it."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.base_path import unbased
from blog.lib.listing import listed
from blog.ops.static_files import Storage, are_collected
from blog.ops.themes import static
from blog.ops.themes.checking import Checked
from blog.posts.models import Post, Tag
from blog.web.theme import files
from blog.web.theme.engine import faults_seen
from blog.web.theme.files import Theme, found_in, in_use
from blog.web.theme.names import may_replace, may_serve

from . import BROKEN, LOOK, OK, Finding

SUBJECT = "theme"
# What is tried besides the newest essay; the last is a page that is not there.
TRIED = ["/", "/archive/", "/tags/", "/feeds/", "/about/", "/search/?q=a", "/no-such-page-here/"]


def theme() -> Iterator[Finding]:
    """Look at the theme that is on the disk now."""
    over = files.theme()
    yield from unread()
    if over is None:
        yield Finding(SUBJECT, OK, _("There is none: pages are the site’s own."))
        return
    checked = Checked(over)
    found = [
        Finding(SUBJECT, BROKEN if breaks else LOOK, said, todo)
        for breaks, said, todo in [*checked.remarks(), *static.remarks(over, checked.own)]
    ]
    yield from found
    yield from restarted(over)
    if over.templates:
        yield from tried(checked.errors)
    yield Finding(SUBJECT, OK, held_by(over))


def held_by(over: Theme) -> str:
    """Say how many files of each kind a theme has."""
    templates, files = len(over.templates), len(over.static)
    said = ngettext("%(count)s template", "%(count)s templates", templates)
    also = ngettext("%(count)s static file", "%(count)s static files", files)
    held = listed([said % {"count": templates}, also % {"count": files}])
    return str(_("Theme %(revision)s: %(held)s.") % {"revision": over.revision, "held": held})


def unread() -> Iterator[Finding]:
    """Say of files that they are never read, because all must work without them."""
    for folder, may in (("templates", may_replace), ("static", may_serve)):
        for name, _path in found_in(settings.THEME_DIR / folder):
            if not may(name):
                said = _(
                    "%(folder)s/%(name)s is not read: the admin, its scripts and pages about "
                    "errors stay as they are."
                ) % {"folder": folder, "name": name}
                yield Finding(SUBJECT, LOOK, said, _("Remove it, or give it another name."))


def restarted(over: Theme) -> Iterator[Finding]:
    """Say that the site that runs has another theme than is there now."""
    used = in_use()
    if used is not None and used != over.revision and not settings.DEBUG:
        said = _("The theme changed since the site was started, so readers have the one before.")
        yield Finding(SUBJECT, LOOK, said, _("Restart the site, on each machine."))


def tried(known: Iterable[str]) -> Iterator[Finding]:
    """Make pages of the theme, and say which cannot be; of `known` templates that was said."""
    if isinstance(storages["staticfiles"], Storage) and not are_collected():
        said = _("No page was tried, because its static files are not collected yet.")
        yield Finding(SUBJECT, LOOK, said, _("Restart the site, and run this again."))
        return
    before = set(faults_seen())
    site = urlsplit(str(settings.SITE_URL))
    given = {"wsgi.url_scheme": site.scheme}
    client = Client(headers={"host": site.netloc}, raise_request_exception=False, **given)
    for path in [*TRIED, *essays()]:
        client.get(unbased(path))
    for said in faults_seen():
        if said not in before and not any(f"templates/{name}" in said for name in known):
            todo = _("Correct it; until then that page is the site’s own.")
            yield Finding(SUBJECT, BROKEN, said, todo)


def essays() -> Iterator[str]:
    """Yield the addresses of an essay with comments, the newest one, a tag and an author."""
    published = Post.objects.published().filter(published_at__lte=timezone.now())
    newest = published.order_by("-published_at").first()
    spoken = published.filter(comment_count__gt=0).order_by("-published_at").first()
    for post in filter(None, [newest, spoken]):
        yield post.get_absolute_url()
    if newest:
        yield reverse("author", args=[newest.author_id])
    if tag := Tag.objects.public().first():
        yield tag.get_absolute_url()
