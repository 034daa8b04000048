"""Tasks that have moved: rows of a version before still name the path on the left."""

MOVED = {
    "blog.edge.purge": "blog.pages.purge.purge",
    "comments.sending.tell_linked_pages": "comments.linkbacks.sending.tell_linked_pages",
    "comments.sending.send_notice": "comments.linkbacks.sending.send_notice",
    "comments.tasks.send": "comments.tasks.send_mail",
}


def paths_of(path):
    """Return all paths that rows may name a task by: its own, and those from before it moved."""
    return [path, *(old for old, new in MOVED.items() if new == path)]
