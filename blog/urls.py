"""Where each address goes. Essays and comments bring their own; the admin moderates both."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # Under this name the page for signing in leads to it.
    path(f"{settings.ADMIN_PATH}/forgot/", admin.site.forgot, name="admin_password_reset"),
    path(f"{settings.ADMIN_PATH}/oidc/", include("blog.accounts.oidc.urls")),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("", include("comments.urls")),
    path("", include("blog.posts.urls")),
]
handler400 = "blog.web.errors.bad_request"
handler403 = "blog.web.errors.permission_denied"
handler404 = "blog.web.errors.not_found"
handler500 = "blog.web.errors.server_error"
