"""Makes what essays are shown with elsewhere, by jobs: a card of the title, or a smaller JPEG."""

import re
from functools import cache

from django.conf import settings

from blog.media.cards.drawing import Colours, card
from blog.web.stylesheet import joined

# Where a stylesheet of the owner says none.
COLOURS = {"paper": "#fcfcfa", "ink": "#1c1e21", "soft": "#5a5f66", "rule": "#dd8f88"}
COLOUR = re.compile(r"--(paper|ink|soft|rule):\s*light-dark\(\s*(#[0-9a-f]{3,8})\b", re.IGNORECASE)


@cache
def colours():
    """Return the colours of the site's own stylesheet, as readers have them by day."""
    return Colours(**COLOURS | dict(COLOUR.findall(joined())))


def drawn(title):
    """Return a card of the site as PNG."""
    return card(title, settings.SITE_TITLE, colours(), settings.LANGUAGE_CODE)
