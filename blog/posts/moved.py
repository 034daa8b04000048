"""Where the readers of an address that is not there are sent: what it was here, or elsewhere.

What WordPress answered for a blog that came from there has its own part: besides stored addresses,
each of them leads on with what WordPress puts behind it, such as `/feed/` or `/comment-page-2/`.
"""

import re
import unicodedata
from urllib.parse import quote, unquote, urlencode

from django.db.models import Q
from django.urls import reverse

from blog.lib.base_path import without_base
from blog.media.names import FOLDER, name_in

from .models import FileUse, Forward, OldAddress, Post, Tag

_OF_TAG = re.compile("/tags/([^/]+)(/.*)?")
_DAY = re.compile(r"([0-9]{4})/(0[1-9]|1[0-2])(?:/(?:0[1-9]|[12][0-9]|3[01]))?")
_YEAR = re.compile(r"[0-9]{4}")
_DIGITS = re.compile(r"([0-9]{4})(0[1-9]|1[0-2])?([0-9]{2})?")
# The last parts of addresses that show the same, or a part of it, in another way.
_PAGING = re.compile(r"(?:comment-page|page)[-/][0-9]{1,6}")
_ALONE = frozenset({"trackback", "embed", "amp"})
_NUMBER = re.compile(r"[0-9]{1,3}")
_FEEDS = frozenset({"rss", "rss2", "rdf", "atom"})
_SIZED = re.compile(r"-[1-9][0-9]{0,4}x[1-9][0-9]{0,4}(?=\.[^./]+\Z)")
# Before what is asked for, where a server could not rewrite addresses.
_SCRIPT = re.compile(r"(?<![^/])index\.php/")
# Queries of WordPress's front page that say what is shown.
_QUERIES = ("p", "page_id", "attachment_id", "cat", "tag", "author", "m", "feed", "s")
# The most parts of an address that are looked at from its end.
_MOST_ENDS = 4
# The most folders that a blog was in.
_MOST_FOLDERS = 6


@without_base()
def moved_to(path):
    """Return where the readers of a path that is not there are sent; None for nowhere.

    Both are places as they are stored, without BASE_PATH.
    """
    # Addresses are kept in NFC; some programs take letters and their marks apart.
    composed = unicodedata.normalize("NFC", path)
    was_apart, name = composed != path, composed.strip("/")
    old = OldAddress.objects.select_related("post").filter(path__in={path.strip("/"), name}).first()
    if old is not None:
        return old.post.get_absolute_url() if old.post.was_public else None
    if found := _OF_TAG.fullmatch(composed):
        slug, rest = found.groups()
        is_meant = Q(old_slugs__slug=slug) | (Q(slug=slug) if was_apart else Q())
        tag = Tag.objects.public().filter(is_meant).first()
        return tag and tag.get_absolute_url().rstrip("/") + (rest or "/")
    if was_apart and Post.objects.published().filter(path=name).exists():
        return f"/{name}/"
    return forwarded(name) if Forward.objects.exists() else None


@without_base()
def asked_for(query):
    """Return where a query of the front page leads, None where it asks for nothing of the kind.

    Returns "" for what it asks for in vain.
    """
    name = next((each for each in _QUERIES if query.get(each)), None)
    if name is None:
        return None
    value = query[name][:200]
    if name == "s":
        return f"{reverse('search')}?{urlencode({'q': value})}"
    if not value.isprintable():  # nor is it kept; PostgreSQL refuses to look for a NUL
        return ""
    if name in {"p", "page_id"}:
        old = OldAddress.objects.select_related("post").filter(path=f"?p={value[:20]}").first()
        if value.isdecimal() and old:
            return old.post.get_absolute_url() if old.post.was_public else ""
    found = Forward.objects.filter(path=f"?{name}={value}").first()
    if found:
        return _shown(found.to) or ""
    if name in {"p", "page_id", "attachment_id"}:
        return ""
    return _by_rule(name, value) if Forward.objects.exists() else None


def _by_rule(name, value):
    if name == "feed":
        return reverse("comments-rss" if value.startswith("comments-") else "rss")
    if name == "m" and (date := _DIGITS.fullmatch(value)):
        return _of_date(date[1], date[2])
    return None


