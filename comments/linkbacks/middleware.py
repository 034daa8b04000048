"""Names our linkback endpoints in the response headers, as the page's HTML does."""

from comments.linkbacks.receive import endpoints


def advertise_linkbacks(get_response):
    """Add X-Pingback and Link headers to each page whose template names the endpoints.

    The template tag `linkback_links` sets the mark that is read here, so headers and HTML always
    agree, for HEAD as well.
    """

    def middleware(request):
        response = get_response(request)
        if getattr(request, "takes_linkbacks", False) and response.status_code == 200:
            pingback, webmention = endpoints()
            response.headers["X-Pingback"] = pingback
            response.headers["Link"] = f'<{webmention}>; rel="webmention"'
        return response

    return middleware
