"""docs/theme.md promises blocks and variables: each of them is there."""

from datetime import timedelta

import pytest
import theme_table
from django.contrib.auth import get_user_model
from django.template import engines
from django.template.loader import get_template
from django.template.loader_tags import BlockNode, ExtendsNode
from django.utils import timezone
from inputs import every

from blog.ops.themes.promise import EVERYWHERE, PROMISES, TAGS
from blog.posts.models import Tag
from comments.models import ThreadPage

pytestmark = pytest.mark.django_db


def test_page_is_made_of_the_promise():
    page = theme_table.PAGE.read_text()
    assert theme_table.written(page) == page, "make docs"


@every("name", PROMISES)
def test_each_promised_block_is_there(name):
    nodes = get_template(name).template.nodelist
    found = {block.name for block in nodes.get_nodes_by_type(BlockNode)}
    assert set(PROMISES[name].blocks) <= found
    if not (name == "base.html" or "/_" in name or name.startswith("mail/")):
        (parent,) = nodes.get_nodes_by_type(ExtendsNode)
        assert parent.parent_name.var == "base.html"  # whose blocks it has


@every("library", TAGS)
def test_each_promised_tag_compiles(library):
    for said in TAGS[library]:
        source = f"{{{{ post{said} }}}}" if said.startswith("|") else said
        engines["django"].from_string(f"{{% load {library} %}}{source}")


MAILS = {"mail/base.html", "mail/reply.html"}
ADDRESSES = {
    "posts/index.html": "/page/2/",
    "posts/_list.html": "/page/2/",
    "posts/tag.html": "/tags/tools/page/2/",
    "posts/author.html": "/authors/{author}/page/2/",
    "posts/archive.html": "/{year}/{month}/",
    "posts/tags.html": "/tags/",
    "posts/about.html": "/about/",
    "posts/search.html": "/search/?q=room",
    "posts/_search_form.html": "/search/?q=room",
    "posts/feeds.html": "/feeds/",
    "posts/post.html": "/{path}/",
    "comments/_comments.html": "/{path}/",
    "comments/thread.html": "/{path}/comments/2/",
    "404.html": "/nowhere/",
    "410.html": "/{gone}/",
}


@pytest.fixture
def pages(client, write, say, settings, monkeypatch):
    """The variables of each page, on a site with something of everything."""
    settings.ENTRIES_PER_PAGE = 1
    monkeypatch.setattr(ThreadPage, "COMMENTS", 1)
    tools = Tag.objects.create(name="Tools", slug="tools")
    ago = timezone.now() - timedelta(days=400)
    first, post, last = (
        write(f"Essay {number}", published_at=ago + timedelta(minutes=number))
        for number in range(3)
    )
    for each in (first, post, last):
        each.tags.add(tools)
    write("Hers", author=get_user_model().objects.create_user("lou"), published_at=ago)
    gone = write("Gone", withdrawn_at=timezone.now())
    for _each in range(2):
        say(post)
    names = {"author": post.author_id, "path": post.path, "gone": gone.path}
    names |= {"year": post.path[:4], "month": post.path[5:7]}

    def of(name):
        return client.get(ADDRESSES[name].format(**names)).context

    return of


@every("name", sorted(ADDRESSES))
def test_each_promised_variable_is_there(pages, name):
    context = pages(name)
    given = {name: value for each in context for part in each for name, value in part.items()}
    given.setdefault("post", [*given.get("posts", [])][:1])
    for variable in [*EVERYWHERE, *PROMISES[name].variables]:
        root, *more = variable.split(".")
        value = given[root]
        for each in more:
            value = value[0] if isinstance(value, list) else value
            assert hasattr(value, each), variable


def test_no_template_is_left_out():
    assert set(PROMISES) == {*ADDRESSES, *MAILS, "base.html", "comments/_thread.html"}
