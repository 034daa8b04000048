"""Tasks that have moved: rows of a version before still name the path on the left."""

MOVED = {
    "blog.edge.purge": "blog.pages.purge.purge",
}
