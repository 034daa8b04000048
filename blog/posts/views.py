"""Pages for readers. Each shows what was stored: none renders Markdown, writes or calls out."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.paginator import InvalidPage, Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from blog.lib.alphabets import place_of
from blog.lib.base_path import based
from blog.media.names import FOLDER
from blog.site.reading import site
from blog.web.cache_control import PRIVATE, mark, same_for_all

from . import lists
from . import search as search_index
from .feeds.essays import authors, byline
from .models import OldAddress, Post, Tag
from .moved import asked_for
from .reading import neighbours, post_at, tags_of


class EssayList(ListView):
    """Published essays, newest first, with the page number in the path."""

    template_name = "posts/index.html"
    context_object_name = "posts"
    http_method_names = ["get", "head"]
    list_url = "index"

    def get(self, request, *args, **kwargs):
        if kwargs.get("page") == 1:
            return HttpResponsePermanentRedirect(self.page_url(1))
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        return lists.ALL.of(timezone.now())

    def get_paginate_by(self, queryset):
        return site().entries

    def paginate_queryset(self, queryset, page_size):
        """Take the page's number from the path only, so that each page has one address."""
        try:
            page = Paginator(queryset, page_size).page(self.kwargs.get("page", 1))
        except InvalidPage as error:
            raise Http404(str(error)) from error
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        if page.has_next():
            context["older_url"] = self.page_url(page.next_page_number())
        if page.has_previous():
            context["newer_url"] = self.page_url(page.previous_page_number())
        return context | {"nav": "essays"}

    def page_url(self, number):
        """Return the address of page `number`; the first has none of its own."""
        arguments = {name: value for name, value in self.kwargs.items() if name != "page"}
        if number > 1:
            arguments["page"] = number
        return reverse(self.list_url, kwargs=arguments)


class Index(EssayList):
    def get(self, request, *args, **kwargs):
        # WordPress's short addresses, such as /?p=123, live on the front page.
        place = asked_for(request.GET) if request.GET and "page" not in kwargs else None
        if place == "":
            raise Http404
        if place:
            return HttpResponsePermanentRedirect(based(place))
        return super().get(request, *args, **kwargs)


class TagPage(EssayList):
    template_name = "posts/tag.html"
    list_url = "tag"

    def get_queryset(self):
        self.tag = get_object_or_404(Tag.objects.public(), slug=self.kwargs["slug"])
        return lists.OF_TAG.of(timezone.now(), self.tag.pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"tag": self.tag}


@require_safe
@same_for_all
def essay(request, year, month, slug):
    return show(request, f"{year:04d}/{month:02d}/{slug}", "essays")


@require_safe
@same_for_all
def page(request, slug):
    try:
        return show(request, slug, "about" if slug == "about" else "")
    except Http404:
        if slug != "about" or OldAddress.objects.filter(path=slug).exists():
            raise
    # The masthead links here from the start, so there is something to read before it is written.
    return render(request, "posts/about.html", {"nav": "about"})


def show(request, path, nav):
    """Answer with a post: published to all, anything else to staff who may see it, else 404/410."""
    post = post_at(path)
    if post is None:
        raise Http404
    if not post.is_public and not post.is_seen_by(request.user):
        if post.status == Post.Status.WITHDRAWN:
            response = render(request, "410.html", {"kind": post.kind}, status=410)
            mark(request, response)
            return response
        raise Http404
    response = show_post(request, post, nav=nav)
    if not post.is_public:
        response.headers["Cache-Control"] = PRIVATE
    return response


def show_post(request, post, *, nav="essays", status=200, **context):
    """Return a post's page; `context` is for what another app sets into it."""
    earlier, later = neighbours(post, timezone.now())
    context |= {"post": post, "earlier": earlier, "later": later, "nav": nav}
    context["tags"] = tags_of(post)
    return render(request, "posts/post.html", context, status=status)


def period(year=None, month=None):
    """Return the first and the last moment of a year or a month by the site's clock, or of all."""
    if year is None:
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    zone = timezone.get_current_timezone()
    after = (year, month + 1) if month and month < 12 else (year + 1, 1)
    until = datetime(*after, 1, tzinfo=zone) - timedelta.resolution
    return datetime(year, month or 1, 1, tzinfo=zone), until


