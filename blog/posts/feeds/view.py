"""The view of every feed, and what it asks of a source."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from blog.lib.languages import site_language
from blog.web.cache_control import same_for_all
from blog.web.copying import is_copied

from .parts import Page
from .writers import FORMS

# Pages of any feed: more than anybody's, and few enough for a database to count up to.
MOST_PAGES = 10_000


class Source:
    """What a feed is about. A subclass says what, each view has one of its own.

    Its methods take what `find` returned for the address: a tag, an essay or nothing.
    """

    # Of its addresses, before the name of the form: "tag" of "tag-rss".
    name = ""
    # How many of its entries a page holds.
    size = 20
    most_pages = MOST_PAGES

    def find(self):
        """Return what the rest of an address names; raises Http404 where it is not there."""

    def where(self, about):
        """Return the arguments of the address, the contrary of `find`."""
        return {}

    def feed_id(self, about):
        raise NotImplementedError

    def title(self, about):
        raise NotImplementedError

    def description(self, about):
        raise NotImplementedError

    def home(self, about):
        """Return the path of the page that shows the same to people."""
        raise NotImplementedError

    def rows(self, about):
        """Return a queryset of everything that is in it, newest first."""
        raise NotImplementedError

    def entries(self, rows):
        """Return an Entry for each of these."""
        raise NotImplementedError

    def address(self, form, about, number=1):
        """Return the whole address of a page of it; the first has no number."""
        where = self.where(about) | ({"page": number} if number > 1 else {})
        return whole(reverse(url_name(self.name, form), kwargs=where))


def whole(path):
    """Return the whole address of a path, as an URI."""
    return iri_to_uri(settings.SITE_URL + path)


def url_name(source, form):
    return f"{source}-{form}" if source else form


def addresses(source, **where):
    """Return the whole addresses of a source's feed, one in each form."""
    return [whole(reverse(url_name(source, form), kwargs=where)) for form in FORMS]


class Feed:
    """Serves a source in one form, a page at a time (RFC 5005, section 3)."""

    def __init__(self, source, form):
        self.source, self.form = source, form
        self.writer = FORMS[form]

    def __call__(self, request, page=None, **where):
        source = self.source
        about = source.find(**where)
        page = page and int(page)
        if page == 1:
            return HttpResponsePermanentRedirect(source.address(self.form, about))
        made = self.page(about, 1 if page is None else page)
        response = HttpResponse(
            self.writer.write(made), content_type=f"{self.writer.media_type}; charset=utf-8"
        )
        if made.entries:
            response.headers["Last-Modified"] = http_date(made.updated.timestamp())
        if hub := made.links.get("hub"):
            # Also where a hub looks that does not read JSON (WebSub, section 4).
            own = source.address(self.form, about)
            response.headers["Link"] = f'<{hub}>; rel="hub", <{own}>; rel="self"'
        return response

    def page(self, about, number):
        source = self.source
        if not 0 < number <= source.most_pages:
            raise Http404
        start = (number - 1) * source.size
        # One more than are shown says whether a page follows, and needs no counting.
        rows = list(source.rows(about)[start : start + source.size + 1])
        if number > 1 and not rows:
            raise Http404
        at = lambda number: source.address(self.form, about, number)  # noqa: E731
        links = {}
        follows = len(rows) > source.size and number < source.most_pages
        if number > 1 or follows:
            links["first"] = at(1)
        if number > 1:
            links["previous"] = at(number - 1)
        if follows:
            links["next"] = at(number + 1)
        if settings.WEBSUB_HUB and number == 1 and not is_copied():
            links["hub"] = settings.WEBSUB_HUB
        return Page(
            id=source.feed_id(about),
            url=at(number),
            home=whole(source.home(about)),
            title=source.title(about),
            description=source.description(about),
            language=site_language(),
            links=links,
            entries=source.entries(rows[: source.size]),
        )


def feed_views(source):
    """Yield (name, file, view) of a source's feed in each form."""
    for form, writer in FORMS.items():
        view = same_for_all(require_safe(Feed(source, form)))
        yield url_name(source.name, form), writer.file, view