def forwarded(path):
    """Return where an address of another system leads: it, or it without what stands behind."""
    path = _SCRIPT.sub("", path, count=1)
    return _by_its_words(path) or _below_folder(path)


def _by_its_words(path):
    if found := _exact(path):
        return found
    if path == "comments/feed":
        return reverse("comments-rss")
    if path in _FEEDS or path in {"feed/rdf", "feed"}:
        return reverse("rss")
    if path in {"wp-sitemap.xml", "sitemap_index.xml"}:
        return reverse("sitemap")
    if path == "index.php":
        return "/"
    if path.startswith("search/"):
        return f"{reverse('search')}?{urlencode({'q': path.split('/')[1]})}"
    return _without_end(path)


def _exact(path):
    """Return where an address leads that is stored, is here, or is a day's."""
    if not path:
        return None
    old = OldAddress.objects.select_related("post").filter(path=path).first()
    if old is not None:
        return old.post.get_absolute_url() if old.post.was_public else None
    spellings = {path, _SIZED.sub("", path)}
    found = {each.path: each.to for each in Forward.objects.filter(path__in=spellings)}
    if found:
        return _shown(found.get(path) or found[_SIZED.sub("", path)])
    if Post.objects.published().filter(path=path).exists():
        return f"/{quote(path)}/"
    if date := _DAY.fullmatch(path):
        return _of_date(date[1], date[2])
    return _of_date(path, None) if _YEAR.fullmatch(path) else None


def _without_end(path):
    """Return where an address leads whose last parts only say how it is shown."""
    parts, is_feed = path.split("/"), False
    for _each in range(_MOST_ENDS):
        last, pair = parts[-1], "/".join(parts[-2:])
        if last == "feed" or last in _FEEDS:  # WordPress's, and Ghost's `/tag/tea/rss/`
            is_feed, gone = True, 2 if parts[-2:-1] == ["feed"] else 1
        elif _PAGING.fullmatch(pair):
            gone = 2
        elif _PAGING.fullmatch(last) or last in _ALONE or _NUMBER.fullmatch(last):
            gone = 1
        else:
            return None
        parts = parts[:-gone]
        if not parts:
            # A page of the front page that this site does not have, for it shows more on each.
            return reverse("rss") if is_feed else reverse("archive")
        if place := _exact("/".join(parts)):
            return _feed_of(place) if is_feed else place
    return None


def _below_folder(path):
    """Return where an address leads that is in the folder where the blog was."""
    parts = path.split("/")
    folders = {"/".join(parts[:depth]) for depth in range(1, min(len(parts), _MOST_FOLDERS + 1))}
    found = Forward.objects.filter(path__in=folders, to="/").values_list("path", flat=True)
    if folder := max(found, key=len, default=""):
        rest = path[len(folder) + 1 :]
        return _by_its_words(rest) or _tag_here(rest)
    return None


def _tag_here(path):
    return f"/{quote(path)}/" if path in {"archive", "search", "feeds"} else None


def _of_date(year, month):
    """Return the list of a month or a year, or the whole archive where it has no essay."""
    within = {"published_at__year": int(year)} | (
        {"published_at__month": int(month)} if month else {}
    )
    if not 0 < int(year) < 9999 or not Post.objects.published().essays().filter(**within).exists():
        return reverse("archive")
    return f"/{year}/{month}/" if month else f"/{year}/"


def _feed_of(place):
    """Return the feed of what is at a place here."""
    path = unquote(place).strip("/")
    if path.startswith(("tags/", "authors/")):
        return f"{place}{reverse('rss').strip('/')}"
    if Post.objects.published().filter(path=path).exists():
        return reverse("post-comments-rss", kwargs={"path": path})
    return reverse("rss")


def _shown(to):
    """Return where an address leads; None for a file that only hidden essays show."""
    if not to.startswith(FOLDER):
        return to
    uses = FileUse.objects.current().filter(name=name_in(to) or "")
    if uses.exists() and not uses.filter(post__in=Post.objects.published()).exists():
        return None
    return to
