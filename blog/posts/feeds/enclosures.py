"""The first sound or film of each essay, as feeds name it: so a podcast is a tag of essays."""

import re

from blog.lib.base_path import home
from blog.media.names import FILM, FOLDER, SOUND
from blog.media.serving import TYPES
from blog.posts.models import Recording

from .parts import Enclosure

PLAYER = re.compile(r"<(?:audio|video) [^<>]*>")
SOURCE = re.compile(rf' src="{FOLDER}({SOUND}|{FILM})"')


def with_enclosures(posts):
    """Return the posts, each with the list of its enclosures (one query, none without players)."""
    posts = list(posts)
    names = {post.pk: name for post in posts if (name := first_played(post.body_html))}
    lengths = {}
    if names:
        found = Recording.objects.filter(file__in=names.values())
        lengths = dict(found.values_list("file", "bytes"))
    for post in posts:
        name = names.get(post.pk)
        post.enclosures = [enclosure(name, lengths[name])] if name in lengths else []
    return posts


def first_played(html):
    """Return the name of the first sound or film in stored HTML, or None."""
    found = (SOURCE.search(player[0]) for player in PLAYER.finditer(html))
    return next((source[1] for source in found if source), None)


def enclosure(name, length):
    kind = TYPES[name.rpartition(".")[2]]
    return Enclosure(f"{home()}{FOLDER}{name}", length, kind)
