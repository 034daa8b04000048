from django.urls import path

from . import views

urlpatterns = [
    path("", views.begin, name="oidc_begin"),
    path("back/", views.back, name="oidc_back"),
    path("signed-out/", views.signed_out_there, name="oidc_signed_out"),
]
