"""Who reads the comments of which system, by the names of the commands that bring them."""

from .commento import Commento
from .disqus import Disqus

READERS = {reader.system: reader for reader in (Commento, Disqus)}
