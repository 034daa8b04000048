"""Comments as Disqus exports them, which Isso, Remark42 and others import.

Disqus knows no comment that waits, and importers differ in which marks they heed. So whatever
readers cannot see here is marked as deleted, which all of them heed: what waits, spam, what is in
the trash, and all under essays that are not public. Isso keeps a deleted comment that has replies,
with its words, and hands them out; so such a one is written without words and names. comments.json
and discussions.json have them.
"""

from __future__ import annotations

from typing import IO, Any
from xml.sax.saxutils import XMLGenerator

from django.db.models import Exists, OuterRef

from blog.markup import absolute_links, storable
from blog.posts.models import Post
from comments.models import Comment

from .wxr_writer import address

NAMESPACES = {
    "xmlns": "http://disqus.com",
    "xmlns:dsq": "http://disqus.com/disqus-internals",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": "http://disqus.com/api/schemas/1.0/disqus.xsd"
    " http://disqus.com/api/schemas/1.0/disqus-internals.xsd",
}
FORUM, CATEGORY = "postil", "1"
# Columns of essays that comments do not need.
_TEXTS = ("body", "body_html", "annotated_html")


def comments_out() -> Any:
    """Return the comments that other systems take, oldest first; mentions are none."""
    found = Comment.objects.filter(kind=Comment.Kind.COMMENT).order_by("pk")
    return found.select_related("post").defer(*(f"post__{name}" for name in _TEXTS))


def write_disqus(path: Any) -> int:
    """Write all comments in constant memory; return how many."""
    with path.open("w", encoding="utf-8") as file:
        return _Writer(file).write()


class _Writer:
    def __init__(self, file: IO[str]) -> None:
        self.xml = XMLGenerator(file, "utf-8", short_empty_elements=True)

    def write(self) -> int:
        self.xml.startDocument()
        self.start("disqus", NAMESPACES)
        self.start("category", {"dsq:id": CATEGORY})
        for name, text in (("forum", FORUM), ("title", "General"), ("isDefault", "true")):
            self.put(name, text)
        self.end("category")
        said = Comment.objects.filter(post=OuterRef("pk"), kind=Comment.Kind.COMMENT)
        posts = Post.objects.filter(Exists(said)).order_by("pk").select_related("author")
        for post in posts.defer(*_TEXTS).iterator(chunk_size=200):
            self.thread(post)
        count = 0
        replies = Comment.objects.filter(parent=OuterRef("pk"))
        comments = comments_out().annotate(is_answered=Exists(replies))
        for comment in comments.iterator(chunk_size=500):
            self.post(comment)
            count += 1
        self.end("disqus")
        self.xml.endDocument()
        return count

    def thread(self, post: Post) -> None:
        self.start("thread", {"dsq:id": str(post.pk)})
        self.put("id", address(post))
        self.put("forum", FORUM)
        self.mark("category", CATEGORY)
        self.put("link", address(post))
        self.put("title", post.title)
        self.put("message", "")
        self.put("createdAt", _time(post.published_at or post.created_at))
        self.author(post.byline)
        self.put("isClosed", _truth(not post.takes_comments))
        self.put("isDeleted", _truth(not post.is_public))
        self.end("thread")

    def post(self, comment: Comment) -> None:
        is_public = comment.is_approved and comment.post.is_public
        bare = not is_public and comment.is_answered
        self.start("post", {"dsq:id": str(comment.pk)})
        self.put("id", comment.feed_id)
        self.put(
            "message", "" if bare else absolute_links(comment.body_html, address(comment.post))
        )
        self.put("createdAt", _time(comment.created_at))
        self.put("isDeleted", _truth(not is_public))
        self.put("isSpam", _truth(comment.status == Comment.Status.SPAM))
        if bare:
            self.author("")
        else:
            self.author(comment.name, comment.email, comment.url)
        self.mark("thread", comment.post_id)
        if comment.parent_id:
            self.mark("parent", comment.parent_id)
        self.end("post")

    def author(self, name: str, email: str = "", url: str = "") -> None:
        self.start("author", {})
        self.put("email", email)
        self.put("name", name)
        if url:
            self.put("link", url)
        self.put("isAnonymous", "true")
        self.end("author")

    # --- XML --------------------------------------------------------------------------------

    def put(self, name: str, text: str) -> None:
        self.xml.startElement(name, {})
        self.xml.characters(storable(text))
        self.end(name)

    def mark(self, name: str, id: Any) -> None:
        self.xml.startElement(name, {"dsq:id": str(id)})
        self.end(name)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.xml.startElement(name, attributes)
        self.xml.ignorableWhitespace("\n")

    def end(self, name: str) -> None:
        self.xml.endElement(name)
        self.xml.ignorableWhitespace("\n")


def _time(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _truth(is_so: bool) -> str:
    return "true" if is_so else "false"
