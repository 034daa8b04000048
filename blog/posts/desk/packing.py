"""The text a form started from, packed small enough to travel with the form.

So a save that meets a newer version can be compared with what both came from, even where that
version has been folded away since. It is neither secret nor trusted: a forged one only spoils its
sender's own comparison.
"""

import base64
import binascii
import json
import zlib

from blog.posts.models import Text

# The most that is unpacked, in bytes: five times the longest text there can be.
MOST = 5_000_000


def pack(text: Text) -> str:
    plain = json.dumps(text, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain)).decode()


def unpack(packed: str) -> Text | None:
    """Return the text; None for what `pack` did not make."""
    try:
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(base64.b64decode(packed, validate=True), MOST)
        # Forms of before there was a language have none.
        title, standfirst, body, tags, *more = json.loads(plain)
        if unpacking.unconsumed_tail:
            return None
        words = map(str, (title, standfirst, body))
        return Text.cleaned(*words, [*map(str, tags)], *map(str, more))
    except (ValueError, TypeError, zlib.error, binascii.Error, RecursionError):
        return None
