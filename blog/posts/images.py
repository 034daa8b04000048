"""Where uploaded pictures were read and stored before `blog.media` did; for those who import it."""

from blog.media.pictures.preparing import Prepared, prepare
from blog.media.storing import store

__all__ = ["Prepared", "prepare", "store"]
