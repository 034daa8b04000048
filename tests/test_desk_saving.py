"""Saves while somebody writes: versions only, in JSON, refused where another is newer."""

import lxml.html
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from test_admin_posts import ADD, _payload, address
from test_change_author import other  # noqa: F401 - a fixture

from blog.pages.generation import shared
from blog.posts.desk.packing import pack, unpack
from blog.posts.models import Post, Revision, Text

pytestmark = pytest.mark.django_db
NEW = "/admin/posts/post/autosave/"


def autosave(client, post=None, **given):
    answer = client.post(address(post, "autosave") if post else NEW, given)
    return answer.status_code, answer.json()


def form_of(client, post):
    """Return the hidden fields of the desk's form."""
    form = client.get(address(post)).context["desk"]
    return {name: form[name].value() for name in ("version", "base", "sitting")}


def test_first_save_makes_a_draft(staff, author):
    status, answer = autosave(staff, title="Holes", body="One", sitting="a")
    post = Post.objects.get(pk=answer["essay"])
    assert (status, post.status, post.author) == (200, "draft", author)
    assert Revision.objects.newest(post).text == Text("Holes", "", "One")
    assert answer["change"] == address(post)


def test_saves_of_one_tab_fold_into_one_version(staff, write):
    post = write(published_at=None)
    given = form_of(staff, post)
    for body in ("One", "One two", "One two three"):
        _status, answer = autosave(staff, post, **given | {"title": "T", "body": body})
        given["version"] = answer["version"]
    assert post.revisions.first().body == "One two three"
    assert post.revisions.count() == 2


def test_saving_while_writing_changes_no_page(staff, write):
    post, before = write(), shared().generation
    given = form_of(staff, post)
    autosave(staff, post, **given | {"title": "T", "body": "New words", "tags": "New tag"})
    autosave(staff, title="Another", body="Words")
    assert shared().generation == before
    assert "New words" not in Client().get(post.get_absolute_url()).text


def test_newer_version_is_not_overwritten(staff, write, other):  # noqa: F811
    post = write(published_at=None)
    given = form_of(staff, post)
    text = Text.cleaned("T", body="Theirs")
    Revision.objects.keep(post, text, by=other, kind="saved")
    status, answer = autosave(staff, post, **given | {"title": "T", "body": "Mine"})
    assert (status, answer["by"], answer["own"]) == (409, other.get_username(), False)
    assert post.revisions.first().body == "Theirs"


def test_signed_out_is_said_in_json(client, write):
    status, answer = autosave(client, write(), body="Words")
    assert (status, answer) == (401, {"sign_in": "/admin/login/"})


@pytest.mark.parametrize("page", ["autosave", "presence", "history"])
@pytest.mark.parametrize(("asked_for", "is_taken"), [("empty", False), ("document", True)])
def test_late_answer_to_a_script_takes_no_cookie(client, write, page, asked_for, is_taken):
    path = address(write(), page)
    client.cookies["postil_session"] = "x" * 32
    answer = client.post(path, headers={"Sec-Fetch-Dest": asked_for})
    assert ("postil_session" in answer.cookies) == is_taken


def test_words_for_a_deleted_essay_become_a_draft(staff, author, write):
    post = write()
    given, there, saves = form_of(staff, post), address(post), address(post, "autosave")
    sent = _payload(author, **given, body="Typed meanwhile", act="publish-changes")
    post.delete()
    answer = staff.post(saves, sent)
    assert (answer.status_code, "was deleted" in answer.json()["error"]) == (404, True)
    page = staff.post(there, sent, follow=True)
    assert "Your words are kept as this new draft." in page.text
    made = Post.objects.get()
    assert (made.status, made.revisions.get().body) == ("draft", "Typed meanwhile")


