"""Essays and pages, their tags and pictures, the addresses they once had, and what finds them."""

from .address import RESERVED_SLUGS, OldAddress, is_reserved
from .image import Image
from .post import YEARS, Post
from .queries import InTheWay
from .search_entry import SearchEntry
from .tag import Tag

__all__ = [
    "RESERVED_SLUGS",
    "YEARS",
    "Image",
    "InTheWay",
    "OldAddress",
    "Post",
    "SearchEntry",
    "Tag",
    "is_reserved",
]
