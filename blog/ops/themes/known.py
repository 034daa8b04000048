"""Which variables templates have, and their attributes: the promised, and all that ours use."""

from typing import Any

from blog.posts.models import Post, Tag
from blog.site.reading import Site
from comments.models import Comment

from .promise import known_variables
from .reading import Asked

# What Django and every page give besides.
ALWAYS = {
    *("site", "canonical", "stylesheet", "copied", "here", "site_card", "nav", "current"),
    *(
        "request",
        "user",
        "perms",
        "messages",
        "csrf_token",
        "forloop",
        "block",
        "DEFAULT_MESSAGE_LEVELS",
    ),
    *("True", "False", "None", "view", "object_list", "is_paginated", "paginator", "page_obj"),
}
CLASSES: dict[str, Any] = {
    **{"site": Site, "post": Post, "earlier": Post, "later": Post},
    **{"tag": Tag, "comment": Comment},
}


def roots_of_all(*templates: dict[str, Asked]) -> set[str]:
    """Return the names of all variables: of all of ours, and of what a theme sets itself."""
    ours, own = templates
    roots = ALWAYS | set(known_variables())
    for found in ours.values():
        roots |= found.sets | {name.split(".")[0] for name, _line in found.variables}
    # What one template sets, those it includes have.
    for found in own.values():
        roots |= found.sets
    return roots


def known_attributes(root: str, ours: dict[str, Asked]) -> set[str] | None:
    """Return the attributes of a variable; None where any may be right."""
    if root not in CLASSES:
        return None
    made = CLASSES[root]
    known = {name for name in dir(made) if not name.startswith("_")}
    if hasattr(made, "_meta"):
        known |= {each.name for each in made._meta.get_fields()}
    known |= known_variables().get(root, set())
    for found in ours.values():
        pairs = (name.split(".") for name, _line in found.variables)
        known |= {more[0] for name, *more in pairs if name == root and more}
    return known
