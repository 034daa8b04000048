"""What is said of a copy once it is made."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.listing import listed

from .folder import OWN

# Names of each kind that are said; more are counted.
MOST_NAMED = 10


def sentences(made):
    """Yield lines: what there is, what changed, and what needs a look."""
    folder, counts = made.folder, made.counts
    said = {name: counts[name] for name in ("pages", "feeds", "redirects", "media")}
    yield _(
        "%(folder)s. Pages: %(pages)d, feeds and the like: %(feeds)d, "
        "redirects: %(redirects)d, media files: %(media)d."
    ) % ({"folder": folder.root} | said)
    yield _("Files written: %(written)d, as they were: %(same)d, removed: %(removed)d.") % {
        "written": folder.written,
        "same": folder.same,
        "removed": folder.removed,
    }
    for names, sentence in (
        (made.missing, missing),
        (folder.strangers, strangers),
        (made.unnamed, unnamed),
        (folder.twins, twins),
    ):
        if names:
            shown = sorted(names)[:MOST_NAMED] + ["…"] * (len(names) > MOST_NAMED)
            yield sentence(len(names)) % {"count": len(names), "names": listed(shown)}
    yield _("How nginx and Caddy serve it: %(folder)s") % {"folder": folder.root / OWN}


def missing(count):
    return ngettext(
        "%(count)d file that pages name is not in the storage: %(names)s",
        "%(count)d files that pages name are not in the storage: %(names)s",
        count,
    )


def strangers(count):
    return ngettext(
        "%(count)d file there is not of the copy and was left as it is: %(names)s",
        "%(count)d files there are not of the copy and were left as they are: %(names)s",
        count,
    )


def unnamed(count):
    return ngettext(
        "%(count)d address cannot be a file and leads on by a server's rules only: %(names)s",
        "%(count)d addresses cannot be files and lead on by a server's rules only: %(names)s",
        count,
    )


def twins(count):
    return ngettext(
        "%(count)d file differs from another in capitals only, and some systems take the two "
        "for one: %(names)s",
        "%(count)d files differ from others in capitals only, and some systems take two such "
        "for one: %(names)s",
        count,
    )
