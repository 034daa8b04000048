"""Naming our linkback endpoints in the headers of a page, as its elements name them."""

from comments.linkbacks.receive import endpoints


def advertise_linkbacks(get_response):
    """Send X-Pingback and Link with each page whose template named the endpoints.

    By then `linkback_links` has put them into the page, so header and element agree, for HEAD as
    well. A page that takes no mentions has neither.
    """

    def middleware(request):
        response = get_response(request)
        if getattr(request, "takes_linkbacks", False) and response.status_code == 200:
            pingback, webmention = endpoints()
            response.headers["X-Pingback"] = pingback
            response.headers["Link"] = f'<{webmention}>; rel="webmention"'
        return response

    return middleware
