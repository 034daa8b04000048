from django.contrib.sitemaps.views import sitemap
from django.urls import path, re_path, register_converter
from django.views.generic import RedirectView

from blog.media.names import NAME
from blog.media.serving import media
from blog.web.cache_control import same_for_all

from . import converters, shared, sitemaps, views
from .authors import AuthorPage
from .feeds.essays import Essays, EssaysByAuthor, EssaysWithTag
from .feeds.view import feed_views

register_converter(converters.YearConverter, "year")
register_converter(converters.MonthConverter, "month")
register_converter(converters.SlugConverter, "uslug")


def feeds(source, before=""):
    """Return the addresses of a feed in each form, and of its further pages."""
    return [
        path(f"{before}{part}{file}", view, name=name)
        for name, file, view in feed_views(source)
        for part in ("", "page/<int:page>/")
    ]


author = same_for_all(AuthorPage.as_view())

urlpatterns = [
    path("", same_for_all(views.Index.as_view()), name="index"),
    path("page/<int:page>/", same_for_all(views.Index.as_view()), name="index"),
    path("archive/", views.archive, name="archive"),
    path("tags/", views.tags, name="tags"),
    path("tags/<uslug:slug>/", same_for_all(views.TagPage.as_view()), name="tag"),
    path("tags/<uslug:slug>/page/<int:page>/", same_for_all(views.TagPage.as_view()), name="tag"),
    *feeds(EssaysWithTag(), "tags/<uslug:slug>/"),
    path("authors/<int:number>/", same_for_all(AuthorPage.as_view()), name="author"),
    path(
        "authors/<int:number>/page/<int:page>/", same_for_all(AuthorPage.as_view()), name="author"
    ),
    *feeds(EssaysByAuthor(), "authors/<int:number>/"),
    *feeds(Essays()),
    path("feeds/", views.feeds, name="feeds"),
    path("search/", views.search, name="search"),
    path("opensearch.xml", views.opensearch, name="opensearch"),
    # Where readers of a blog that moved here from WordPress still look for its feed.
    re_path(r"^feed/(?:rss2?/|atom/)?$", RedirectView.as_view(pattern_name="rss", permanent=True)),
    path("sitemap.xml", same_for_all(sitemap), {"sitemaps": sitemaps.SITEMAPS}, name="sitemap"),
    re_path(rf"^media/(?P<name>{NAME})$", media, name="media"),
    path("draft/<str:token>/", shared.shared_draft, name="shared-draft"),
    path("robots.txt", views.robots),
    path("favicon.ico", views.favicon),
    path("site.webmanifest", views.manifest, name="manifest"),
    path("<year:year>/", views.archive, name="year"),
    path("<year:year>/<month:month>/", views.archive, name="month"),
    path("<year:year>/<month:month>/<uslug:slug>/", views.essay, name="essay"),
    path("<uslug:slug>/", views.page, name="page"),
]
