"""Addresses of the desk beside the form itself, each behind the admin's door."""

from django.urls import path

from .preview import preview


def addresses(desk):
    """Return the patterns for the ModelAdmin of essays; their views are called with it."""

    def view(function):
        return desk.admin_site.admin_view(lambda request, **given: function(desk, request, **given))

    return [
        path("preview/", view(preview), name="posts_post_preview"),
    ]