def test_desk_shows_the_address_of_the_newest_title(staff):
    given = {"sitting": "a", "body": "Words"}
    _status, answer = autosave(staff, **given, title="On")
    autosave(staff, title="On holes", **given | {"version": answer["version"]})
    page = staff.get(answer["change"])
    assert "/on-holes/</bdi>" in page.text
    assert "<title>On holes" in page.text


def test_late_save_replaces_no_newer_words(staff, author):
    """A request may wait on its way until its tab has given it up and saved once more."""
    tab = {"title": "T", "sitting": "a"}
    _status, answer = autosave(staff, **tab, body="One two")
    post = Post.objects.get(pk=answer["essay"])
    autosave(staff, **tab, body="One")
    late = tab | {"version": "", "base": "", "act": "save", "body": "On"}
    staff.post(address(post), _payload(author, **late))
    autosave(staff, post, **tab, lost=1, version=post.revisions.first().token, body="O")
    assert {*post.revisions.values_list("body", flat=True)} == {"One two", "One", "On", "O"}


def test_staff_without_the_right_save_nothing(client, author, write):
    author.user_permissions.set(Permission.objects.filter(codename="view_post"))
    client.force_login(author)
    post = write()
    assert autosave(client, post, title="T", body="Words")[0] == 403
    assert autosave(client, title="T", body="Words")[0] == 403
    assert (Post.objects.count(), post.revisions.count()) == (1, 1)


@pytest.mark.parametrize(
    "given", [{"title": "x" * 301}, {"slug": "x" * 201}], ids=["title", "slug"]
)
def test_what_no_version_can_hold_is_said(staff, write, given):
    status, answer = autosave(staff, write(), **given)
    assert status == 400
    assert "has more than" in answer["error"]


def test_no_browser_cuts_a_title(staff, author):
    """What is pasted beyond a `maxlength` is gone without a word."""
    field = lxml.html.fromstring(staff.get(ADD).text).get_element_by_id("id_title")
    assert "maxlength" not in field.attrib
    answer = staff.post(ADD, _payload(author, title="word " * 100, act="save"))
    field = lxml.html.fromstring(answer.text).get_element_by_id("id_title")
    assert len(field.value.split()) == 100


def test_text_no_page_could_show_is_kept(staff, write):
    post, body = write(published_at=None), "> " * 5000 + "deep"
    assert autosave(staff, post, title="T", body=body)[0] == 200
    assert body in staff.get(address(post)).context["desk"]["body"].value()


def test_desk_shows_what_was_saved_last(staff, write):
    post = write()
    autosave(staff, post, title="T", body="New words", tags="One, Two")
    page = staff.get(address(post))
    assert "New words" in page.text
    assert "Your changes are saved. Readers still have the old text." in page.text


def test_publishing_changes_gives_them_to_readers(staff, author, write):
    post = write()
    given = form_of(staff, post) | {"act": "publish-changes"}
    staff.post(address(post), _payload(author, **given, body="New words", tags="One"))
    assert "New words" in Client().get(post.get_absolute_url(), follow=True).text
    assert post.revisions.first().kind == "published"


def test_dropping_changes_keeps_them_among_versions(staff, author, write):
    post = write(body="Old words")
    given = form_of(staff, post) | {"act": "drop", "title": post.title, "slug": post.slug}
    page = staff.post(address(post), _payload(author, **given | {"body": "New"}), follow=True)
    assert page.context["desk"]["body"].value() == "Old words"
    assert {each.body for each in post.revisions.all()} == {"Old words", "New"}


def test_published_address_does_not_follow_the_title(staff, author, write):
    post = write("Margins")
    given = form_of(staff, post) | {"act": "publish-changes", "title": "Else", "slug": ""}
    staff.post(address(post), _payload(author, **given))
    assert Post.objects.get().slug == post.slug


def test_packed_text_comes_back():
    text = Text("Holes", "What for", "One\n\nTwo ‏עברית", ("a", "b"), "holes")
    assert unpack(pack(text)) == text


@pytest.mark.parametrize("packed", ["", "x", "eJw=", pack(Text()) + "!", "é"])
def test_what_was_not_packed_here_is_no_text(packed):
    assert unpack(packed) is None


