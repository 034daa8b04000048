from django.urls import path, re_path

from . import views

urlpatterns = [
    path("comments/<int:number>/", views.comment, name="comment"),
    re_path(
        r"^(?P<path>[0-9]{4}/(?:0[1-9]|1[0-2])/[-\w]+|[-\w]+)/comments/(?P<number>[0-9]{1,6})/$",
        views.thread,
        name="thread",
    ),
]
