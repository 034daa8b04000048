"""Characters that XML forbids are removed wherever text is saved, and nothing else is."""

import io

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.models.signals import pre_save
from lxml import etree
from PIL import Image as Pixels
from reading import hidden

from blog.markup import plain_text, render_comment, render_post
from blog.markup.from_html.html_to_markdown import comment_markdown, post_markdown, text_of
from blog.posts.models import Image, Post
from comments.models import Comment

pytestmark = pytest.mark.django_db

ODD = "\ufffe\x01\uffff\x1f"
FORBIDDEN = set(map(chr, range(32))) - set("\t\n\r") | set("\ufffe\uffff")


@pytest.fixture
def post(write):
    return write()


def stored():
    """Return every text in the database."""
    for model in apps.get_models():
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        ]
        for row in model._base_manager.values_list(*names):
            yield from zip([f"{model.__name__}.{name}" for name in names], row, strict=True)


def check_nothing_forbidden_is_stored():
    for where, text in stored():
        assert not (text and FORBIDDEN & set(text)), where


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("posts/tag", {"name": f"Read{ODD}ing", "slug": "reading"}),
        ("comments/blockrule", {"kind": "words", "pattern": f"cas{ODD}ino", "outcome": "spam",
                                "note": f"so{ODD}"}),
        ("auth/group", {"name": f"Sub{ODD}scribers"}),
    ],
)  # fmt: skip
def test_text_added_in_the_admin_is_cleaned(admin_client, path, fields):
    response = admin_client.post(f"/admin/{path}/add/", fields)
    assert response.status_code == 302, response.context["adminform"].form.errors
    check_nothing_forbidden_is_stored()


def test_essay_with_control_characters_keeps_its_words(admin_client, admin_user):
    fields = {"title": f"On{ODD} margins", "standfirst": f"Why{ODD}.", "slug": "on-margins",
              "body": f"# Ro{ODD}om\n\n[for{ODD}](/a) ![a{ODD} note](/b.png)", "kind": "essay",
              "author": admin_user.pk, "old_addresses-TOTAL_FORMS": 0,
              "old_addresses-INITIAL_FORMS": 0}  # fmt: skip
    assert admin_client.post("/admin/posts/post/add/", fields).status_code == 302
    post = Post.objects.get()
    assert (post.title, post.standfirst) == ("On margins", "Why.")
    assert post.body == "# Room\n\n[for](/a) ![a note](/b.png)"
    check_nothing_forbidden_is_stored()


def test_taken_name_is_refused_with_control_characters(admin_client):
    Group.objects.create(name="Subscribers")
    response = admin_client.post("/admin/auth/group/add/", {"name": f"Subscribers{ODD}"})
    assert response.context["adminform"].form.errors["name"]


def test_a_user_is_saved_without_them(admin_client, author):
    fields = {"username": "ines", "first_name": f"I{ODD}nes", "last_name": f"Mar{ODD}low",
              "date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}  # fmt: skip
    address = f"/admin/auth/user/{author.pk}/change/"
    fields |= hidden(admin_client.get(address).text, "started_from")
    assert admin_client.post(address, fields).status_code == 302
    author.refresh_from_db()
    assert author.get_full_name() == "Ines Marlow"
    check_nothing_forbidden_is_stored()


def test_a_password_stays_as_it_was_typed(admin_client, author):
    fields = {"password1": f"wide{ODD} margins", "password2": f"wide{ODD} margins"}
    fields = {name: text.replace("\x01", "") for name, text in fields.items()}
    address = f"/admin/auth/user/{author.pk}/password/"
    assert admin_client.post(address, fields | {"usable_password": "true"}).status_code == 302
    author.refresh_from_db()
    assert author.check_password(fields["password1"])


def test_image_is_accepted_under_any_file_name(admin_client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    Pixels.new("RGB", (4, 3)).save(out, "PNG")
    file = SimpleUploadedFile(f"o{ODD}ak.png", out.getvalue(), "image/png")
    admin_client.post("/admin/posts/image/add/", {"file": file, "alt": f"An{ODD} oak"})
    assert Image.objects.get().alt == "An oak"
    check_nothing_forbidden_is_stored()


def test_a_list_is_searched_without_them(admin_client, post):
    assert post.title in admin_client.get("/admin/posts/post/", {"q": f"marg{ODD}ins"}).text


def test_a_comment_is_taken_without_them(send):
    sent = {"name": f"Lou{ODD} Barba", "email": f"lou{ODD}@example.org",
            "url": f"https://lou{ODD}.example", "body": f"I{ODD} agree."}  # fmt: skip
    assert send(**sent).status_code == 303
    comment = Comment.objects.get()
    assert (comment.name, comment.body) == ("Lou Barba", "I agree.")
    assert (comment.email, comment.url) == ("lou@example.org", "https://lou.example")
    check_nothing_forbidden_is_stored()


def test_every_text_field_is_cleaned_on_save():
    """Whatever saves it: a command, an import, a job, or a model that is yet to be written."""
    checked = 0
    for model in apps.get_models():
        texts = {
            field.attname: f"a{ODD}b"
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        }
        row = model()
        row.__dict__.update(texts)
        pre_save.send(model, instance=row, raw=False, using="default", update_fields=None)
        assert {row.__dict__[name] for name in texts} <= {"ab"}, model
        checked += len(texts)
    assert checked > 60


@pytest.mark.parametrize(
    "address",
    ["/feed.xml", "/atom.xml", "/sitemap.xml", "/comments/feed.xml", "/comments/atom.xml"],
)
def test_rows_of_an_older_version_break_no_feed(client, post, say, address):
    comment = say(post)
    Comment.objects.filter(pk=comment.pk).update(name=f"Lou{ODD}", body_html=f"<p>I{ODD}</p>")
    changes = {"title": f"On{ODD}", "path": f"2026/01/on{ODD}", "body_html": f"<p>Room{ODD}</p>"}
    Post.objects.filter(pk=post.pk).update(**changes)
    get_user_model().objects.update(last_name=f"Marlow{ODD}")
    response = client.get(address)
    assert response.status_code == 200
    etree.fromstring(response.content)


@pytest.mark.parametrize("odd", [ODD, "&#1;&#65534;&#xffff;", "&#x1F;", "\ud800"], ids=ascii)
def test_html_that_is_imported_loses_them_alone(odd):
    source = f"<h2>He{odd}ad</h2><p>l{odd}ine <img src='/a.png' alt='a{odd}b'></p>"
    shown = plain_text(render_post(post_markdown(source).markdown))
    assert "Head" in shown
    assert "line" in shown
    assert "line" in render_comment(comment_markdown(f"<b>l{odd}ine</b>"))
    assert text_of(f"O{odd}n") == "On"
