"""Who may write an essay: asked by every page of the desk in this one way."""

from django.core.exceptions import PermissionDenied
from django.http import Http404


def may_write(desk, request, post):
    """Whether somebody may write this essay, or a new one where there is none yet."""
    if post is None:
        return desk.has_add_permission(request)
    return desk.has_change_permission(request, post)


def may_write_any(desk, request):
    return desk.has_add_permission(request) or desk.has_change_permission(request)


def may_upload(desk, request):
    """Whether somebody may add pictures, sounds and films."""
    return may_write_any(desk, request) and request.user.has_perm("posts.add_image")


def to_write(desk, request, number):
    """Return the essay of this number; raises Http404 or PermissionDenied."""
    post = desk.get_object(request, str(number))
    if post is None:
        raise Http404(str(number))
    if not desk.has_change_permission(request, post):
        raise PermissionDenied
    return post
