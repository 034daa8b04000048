"""Versions of an essay: each save keeps one, saves while writing fold, none is overwritten."""

import pytest

from blog.posts.models import NewerVersion, Post, Revision, Tag, Text

pytestmark = pytest.mark.django_db
KIND = Revision.Kind


@pytest.fixture
def draft(write):
    return write("Margins", body="One.", published_at=None)


def keep(post, body, kind=KIND.WRITING, *, sitting="a", title="Margins", **more):
    text = Text.cleaned(title=title, body=body, slug=post.slug)
    return Revision.objects.keep(post, text, by=post.author, kind=kind, sitting=sitting, **more)


def test_first_save_keeps_a_version(draft):
    assert [each.body for each in draft.revisions.all()] == ["One."]


def test_each_save_that_changes_the_text_keeps_one(draft):
    draft.body = "Two."
    draft.save()
    draft.save()
    assert [each.body for each in draft.revisions.all()] == ["Two.", "One."]


def test_saves_of_one_tab_fold(draft):
    for body in ("Two", "Two a", "Two a b."):
        keep(draft, body)
    newest = draft.revisions.first()
    assert (draft.revisions.count(), newest.body, newest.saves) == (2, "Two a b.", 3)


def test_saves_of_another_tab_do_not_fold(draft):
    keep(draft, "Two.")
    keep(draft, "Three.", sitting="b")
    assert draft.revisions.count() == 3


@pytest.mark.parametrize("kind", [KIND.SAVED, KIND.PUBLISHED])
def test_what_was_saved_on_purpose_is_never_folded(draft, kind):
    keep(draft, "Two.", kind)
    keep(draft, "Three.")
    assert [each.body for each in draft.revisions.all()] == ["Three.", "Two.", "One."]


def test_save_on_purpose_ends_the_folding(draft):
    keep(draft, "Two.")
    keep(draft, "Two.", KIND.SAVED)
    keep(draft, "Three.")
    assert [each.body for each in draft.revisions.all()] == ["Three.", "Two.", "One."]


def test_unchanged_text_keeps_no_version(draft):
    keep(draft, "One.", KIND.SAVED)
    assert draft.revisions.count() == 1


def test_newer_version_is_not_overwritten(draft):
    started = draft.revisions.first().token
    keep(draft, "Theirs.", sitting="b", started_from=started)
    with pytest.raises(NewerVersion) as refused:
        keep(draft, "Mine.", sitting="a", started_from=started)
    assert refused.value.revision.body == "Theirs."
    assert draft.revisions.first().body == "Theirs."


def test_newer_version_of_the_same_tab_counts_too(draft):
    started = keep(draft, "Two.").token
    keep(draft, "Three.", started_from=started)
    with pytest.raises(NewerVersion):
        keep(draft, "Late.", started_from=started)


def test_same_words_are_no_collision(draft):
    started = draft.revisions.first().token
    keep(draft, "Both.", sitting="b", started_from=started)
    assert keep(draft, "Both.", sitting="a", started_from=started).body == "Both."


def test_versions_change_nothing_for_readers(draft):
    keep(draft, "Two.")
    assert Post.objects.get().body == "One."


def test_taking_a_version_brings_text_tags_and_address(draft):
    text = Text.cleaned("Holes, then lines", "What for.", "Two.", ["Tools", "tools", "Margins"])
    draft.take(Revision.objects.keep(draft, text, by=draft.author, kind=KIND.SAVED))
    post = Post.objects.get()
    assert (post.title, post.standfirst, post.body) == text[:3]
    assert post.slug == "holes-then-lines"
    assert [tag.name for tag in post.tags.order_by("name")] == ["Margins", "Tools"]
    assert post.revisions.count() == 2


def test_address_that_is_taken_gets_a_number(draft, write):
    other = write("Another", published_at=None)
    text = Text.cleaned("Margins", "", "Two.")
    other.take(Revision.objects.keep(other, text, by=other.author, kind=KIND.SAVED))
    assert other.slug == "margins-2"


@pytest.mark.parametrize(
    ("name", "slug"), [("C++", "c-2"), ("c", "c"), ("ёлка", "ёлка"), ("!", "exclamation-mark")]
)
def test_tags_are_found_by_name(name, slug):
    Tag.objects.create(name="C", slug="c")
    Tag.objects.create(name="Ёлка", slug="ёлка")
    assert Tag.objects.named([name])[0].slug == slug


def test_tags_given_by_a_command_are_no_change(write):
    post = write("Margins")
    post.tags.add(Tag.objects.create(name="Tools", slug="tools"))
    newest = Revision.objects.newest(post)
    assert newest.tags == ["Tools"]
    assert not post.differs_from(newest)