def test_unpacking_takes_no_bomb():
    assert unpack(pack(Text(body="x" * 6_000_000))) is None


def collided(client, author, post, act="save"):
    """Save a form that another version has overtaken; return the fields of the page that asks."""
    given = form_of(client, post)
    theirs = Text.cleaned(post.title, body=post.body + "\n\nTheirs.", slug=post.slug)
    Revision.objects.keep(post, theirs, by=author, kind="saved")
    mine = {"act": act, "body": "Mine.\n\n" + post.body, "title": post.title, "slug": post.slug}
    page = client.post(address(post), _payload(author, **given | mine))
    assert page.status_code == 409
    form = lxml.html.fromstring(page.text).get_element_by_id("collision")
    fields = dict(form.form_values())
    # Browsers leave out the first line end of a textarea; lxml does not.
    return fields | {"body": fields["body"].removeprefix("\n")}


def test_form_from_an_older_version_overwrites_nothing(staff, author, write):
    post = write(published_at=None, body="Ours.")
    fields = collided(staff, author, post)
    assert "Mine." in fields["body"]
    assert post.revisions.first().body == "Ours.\n\nTheirs."


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("together", "Mine.\n\nOurs.\n\nTheirs."),
        ("mine", "Mine.\n\nOurs."),
        ("theirs", "Ours.\n\nTheirs."),
    ],
)
def test_collision_ends_as_chosen_and_keeps_both(staff, author, write, act, body):
    post = write(published_at=None, body="Ours.")
    fields = collided(staff, author, post)
    page = staff.post(address(post), fields | {"act": act}, follow=True)
    assert page.context["desk"]["body"].value() == body
    assert Post.objects.get().body == body
    kept = {each.body for each in post.revisions.all()}
    assert {"Mine.\n\nOurs.", "Ours.\n\nTheirs."} <= kept


def test_publishing_is_asked_again_after_a_collision(staff, author, write):
    post = write(published_at=None, body="Ours.")
    fields = collided(staff, author, post, act="publish")
    page = staff.post(address(post), fields | {"act": "together"}, follow=True)
    assert "Publish for everyone to read?" in page.text
    assert Post.objects.get().status == "draft"


def test_words_of_any_version_are_known(staff, write):
    post = write(published_at=None)
    given = form_of(staff, post) | {"title": "T", "body": "One", "tags": "b, a"}
    _status, answer = autosave(staff, post, **given)
    autosave(staff, post, **given | {"body": "Two", "version": answer["version"], "sitting": "x"})

    def known(path, **changes):
        return staff.post(path, given | changes).json()["known"]

    assert known(address(post, "known"))
    assert not known(address(post, "known"), body="One more")
    assert not known(address(post, "known"), title="x" * 301)
    assert known("/admin/posts/post/known/")
    assert not known("/admin/posts/post/known/", sitting="other")


def test_lost_answer_to_a_first_save_makes_no_second_essay(staff, author):
    autosave(staff, title="T", body="One", sitting="tab")
    status, answer = autosave(staff, title="T", body="One two", sitting="tab")
    assert (status, Post.objects.count()) == (200, 1)
    assert Revision.objects.newest(answer["essay"]).body == "One two"
    staff.post(
        "/admin/posts/post/add/", _payload(author, title="T", body="One two three", sitting="tab")
    )
    assert Post.objects.count() == 1


def test_tab_saves_over_what_it_saved_while_writing(staff, author, write):
    post = write(published_at=None)
    given = form_of(staff, post) | {"title": "T", "body": "One"}
    autosave(staff, post, **given)
    status, answer = autosave(staff, post, **given | {"body": "One two"})
    assert (status, answer["sitting"]) == (409, given["sitting"])
    staff.post(address(post), _payload(author, **given | {"body": "One two", "act": "save"}))
    assert post.revisions.first().body == "One two"
