"""With DEBUG: pages that are kept fall when a file of the theme changes."""

from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from .files import revision_now


def with_theme_at_once(
    application: WSGIApplication, change: Callable[[], object]
) -> WSGIApplication:
    """Return the application with a look at the theme before each request."""
    known = [revision_now()]

    def looking(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if (now := revision_now()) != known[0]:
            known[0] = now
            change()
        return application(environ, start_response)

    return looking