@require_safe
@same_for_all
def archive(request, year=None, month=None):
    """List every essay, or those of a year or a month, a line each."""
    if year is not None and not MINYEAR < year < MAXYEAR:
        # Outermost years: in some time zone they begin or end where no datetime reaches.
        raise Http404
    since, until = period(year, month)
    posts = list(lists.SINCE.of(min(until, timezone.now()), since))
    if not posts and year:
        raise Http404
    zone = timezone.get_current_timezone()
    for post in posts:
        post.year = post.published_at.astimezone(zone).year
    context = {"posts": posts, "year": year, "nav": "archive", "heading": year or _("Archive")}
    if month:
        context["month"] = timezone.localtime(posts[0].published_at)
        context["heading"] = date_format(context["month"], "YEAR_MONTH_FORMAT")
    return render(request, "posts/archive.html", context)


@require_safe
@same_for_all
def tags(request):
    essays = Q(posts__in=Post.objects.published().essays())
    counted = Tag.objects.annotate(count=Count("posts", filter=essays)).filter(count__gt=0)
    shown = sorted(counted, key=lambda tag: place_of(tag.name))
    return render(request, "posts/tags.html", {"tags": shown, "nav": "archive"})


class Narrowed:
    """What a search is narrowed to by links: a kind, and a year."""

    def __init__(self, query, kind, year):
        self.query, self.kind = query, kind if kind in search_index.KINDS else ""
        self.year = int(year) if re.fullmatch("[0-9]{4}", year) and int(year) else None

    def address(self, **changes):
        """Return the query string of this search with some of it changed."""
        given = {"q": self.query, "kind": self.kind, "year": self.year} | changes
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def kinds(self):
        """Return the label and the address of each kind, and whether it is chosen."""
        labels = {"": pgettext("essays of all years", "Everything"), **search_index.KINDS}
        return [(labels[kind], self.address(kind=kind), kind == self.kind) for kind in labels]

    def years(self, found):
        """Return the same of all years, and of those in which something was found."""
        years = [self.year] if self.year else found.years
        all_years = _("All years"), self.address(year=None), self.year is None
        return [all_years, *((year, self.address(year=year), bool(self.year)) for year in years)]


@require_safe
@same_for_all
def feeds(request):
    """List every feed, in each of its forms."""
    if Post.objects.published().filter(path="feeds").exists():
        # A page that was written before the site had one of its own there.
        return show(request, "feeds", "")
    tags = sorted(Tag.objects.public(), key=lambda tag: place_of(tag.name))
    writers = [(author.pk, byline(author)) for author in authors()]
    writers.sort(key=lambda writer: place_of(writer[1]))
    # The feed of a single author is the site's.
    context = {"tags": tags, "authors": writers if len(writers) > 1 else []}
    return render(request, "posts/feeds.html", context)


@require_safe
@same_for_all
def search(request):
    query = search_index.clean_query(request.GET.get("q", ""))
    narrowed = Narrowed(query, request.GET.get("kind", ""), request.GET.get("year", ""))
    found = search_index.find(query, kind=narrowed.kind, year=narrowed.year)
    paginator = Paginator(found, site().entries)
    results = paginator.get_page(request.GET.get("page"))
    query_string = narrowed.address() + "&" if query else ""
    context = {"query": query, "results": results, "query_string": query_string, "nav": "search"}
    context |= {"kinds": narrowed.kinds, "years": narrowed.years(found), "year": narrowed.year}
    context |= {"found": found, "most": search_index.MOST_RESULTS}
    return render(request, "posts/search.html", context)


@require_safe
@same_for_all
def opensearch(request):
    """Describe the search to browsers (github.com/dewitt/opensearch)."""
    kind = "application/opensearchdescription+xml"
    return render(request, "posts/opensearch.xml", content_type=f"{kind}; charset=utf-8")


@require_safe
@same_for_all
def robots(request):
    lines = ["User-agent: *", f"Disallow: {reverse('search')}"]
    lines += [f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request):
    """Send browsers that guess the old address on to the icon the pages link to."""
    icons = site().icons
    to = based(FOLDER + icons["32"]) if icons else staticfiles_storage.url("favicon.svg")
    return redirect(to, permanent=False)


@require_safe
@same_for_all
def manifest(request):
    """Describe the site to a home screen (w3.org/TR/appmanifest), whose icons it needs."""
    icons = site().icons
    if not icons:
        raise Http404
    said = {
        "name": site().title,
        "short_name": site().title[:30],
        "description": site().tagline,
        "lang": site().language,
        "start_url": reverse("index"),
        "display": "browser",
        "background_color": site().paper,
        "icons": [
            {"src": based(FOLDER + icons[side]), "sizes": f"{side}x{side}", "type": "image/png"}
            for side in ("192", "512")
        ],
    }
    return JsonResponse(said, content_type="application/manifest+json")
