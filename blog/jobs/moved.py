"""Tasks that have moved: rows of a version before still name the path on the left."""

MOVED = {
    "blog.edge.purge": "blog.pages.purge.purge",
    "comments.sending.tell_linked_pages": "comments.linkbacks.sending.tell_linked_pages",
    "comments.sending.send_notice": "comments.linkbacks.sending.send_notice",
}
