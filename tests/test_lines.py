"""Text of several lines may be as long as its field in the browser says, line breaks and all."""

import pytest
from django import forms
from django.contrib.auth import get_user_model

from blog.posts.models import Profile
from blog.posts.profiles import ProfileForm
from blog.site.forms import SiteForm
from blog.site.models import SiteVersion
from blog.transfer.moving.forms import SendForm

# Lines of which a browser counts 2,000 characters and sends more: each break as two.
LINES = "\r\n".join(["ten signs"] * 200) + "."
AREAS = [
    (form, name)
    for form in (SiteForm, ProfileForm, SendForm)
    for name, field in form.base_fields.items()
    if isinstance(field.widget, forms.Textarea) and field.max_length
]


def test_forms_with_limits_are_known():
    assert [name for _form, name in AREAS] == ["css", "comment_words", "bio", "hosts"]


@pytest.mark.parametrize(("form", "name"), AREAS)
def test_line_breaks_count_once_toward_the_limit(form, name):
    field = form.base_fields[name]
    text = "a\r\n" * (field.max_length // 2)
    given = field.widget.value_from_datadict({name: text}, {}, name)
    assert len(given) == field.max_length
    assert field.clean(given)


@pytest.mark.django_db
def test_words_of_two_thousand_characters_are_saved(admin_client):
    assert len(LINES.replace("\r\n", "\n")) == 2000
    admin_client.post("/admin/site/siteversion/", {"started_from": 0, "comment_words": LINES})
    assert SiteVersion.objects.get().comment_words == LINES.replace("\r\n", "\n")
    admin_client.post("/admin/posts/profile/", {"name": "Anna", "bio": LINES})
    assert Profile.objects.get(user=get_user_model().objects.get()).bio.count("\n") == 199


@pytest.mark.django_db
def test_one_character_more_is_still_too_long(admin_client):
    given = {"started_from": 0, "comment_words": LINES + "."}
    assert "2000" in admin_client.post("/admin/site/siteversion/", given).text
    assert not SiteVersion.objects.exists()
