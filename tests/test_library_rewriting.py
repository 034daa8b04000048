"""A picture's file and words are changed in all essays, and nothing else of them is published."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image as Pixels
from test_library import rewrite
from test_when_shared import picture

from blog.media.pictures.preparing import prepare
from blog.posts.models import Image, Post, Revision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def file(colour):
    out = io.BytesIO()
    Pixels.new("RGB", (700, 500), colour).save(out, "PNG")
    return SimpleUploadedFile("x.png", out.getvalue(), "image/png")


def change(client, image, colour=None, follow=False, **given):
    if colour:
        given["another"] = file(colour)
    address = f"/admin/posts/image/{image.pk}/change/"
    started_from = re.search('name="started_from" value="([^"]*)"', client.get(address).text)[1]
    payload = {"alt": image.alt, "everywhere": "on", "started_from": started_from} | given
    return client.post(address, payload, follow=follow)


def bodies(post):
    """Return what readers have, and what is being written."""
    return Post.objects.get(pk=post.pk).body, Revision.objects.newest(post).body


def test_file_is_replaced_for_readers_and_in_what_is_written(staff, write):
    gull = picture(1, alt="A gull")
    post = write(body=f"Old words. {gull.markdown}")
    rewrite(post, f"New words. {gull.markdown}")
    page = change(staff, gull, "blue", follow=True)
    assert "The picture is replaced in 1 essay." in page.text
    new = Image.objects.exclude(pk=gull.pk).get()
    assert (new.alt, new.width, new.height) == ("A gull", 700, 500)
    assert bodies(post) == (f"Old words. {new.markdown}", f"New words. {new.markdown}")
    assert new.file.name in Post.objects.get(pk=post.pk).body_html
    kept = [revision.body for revision in Revision.objects.of(post)]
    assert len(kept) == 4, "both texts, before and after"
    assert Image.objects.filter(pk=gull.pk).exists(), "its address goes on answering"
    assert default_storage.exists(new.file.name)


def test_draft_and_choice_for_sharing_follow(staff, write):
    gull = picture(1)
    draft = write(body=gull.markdown, published_at=None)
    shared = write("Another", body="No picture.", picture=gull)
    change(staff, gull, "blue")
    new = Image.objects.exclude(pk=gull.pk).get()
    assert bodies(draft) == (new.markdown, new.markdown)
    assert draft.status == "draft"
    shared.refresh_from_db()
    assert (shared.picture, shared.shared_name) == (new, new.file.name)


def test_scheduled_changes_keep_their_time(staff, write):
    gull, at = picture(1), timezone.now() + timedelta(days=1)
    post = write(body=f"Old. {gull.markdown}")
    rewrite(post, f"Due. {gull.markdown}")
    post.schedule_changes(Revision.objects.newest(post), at)
    rewrite(post, f"Later still. {gull.markdown}")
    change(staff, gull, "blue")
    new = Image.objects.exclude(pk=gull.pk).get()
    due = Revision.objects.due(post).get()
    assert (due.body, due.due_at) == (f"Due. {new.markdown}", at)
    assert bodies(post) == (f"Old. {new.markdown}", f"Later still. {new.markdown}")


def test_same_file_again_is_refused(staff):
    same = Image.objects.create(file=prepare(file("blue")).name, width=700, height=500)
    assert "This is the same picture." in change(staff, same, "blue").text


def test_description_reaches_essays_without_their_own(staff, write):
    gull = picture(1, alt="A [grey] gull")
    address = gull.get_absolute_url()
    old, none = write("Old", body=gull.markdown), write("None", body=f"![]({address} 'Harbour')")
    own = write("Own", body=f"![My own bird]({address})")
    rewrite(old, f"More. {gull.markdown}")
    page = change(staff, gull, follow=True, alt="Two gulls [sic]")
    assert "2 essays have the new description." in page.text
    now = f"![Two gulls \\[sic\\]]({address}"
    assert bodies(old) == (f"{now})", f"More. {now})")
    assert bodies(none)[0] == f"{now} 'Harbour')"
    assert bodies(own)[0] == f"![My own bird]({address})"


def test_description_stays_out_of_essays_unasked(staff, write):
    gull = picture(1, alt="A gull")
    post = write(body=gull.markdown)
    change(staff, gull, alt="Two gulls", everywhere="")
    assert bodies(post)[0] == gull.markdown
    assert Image.objects.get().alt == "Two gulls"


def test_who_may_not_write_changes_no_essay(client, author, write):
    gull = picture(1, alt="A gull")
    post = write(body=gull.markdown)
    author.user_permissions.set(Permission.objects.filter(codename__endswith="_image"))
    client.force_login(author)
    page = change(client, gull, "blue", follow=True, alt="Two gulls")
    assert 'name="another"' not in page.text
    assert bodies(post)[0] == gull.markdown
    assert Image.objects.get().alt == "Two gulls"
