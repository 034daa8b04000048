"""Essays and pages: their versions, tags, pictures and old addresses, and what finds them."""

from .address import RESERVED_SLUGS, OldAddress, is_reserved
from .feed_identity import FeedIdentity
from .file_use import FileUse, names_in
from .forward import Forward
from .image import Image
from .post import YEARS, Post
from .presence import Presence
from .profile import Profile, has_several_authors
from .queries import InTheWay
from .recording import Recording
from .rendering import (
    posts_of_earlier_markup,
    posts_that_lack_widths,
    render_again,
    rendered_again,
    rendered_now,
)
from .revision import NewerVersion, Revision, Text
from .search_entry import SearchEntry
from .search_words import CommonWord, SearchWords
from .shared_draft import SharedDraft
from .tag import OldTagSlug, Tag, key_of
from .upload import TooMuch, Upload
from .whose import writes_essays

__all__ = [
    "RESERVED_SLUGS",
    "YEARS",
    "CommonWord",
    "FeedIdentity",
    "FileUse",
    "Forward",
    "Image",
    "InTheWay",
    "NewerVersion",
    "OldAddress",
    "OldTagSlug",
    "Post",
    "Presence",
    "Profile",
    "Recording",
    "Revision",
    "SearchEntry",
    "SearchWords",
    "SharedDraft",
    "Tag",
    "Text",
    "TooMuch",
    "Upload",
    "has_several_authors",
    "is_reserved",
    "key_of",
    "names_in",
    "posts_of_earlier_markup",
    "posts_that_lack_widths",
    "render_again",
    "rendered_again",
    "rendered_now",
    "writes_essays",
]
