"""Folders of other programs: what each sample must give, counted without this code."""

from collections import Counter
from pathlib import Path

import pytest
from conftest import SHARED
from django.core.files.storage import default_storage
from django.urls import reverse
from test_images import media_root  # noqa: F401 - a fixture
from trials import FULL

from blog.posts.models import Forward, Image, OldAddress, Post
from blog.transfer.folders.importing import import_folder
from comments.models import Comment

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_folders")]

DATA = SHARED / "data"
SITES = DATA / "static-sites"
needs_data = pytest.mark.skipif(not SITES.is_dir(), reason="needs the shared test data beside us")

# What is public (essays, pages), the drafts, what is scheduled, pictures brought, and addresses
# that lead to what is public.
GIVES = {
    "hugo-made": (8, 1, 5, 1, 3),
    "hugo-burntsushi": (3, 1, 0, 0, 0),
    "jekyll-made": (6, 1, 2, 1, 1),
    "jekyll-made-mistakes": (3, 0, 1, 0, 0),
    "eleventy-base-blog": (4, 1, 1, 0, 1),
    "pelican-made": (1, 1, 2, 0, 2),
    "pelican-samples": (1, 0, 0, 0, 0),
    "nikola-made": (1, 1, 2, 0, 1),
    "nikola-tests": (3, 0, 0, 0, 0),
}
LEADS = {
    "hugo-made": "2021/03/toml-everything old/toml.html 2021/03/toml-relative 2020/12/toml "
    "special/address/here 2021/06/json-front-matter 2021/03/bundle-of-images 2022/02/in-a-folder "
    "2022/05/a-post-in-html 2022/06/windows-line-ends 2022/07/a-byte-order-mark-first about-me "
    "about.html",
    "hugo-burntsushi": "dynamic-workspaces golang-daemonize-bsd type-parametric-functions-golang",
    "jekyll-made": "blog/writing/notes/2020/01/31/first-post.html blog/first blog/2020/first.html "
    "blog/own/address blog/notes/2020/03/01/renamed.html blog/2020/05/01/no-title.html "
    "blog/2020/06/01/in-html.html blog/2020/07/01/Ünïcode-name.html blog/about",
    "jekyll-made-mistakes": "articles/jekyll-style-guide articles/display-problems-imac-g5",
    "eleventy-base-blog": "blog/firstpost blog/secondpost blog/thirdpost blog/fourthpost about",
    "pelican-made": "2018/keywords.html pages/about.html",
    "pelican-samples": "a-markdown-powered-article.html",
    "nikola-made": "posts/one old.html pages/about",
    "nikola-tests": "posts/s-markdown-1-nikola posts/s-markdown-2-nikola",
}
# What the report must name.
NAMED = {
    "hugo-made": "no-front.md date-in-name.md kein-deutsch.de.md headless/index.md "
    "content/_index.md post/_index.md broken.md evil.md missing.png gist mynotice "
    "expired.md notes.txt Bram",
    "jekyll-made": "not-a-post.md .textile README.md index.html include unpublished.md idea.md",
    "jekyll-made-mistakes": "background-color.md imac-glitch-feature.jpg "
    "animal-crossing-me-wendy.jpg "
    "jekyll-style-guide-components.png notice going-static",
    "eleventy-base-blog": "fifthpost.md blog.11tydata.js",
    "pelican-made": "three.rst four.md two.md Bram",
    "pelican-samples": "article2.rst unbelievable.rst",
    "nikola-made": "two.md three.md",
    "nikola-tests": "f-rest-1-toml.rst f-rest-2-yaml.rst",
    "hugo-burntsushi": "gmail.png high",
}
PATTERNS = {"jekyll-made-mistakes": "/:categories/:title/"}


def counted():
    states = Counter((post.kind, str(post.status)) for post in Post.objects.all())
    drafts = sum(number for (_kind, state), number in states.items() if state == "draft")
    scheduled = sum(number for (_kind, state), number in states.items() if state == "scheduled")
    public = (states["essay", "published"], states["page", "published"])
    return (*public, drafts, scheduled, Image.objects.count())


def leads(path):
    """Whether readers of an old path come to something public."""
    found = Post.objects.filter(path=path).first()
    if found is None:
        old = OldAddress.objects.filter(path=path).first()
        found = old and old.post
    return found is not None and found.is_public


def bring(name, **given):
    return import_folder(SITES / name, permalink=PATTERNS.get(name, ""), **given)


@needs_data
@pytest.mark.long
@pytest.mark.parametrize("name", GIVES)
def test_each_sample_gives_what_it_must(media_root, name):  # noqa: F811
    """What was made for these tests comes twice, and is tried out; the others in full alone."""
    twice = FULL or name.endswith("-made")
    tried = bring(name, dry_run=True) if twice else None
    assert counted() == (0, 0, 0, 0, 0)
    report = bring(name)
    assert counted() == GIVES[name]
    assert [path for path in LEADS[name].split() if not leads(path)] == []
    said = "\n".join(report.lines(limit=None))
    assert [word for word in NAMED[name].split() if word not in said] == []
    for look in LOOKS.get(name, ()):
        look()
    if twice:
        assert tried.added == report.added
        again = bring(name)
        assert (again.added.total(), counted()) == (0, GIVES[name])
        assert again.already["comment"] == report.added["comment"]
    assert not Path("/tmp/evil").exists()
    assert not Path("/tmp/pelicanconf-was-run").exists()


def hugo_tags_mean_what_they_showed():
    body = Post.objects.get(slug="toml-everything").body
    assert "See [the bundle](/2021/03/bundle-of-images/)" in body
    assert "[its heading](/2021/03/bundle-of-images/#second)" in body
    assert '-120x80.png "From static")' in body
    assert "<https://www.youtube.com/watch?v=dQw4w9WgXcQ>" in body
    assert '```python\ndef f(x): return "{{ not a shortcode }}"\n```' in body
    assert '{{< figure src="shown-as-text.png" >}}' in body
    assert "Words **inside** an unknown shortcode." in body
    post = Post.objects.get(slug="here")
    assert (f"{post.published_at:%Y-%m-%d}", post.comments_open) == ("2021-05-06", False)
    assert {tag.name for tag in Post.objects.get(slug="toml-everything").tags.all()} >= {
        "茶",
        "TOML",
    }
    assert default_storage.exists(Post.objects.get(slug="toml-everything").picture.file.name)


def liquid_means_what_it_showed():
    post = Post.objects.get(slug="first-post")
    assert f"{post.published_at:%Y-%m-%d %H:%M}" == "2020-02-01 03:30"
    assert "[the second](/2020/02/address/)" in post.body
    assert "Shown: {{ page.title }}" in post.body
    assert 'puts "{{ x }}"' in post.body
    assert "Never shown" not in post.body
    assert "{:" not in post.body
    assert post.body.count("/media/") == 3
    assert Forward.objects.get(path="blog/feed.xml").to == reverse("rss")
    assert "HTML **post** with Jekyll, made." in Post.objects.get(slug="in-html").body


def staticman_comments_come_under_their_essay():
    said = Comment.objects.order_by("created_at")
    assert [(each.post.slug, each.name, each.status) for each in said] == [
        ("first-post", "Bram", "approved"),
        ("first-post", "Ada Whitlock", "approved"),
    ]
    assert said[1].parent == said[0]
    assert said[0].body == "A *Staticman* comment.\n\nTwo paragraphs."


LOOKS = {
    "hugo-made": [hugo_tags_mean_what_they_showed],
    "jekyll-made": [liquid_means_what_it_showed, staticman_comments_come_under_their_essay],
}
