from django.contrib.sitemaps.views import sitemap
from django.urls import path, re_path, register_converter
from django.views.generic import RedirectView

from blog.media.names import NAME
from blog.media.serving import media
from blog.web.cache_control import same_for_all

from . import converters, feeds, shared, sitemaps, views

register_converter(converters.YearConverter, "year")
register_converter(converters.MonthConverter, "month")
register_converter(converters.SlugConverter, "uslug")

urlpatterns = [
    path("", same_for_all(views.Index.as_view()), name="index"),
    path("page/<int:page>/", same_for_all(views.Index.as_view()), name="index"),
    path("archive/", views.archive, name="archive"),
    path("tags/", views.tags, name="tags"),
    path("tags/<uslug:slug>/", same_for_all(views.TagPage.as_view()), name="tag"),
    path("tags/<uslug:slug>/page/<int:page>/", same_for_all(views.TagPage.as_view()), name="tag"),
    path("tags/<uslug:slug>/feed.xml", same_for_all(feeds.TagRss()), name="tag-rss"),
    path("tags/<uslug:slug>/atom.xml", same_for_all(feeds.TagAtom()), name="tag-atom"),
    path("tags/<uslug:slug>/feed.json", same_for_all(feeds.TagJson()), name="tag-json"),
    path("search/", views.search, name="search"),
    path("feed.xml", same_for_all(feeds.Rss()), name="rss"),
    path("atom.xml", same_for_all(feeds.Atom()), name="atom"),
    path("feed.json", same_for_all(feeds.Json()), name="json"),
    # Where readers of a blog that moved here from WordPress still look for its feed.
    re_path(r"^feed/(?:rss2?/|atom/)?$", RedirectView.as_view(pattern_name="rss", permanent=True)),
    path("sitemap.xml", same_for_all(sitemap), {"sitemaps": sitemaps.SITEMAPS}, name="sitemap"),
    re_path(rf"^media/(?P<name>{NAME})$", media, name="media"),
    path("draft/<str:token>/", shared.shared_draft, name="shared-draft"),
    path("robots.txt", views.robots),
    path("favicon.ico", views.favicon),
    path("<year:year>/", views.archive, name="year"),
    path("<year:year>/<month:month>/", views.archive, name="month"),
    path("<year:year>/<month:month>/<uslug:slug>/", views.essay, name="essay"),
    path("<uslug:slug>/", views.page, name="page"),
]
