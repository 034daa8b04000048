"""What feeds call an entry never changes: not with an upgrade, a move, a new slug or a new date."""

import pytest
from conftest import on
from feeds import known_to_readers, move

from blog.lib.feed_ids import as_iri, part_of
from blog.posts.models import Post, Tag
from blog.transfer.export import write_wordpress
from blog.transfer.wordpress import import_wordpress
from comments.models import Comment

WXR = """<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>http://old.example</wp:base_blog_url>{}
</channel></rss>"""
ITEM = """<item><title>Essay {id}</title><guid isPermaLink="false">{guid}</guid>
<content:encoded>Words.</content:encoded><wp:post_id>{id}</wp:post_id>
<wp:post_date_gmt>2020-01-0{id} 10:00:00</wp:post_date_gmt><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type><wp:post_name>essay-{id}</wp:post_name>
<wp:comment><wp:comment_id>7{id}</wp:comment_id><wp:comment_author>Lou</wp:comment_author>
<wp:comment_date_gmt>2020-02-01 10:00:00</wp:comment_date_gmt>
<wp:comment_approved>1</wp:comment_approved>
<wp:comment_content>Yes.</wp:comment_content></wp:comment></item>"""
GUIDS = ["http://old.example/?p=1", "no address, but an id", "http://old.example/?p=1"]


def write_wxr(path):
    items = [ITEM.format(id=number, guid=guid) for number, guid in enumerate(GUIDS, 1)]
    path.write_text(WXR.format("".join(items)))
    return path


@pytest.mark.django_db
def test_an_import_keeps_guids_through_a_move(tmp_path, settings, author):
    settings.SITE_URL = "http://127.0.0.1:8000"
    import_wordpress(write_wxr(tmp_path / "a.xml"), author=author)
    posts = list(Post.objects.order_by("published_at").values_list("feed_id", flat=True))
    assert posts[:2] == GUIDS[:2]
    assert posts[2].startswith("urn:uuid:")  # another has that guid
    said = Comment.objects.order_by("post__published_at").values_list("feed_id", flat=True)
    assert list(said[:2]) == [f"{GUIDS[0]}#comment-71", f"{GUIDS[1]}#comment-72"]
    assert said[2].startswith("urn:uuid:")
    seen = known_to_readers()
    move(settings)
    assert known_to_readers() == seen
    import_wordpress(write_wxr(tmp_path / "a.xml"), author=author)
    assert known_to_readers() == seen


@pytest.mark.django_db
def test_an_export_carries_ids_along(tmp_path, write, say, author):
    post = write("Here", published_at=on(2026))
    post.tags.add(Tag.objects.create(name="Reading"))
    said = say(post)
    ids = post.feed_id, said.feed_id
    write_wordpress(tmp_path / "out.xml")
    import_wordpress(tmp_path / "out.xml", author=author)
    copies = Post.objects.get(origin__isnull=False), Comment.objects.get(origin__isnull=False)
    assert {copy.feed_id for copy in copies}.isdisjoint(ids)
    Post.objects.all().delete()
    import_wordpress(tmp_path / "out.xml", author=author)
    assert (Post.objects.get().feed_id, Comment.objects.get().feed_id) == ids


def test_atom_gets_an_iri_whatever_was_imported():
    ours = "urn:uuid:53740810-b279-4434-909e-60c092f480a1"
    kept = [ours, "http://old.example/?p=1", "tag:old.example,2020-01-01:7"]
    assert [as_iri(id_) for id_ in kept] == kept
    assert as_iri("no address").startswith("urn:uuid:")
    assert as_iri("no address") == as_iri("no address") != as_iri("another")
    assert part_of(ours, "comments").startswith("urn:uuid:")
    assert part_of(kept[2], "comments") == "tag:old.example,2020-01-01:7:comments"
