"""Every word of real exports shows after the import, or the report names where it does not."""

import pytest
from conftest import SHARED
from imported_words import missing, read_export, words_of_html, words_of_source
from trials import FULL

from blog.posts.models import Post
from blog.transfer.wordpress import import_wordpress
from blog.transfer.wxr import WxrError
from comments.models import Comment

DATA = SHARED / "data" / "wxr"
FILES = sorted(DATA.glob("*.xml"))
SOON = [DATA / "made-extras" / "made-extras.xml", DATA / "made-control-character.xml"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs the shared test data beside us"),
]


def lacking(path, report):
    """Yield what of an export does not show: whether the report names its place, and the words."""
    about = ("Holds", "Left out", "Comments left out", "Files that")
    said = "\n".join(line for heading, lines in report.notes.items()
                     if heading.startswith(about) for line in lines)  # fmt: skip
    for number, title, html, notes, comments in read_export(path):
        posts = Post.objects.filter(origin__contains=f"#post-{number}")
        if not posts:
            if title[:40] not in said:
                yield False, title, ["(not here)"]
            continue
        shown = sum((words_of_html(post.body_html) for post in posts), words_of_html(""))
        if words := missing(words_of_source(html, notes), shown):
            yield title[:40] in said, title, words
        for comment, source in comments:
            rows = Comment.objects.filter(post__in=posts, origin__contains=f"#comment-{comment}")
            shown = sum((words_of_html(row.body_html) for row in rows), words_of_html(""))
            if words := missing(words_of_source(source), shown):
                yield f"on “{title}”" in said, f"{title}, comment {comment}", words


@pytest.mark.parametrize("path", SOON + (FILES if FULL else []), ids=lambda path: path.stem)
def test_every_word_shows_or_is_named(path):
    try:
        report = import_wordpress(path)
    except WxrError:
        return  # which other tests look at
    found = list(lacking(path, report))
    for is_named, place, words in found:
        print("named" if is_named else "NOT NAMED", place, words[:20])
    assert all(is_named for is_named, _place, _words in found)
