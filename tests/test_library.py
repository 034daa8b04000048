"""Pictures in the admin: found by what they show and where, and never lost unasked."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from test_when_shared import picture
from trials import in_full

from blog.posts.models import FileUse, Image, Revision

LIST = "/admin/posts/image/"

pytestmark = pytest.mark.django_db


def listed(staff, query=""):
    response = staff.get(f"{LIST}?{query}")
    return [image.pk for image in response.context["cl"].result_list]


def rewrite(post, body):
    text = Revision.objects.newest(post).text._replace(body=body)
    Revision.objects.keep(post, text, by=None, kind=Revision.Kind.SAVED)


def uses(image):
    return dict(FileUse.objects.filter(name=image.file.name).values_list("post", "is_current"))


# --- Where each is shown ----------------------------------------------------------------------


def test_use_is_noted_in_published_and_written_text(write):
    gull, leaf = picture(1), picture(2)
    post = write(body=gull.markdown)
    rewrite(post, leaf.markdown)
    assert uses(gull) == uses(leaf) == {post.pk: True}
    post.take(Revision.objects.newest(post))
    assert uses(gull) == {post.pk: False}, "only an earlier version shows it"


def test_rendition_and_link_count_as_use(write):
    gull = picture(1)
    post = write(body=f"[big](https://blog.example.org/media/{gull.file.name}.360.webp)")
    assert uses(gull) == {post.pk: True}


def test_list_links_to_essays_that_show_a_picture(staff, write):
    gull = picture(1, alt="A gull")
    post = write("On gulls", body=gull.markdown)
    page = staff.get(LIST).text
    assert f'<a href="/admin/posts/post/{post.pk}/change/"><bdi>On gulls</bdi></a>' in page
    assert f'src="/media/{gull.file.name}.360.webp"' in page


def test_pictures_are_found_by_words_and_essays(staff, write):
    gull, leaf = picture(1, alt="A gull"), picture(2)
    write("Autumn in town", body=leaf.markdown)
    assert listed(staff, "q=gull") == [gull.pk]
    assert listed(staff, "q=autumn") == [leaf.pk]
    assert listed(staff, f"q={leaf.file.name[:33]}") == [leaf.pk]


def test_list_is_narrowed_to_what_needs_something(staff, write):
    used, unused = picture(1, alt="A gull"), picture(2, alt="A leaf")
    chosen, moving = picture(3), picture(4, alt="Waves", ending="moving.webp")
    write(body=used.markdown + moving.markdown, picture=chosen)
    assert listed(staff, "needs=unused") == [unused.pk]
    assert listed(staff, "needs=no-description") == [chosen.pk]
    assert listed(staff, "needs=moving") == [moving.pk]


def test_picture_of_a_dropped_essay_is_unused(staff, write):
    gull = picture(1)
    write(body=gull.markdown).delete()
    assert listed(staff, "needs=unused") == [gull.pk]


def test_page_of_many_pictures_takes_as_few_queries(staff, write):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            begun = time.process_time()
            assert staff.get(LIST).status_code == 200
        print(f"{Image.objects.count()} pictures: {time.process_time() - begun:.2f} s of CPU")
        return [query["sql"] for query in asked]

    first = picture(1)
    post = write("Essay 1", body=first.markdown, picture=first)
    few = queries()
    count = in_full(5000, 60)
    names = [f"{number:032x}-1600x900.jpg" for number in range(2, count + 1)]
    Image.objects.bulk_create(Image(file=name, width=1600, height=900) for name in names)
    FileUse.objects.bulk_create(FileUse(post=post, name=name) for name in names[: count // 2])
    many = queries()
    assert len(many) == len(few)
    about_pictures = [sql for sql in many if 'FROM "posts_' in sql]
    # How much all take and what is unused, two counts, the page, its uses, and who chose them.
    assert len(about_pictures) == 7, about_pictures


def test_used_picture_is_not_deleted(staff, write):
    gull, leaf = picture(1), picture(2)
    write("On gulls", body=gull.markdown)
    chosen = {"action": "delete_selected", "_selected_action": [gull.pk, leaf.pk], "post": "yes"}
    assert "is shown in “On gulls”" in staff.post(LIST, chosen).text
    assert Image.objects.count() == 2


def test_deleting_says_which_earlier_versions_lose_it(staff, write):
    gull = picture(1, alt="A gull")
    post = write("On gulls", body=gull.markdown)
    post.body = "Without it."
    post.save()
    page = staff.get(f"{LIST}{gull.pk}/delete/").text
    assert "Earlier versions of “On gulls” will no longer show “A gull”" in page
