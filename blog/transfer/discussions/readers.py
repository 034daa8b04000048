"""Who reads the comments of which system, by the names of the commands that bring them."""

from .commento import Commento
from .comments_json import CommentsJson
from .disqus import Disqus
from .isso import Isso
from .remark42 import Remark42

READERS = {reader.system: reader for reader in (Commento, CommentsJson, Disqus, Isso, Remark42)}
