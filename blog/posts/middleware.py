"""Send readers of an old address on to the essay that moved."""

from django.http import HttpResponsePermanentRedirect

from .models import OldAddress


def old_addresses(get_response):
    """Answer 301 in place of a 404 where the path is an old address of a post.

    Only what would have been a 404 is looked up, so a page that exists pays nothing for this.
    """

    def middleware(request):
        response = get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        if "\0" in request.path:  # PostgreSQL refuses even to look for it
            return response
        old = OldAddress.objects.select_related("post").filter(path=request.path.strip("/")).first()
        if old is None or not old.post.was_public:
            return response
        return HttpResponsePermanentRedirect(old.post.get_absolute_url())

    return middleware
