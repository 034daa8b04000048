"""Exports of Disqus made for a test, and what came of an import."""

from collections import Counter
from datetime import UTC, datetime
from html import escape

from blog.posts.models import Post
from blog.transfer.discussions.bringing import import_discussion
from blog.transfer.discussions.disqus import Disqus
from blog.transfer.discussions.said import Discussion, Said
from blog.transfer.wordpress import import_wordpress
from comments.models import Comment

HERE = "https://notes.example.org"
PAGE = f"{HERE}/tea/"
AT = datetime(2020, 1, 1, tzinfo=UTC)
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com"'
    ' xmlns:dsq="http://disqus.com/disqus-internals">'
)
POST = {
    "message": "<p>Well said.</p>",
    "createdAt": "2019-05-01T12:00:00Z",
    "isDeleted": "false",
    "isSpam": "false",
}


def thread_xml(number=1, link=PAGE, **fields):
    said = {"link": link, "isClosed": "false", "isDeleted": "false"} | fields
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said.items())
    return f'<thread dsq:id="{number}">{inner}</thread>'


def post_xml(number, parent=None, thread=1, name="Lou", more="", **fields):
    inner = "".join(f"<{key}>{escape(text)}</{key}>" for key, text in (POST | fields).items())
    above = f'<parent dsq:id="{parent}" />' if parent else ""
    return (
        f'<post dsq:id="{number}"><id />{inner}<author><name>{escape(name)}</name>{more}</author>'
        f'<thread dsq:id="{thread}" />{above}</post>'
    )


def disqus(tmp_path, *elements, head=HEAD, end="</disqus>"):
    path = tmp_path / "disqus.xml"
    path.write_text(head + "\n".join(elements) + end, encoding="utf-8")
    return Disqus(path)


class Made(Discussion):
    """Comments that a test says itself."""

    system = "made"

    def __init__(self, *said, pages=()):
        self.all, self.all_pages = said, pages

    def pages(self):
        yield from self.all_pages

    def said(self):
        yield from self.all


def one(id="1", parent="", page=PAGE, **fields):
    given = {"id": id, "parent": parent, "page": page, "markdown": f"Words {id}.", "at": AT}
    return Said(**given | fields)


def bring(*said, pages=(), **how):
    return import_discussion(Made(*said, pages=pages), **how)


def answers():
    """Return what each comment answers, by the words of both."""
    rows = Comment.objects.values_list("body", "parent__body")
    return {
        body.split()[1].strip("."): above and above.split()[1].strip(".") for body, above in rows
    }


def lines(report, start):
    """Return the lines under the heading that starts so; [] if there is none."""
    found = [[*lines] for heading, lines in report.notes.items() if heading.startswith(start)]
    return found[0] if found else []


def notes_blog(shared):
    """Bring the blog to which the shared exports of comments belong."""
    import_wordpress(shared / "data/wxr/made-notes-blog.xml")


def by_essay(status):
    """Return how many comments each essay has in a state, by the last part of its address."""
    found = Comment.objects.filter(status=status).values_list("post__path", flat=True)
    return dict(Counter(path.rpartition("/")[2] for path in found))


def public_words():
    return "\n".join(Comment.objects.approved().values_list("body", flat=True))


def essay(write, title="Tea"):
    return write(title, kind=Post.Kind.PAGE)
