"""Addresses of the desk beside the form itself, each behind the admin's door."""

from django.urls import path
from django.views.decorators.http import require_http_methods

from .history import bring_back, history
from .pasting import links, paste, picture
from .picture import card
from .presence import presence
from .preview import preview
from .saving import known
from .uploading import begin, upload


def addresses(desk):
    """Return the patterns for the ModelAdmin of essays; their views are called with it."""

    def view(function, *methods):
        def called(request, **given):
            return function(desk, request, **given)

        return desk.admin_site.admin_view(require_http_methods(methods)(called))

    return [
        path("preview/", view(preview, "GET", "HEAD", "POST"), name="posts_post_preview"),
        path("<int:number>/history/", view(history, "GET", "HEAD"), name="posts_post_history"),
        path(
            "<int:number>/history/<int:version>/bring-back/",
            view(bring_back, "POST"),
            name="posts_post_bring_back",
        ),
        path("paste/", view(paste, "POST"), name="posts_post_paste"),
        path("links/", view(links, "GET", "HEAD"), name="posts_post_links"),
        path("picture/", view(picture, "POST"), name="posts_post_picture"),
        path("upload/", view(begin, "POST"), name="posts_post_upload_new"),
        path(
            "upload/<str:key>/",
            view(upload, "GET", "HEAD", "POST", "DELETE"),
            name="posts_post_upload",
        ),
        path("card/", view(card, "GET", "HEAD"), name="posts_post_card"),
        path("known/", view(known, "POST"), name="posts_post_known_new"),
        path("<int:number>/known/", view(known, "POST"), name="posts_post_known"),
        path("<int:number>/presence/", view(presence, "POST"), name="posts_post_presence"),
    ]
