"""What uploaded images are called: by their content, with their size in the name.

So a name is never a person's, the same image is stored once and kept for ever in caches, and an
essay can say how much room an image takes without asking anybody.
"""

from __future__ import annotations

import hashlib
import re

# The largest side of what is stored, in pixels: twice the widest an essay shows on any screen.
LARGEST_SIDE = 2560
NAME = r"[0-9a-f]{32}-[1-9][0-9]{0,3}x[1-9][0-9]{0,3}\.(?:jpg|png|webp)"
_ADDRESS = re.compile(r"/media/[0-9a-f]{32}-([0-9]{1,4})x([0-9]{1,4})\.(?:jpg|png|webp)")


def name_of(content: bytes, width: int, height: int, ending: str) -> str:
    """Return the name of an image's file, which matches NAME."""
    return f"{hashlib.sha256(content).hexdigest()[:32]}-{width}x{height}.{ending}"


def size_in(address: str) -> tuple[str, str] | None:
    """Return the width and height an address of ours says; None for any other address."""
    found = _ADDRESS.fullmatch(address)
    return (found[1], found[2]) if found else None
