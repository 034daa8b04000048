"""Cards: the pictures that essays without pictures are shown with elsewhere, drawn from titles.

It knows words, fonts and pixels, never the rows or the pages that show them.
"""

import hashlib

# How wide and tall networks ask for.
WIDTH, HEIGHT = 1200, 630
# Changes with the look of cards, so that those that are there are drawn again.
RECIPE = 1


def key_of(title: str, site: str) -> str:
    """Return a short name for what a card says: another title, site or look gives another."""
    said = f"{RECIPE}\0{site}\0{title}"
    return f"card-{hashlib.sha256(said.encode()).hexdigest()[:20]}"


def name_of_site_card(site: str, tagline: str) -> str:
    """Return the name of the site's own card, which pages can say without asking anybody."""
    said = f"site\0{RECIPE}\0{site}\0{tagline}"
    digest = hashlib.sha256(said.encode()).hexdigest()[:32]
    return f"{digest}-{WIDTH}x{HEIGHT}.png"
