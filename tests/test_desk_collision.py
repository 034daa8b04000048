"""A save that meets a newer version: the page that shows both, and what each button keeps."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from blog.posts.desk.acts import Act
from blog.posts.desk.choosing import MOST_CHOICES
from blog.posts.desk.collision import collision_page, resolved
from blog.posts.desk.packing import pack
from blog.posts.models import NewerVersion, Post, Revision, Text

pytestmark = pytest.mark.django_db
KIND = Revision.Kind
BASE = "One goes first.\n\nTwo comes after it.\n\nThree is the last."
MINE = BASE.replace("first", "before")
THEIRS = BASE.replace("the last", "the third")


@pytest.fixture
def tomas(db):
    return get_user_model().objects.create_user(
        "tomas", first_name="Tomas", last_name="Reyl", is_staff=True
    )


@pytest.fixture
def draft(write):
    return write("Margins", body=BASE, published_at=None)


def text(body, **more):
    return Text.cleaned(**{"title": "Margins", "body": body, "slug": "margins"} | more)


def keep(post, kept, by, **more):
    kind = more.pop("kind", KIND.SAVED)
    return Revision.objects.keep(post, kept, by=by, kind=kind, **more)


def request_by(user, **given):
    request = RequestFactory().post("/", given)
    request.user = user
    return request


def shown(post, mine, newest, base=BASE, **given):
    """Return the page that Ines gets, as text."""
    fields = QueryDict(mutable=True)
    fields.update({"version": "", "act": "save", "sitting": "s"} | given)
    base = base if base is None or isinstance(base, Text) else text(base)
    page = collision_page(request_by(post.author), post, mine, newest, base, fields)
    assert page.status_code == 409
    return page.render().text


def radios(page):
    """Return for each choice its label, and whether it is checked."""
    found = re.findall(r"<label><span>(.*?)</span>\s*<input type=\"radio\"([^>]*)>", page)
    return [(html.unescape(label), " checked" in rest) for label, rest in found]


def labels(page):
    return [html.unescape(label) for label in re.findall(r'<p id="of-[^"]*">(.*?)</p>', page)]


def field(page, name):
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else None


# --- The page ---------------------------------------------------------------------------------


def test_page_says_who_was_first_and_when(draft, tomas):
    newest = keep(draft, text(THEIRS), tomas)
    at = timezone.localtime(newest.at).strftime("%H:%M")
    page = shown(draft, text(MINE), newest)
    assert f"Tomas Reyl saved this essay at {at}, while you were writing." in page
    for words in ("Not saved yet", "Nothing is lost", "Keep only mine", "Keep only Tomas’s"):
        assert words in page


def test_own_second_tab_is_named_as_such(draft):
    newest = keep(draft, text(THEIRS), draft.author)
    at = timezone.localtime(newest.at).strftime("%H:%M")
    page = shown(draft, text(MINE), newest)
    assert f"You saved this essay at {at} in another tab." in page
    assert "Keep only the other tab’s" in page
    assert labels(page) == ["Changed in this tab only", "Changed in the other tab only"]


def test_version_of_an_earlier_day_says_its_day(draft, tomas):
    newest = keep(draft, text(THEIRS), tomas)
    newest.at = timezone.now() - timedelta(days=2)
    day = timezone.localtime(newest.at).strftime("%A %H:%M")
    assert f"saved this essay on {day}, while" in shown(draft, text(MINE), newest)


def test_page_says_since_when_mine_is_written(draft, tomas):
    started = draft.revisions.get()
    at = timezone.localtime(started.at).strftime("%H:%M")
    newest = keep(draft, text(THEIRS), tomas)
    assert f"since {at}, not saved" in shown(draft, text(MINE), newest, version=started.token)
    for wrong in ("x", "9999.1", "9" * 30 + ".1", ""):
        assert "since" not in shown(draft, text(MINE), newest, version=wrong)


def test_defaults_lose_nothing(draft, tomas):
    mine = MINE.replace("after", "behind") + "\n\nMine alone, and new."
    theirs = THEIRS.replace("after", "below")
    page = shown(draft, text(mine), keep(draft, text(theirs), tomas))
    assert labels(page) == [
        "Only you changed this",
        "You both changed this",
        "Only Tomas changed this",
        "Only you wrote this",
    ]
    assert radios(page) == [
        ("Keep mine", True),
        ("Keep it as it was", False),
        ("Keep mine", False),
        ("Keep Tomas’s", False),
        ("Keep both, mine first", True),
        ("Keep it as it was", False),
        ("Take Tomas’s", True),
        ("Keep it", True),
        ("Leave it out", False),
    ]
    assert "Not in Tomas’s text." in page


def test_paragraph_that_one_took_out_and_other_changed_stays(draft, tomas):
    mine = "One goes first.\n\nThree is the last."
    theirs = BASE.replace("after", "behind")
    page = shown(draft, text(mine), keep(draft, text(theirs), tomas))
    assert labels(page) == ["You took this out, Tomas changed it"]
    assert radios(page) == [("Keep Tomas’s", True), ("Leave it out", False)]


def test_words_that_only_one_has_are_marked_in_both(draft, tomas):
    page = shown(draft, text(MINE), keep(draft, text(BASE), tomas), base=None)
    assert '">One goes <ins>before</ins>.</p>' in page
    page = shown(draft, text(MINE), keep(draft, text(THEIRS), tomas))
    assert '">One goes <ins>first</ins>.</p>' in page


def test_equal_paragraphs_are_folded_and_counted(draft, tomas):
    page = shown(draft, text(MINE), keep(draft, text(MINE + "\n\nFour."), tomas))
    assert "The title, the details and three paragraphs are the same in both." in page


def test_details_are_chosen_like_paragraphs(draft, tomas):
    base = text(BASE, tags=["Old"])
    newest = keep(draft, text(BASE, title="Theirs", standfirst="Theirs.", tags=["New"]), tomas)
    page = shown(draft, text(BASE, title="Mine", tags=["Old", "Tools"]), newest, base)
    assert labels(page) == [
        "You both changed this",
        "Only Tomas changed this",
        "Together: Tools, New",
    ]
    assert radios(page) == [
        ("Keep mine", True),
        ("Keep Tomas’s", False),
        ("Keep it as it was", False),
        ("Take Tomas’s", True),
    ]


def test_page_carries_all_that_was_typed(draft, tomas):
    newest = keep(draft, text(THEIRS), tomas)
    mine = text("\nMine & <b>\n\nend", standfirst='A "q".', tags=["A", "B"])
    page = shown(draft, mine, newest, comments_open="on", base="packed", author="7")
    given = {
        name: field(page, name)
        for name in "title standfirst tags slug version wanted sitting comments_open author".split()
    }
    assert given == {
        "title": "Margins", "standfirst": 'A "q".', "tags": "A, B", "slug": "margins",
        "version": newest.token, "wanted": "save", "sitting": "s", "comments_open": "on",
        "author": "7",
    }  # fmt: skip
    body = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)[1]
    assert html.unescape(body) == mine.body


def test_page_that_comes_again_remembers_what_was_wanted(draft, tomas):
    newest = keep(draft, text(THEIRS), tomas)
    page = shown(draft, text(MINE), newest, act="together", wanted="publish", **{"row-x": "mine"})
    assert (field(page, "wanted"), field(page, "row-x")) == ("publish", None)


def test_fields_of_a_long_page_are_bounded(draft, tomas):
    lines = [f"{at} and more words" for at in range(MOST_CHOICES * 2)]
    newest = keep(draft, text("\n\n".join(f"{line} b" for line in lines)), tomas)
    page = shown(draft, text("\n\n".join(f"{line} a" for line in lines)), newest, base=None)
    assert len(set(re.findall(r'name="(row-\w+)"', page))) == MOST_CHOICES


def test_hostile_words_are_escaped(draft, tomas):
    bad = "<script>x</script>"
    tomas.first_name = bad[:30]
    newest = keep(draft, text(bad, title=bad, tags=[bad]), tomas)
    assert "<script>x" not in shown(draft, text(f"{bad} {bad}", standfirst=bad), newest)


# --- What is pressed --------------------------------------------------------------------------


@pytest.fixture
def press(draft, tomas):
    """Press a button of the page, as Ines."""
    theirs = keep(draft, text(THEIRS), tomas)

    def press(act, mine=MINE, token=theirs.token, **choices):
        request = request_by(draft.author, **choices)
        return resolved(request, draft, act, text(mine), text(BASE), started_from=token)

    return press


def bodies(post):
    return [each.body for each in post.revisions.all()]


def test_together_keeps_both_texts_and_puts_them_together(draft, press):
    kept = press(Act.TOGETHER)
    both = MINE.replace("the last", "the third")
    assert bodies(draft) == [both, MINE, THEIRS, BASE]
    assert (kept.kind, kept.source.body, kept.by) == (KIND.TOGETHER, THEIRS, draft.author)


def test_choices_are_followed(draft, press):
    theirs = draft.revisions.first()
    page = shown(draft, text(MINE), theirs)
    first, last = dict.fromkeys(re.findall(r'name="(row-\w+)"', page))
    assert press(Act.TOGETHER, **{first: "theirs", last: "mine"}).body == BASE


def test_choice_for_words_that_changed_since_is_not_followed(draft, press, tomas):
    page = shown(draft, text(MINE), draft.revisions.first())
    _first, last = dict.fromkeys(re.findall(r'name="(row-\w+)"', page))
    newer = THEIRS.replace("the third", "the very end")
    keep(draft, text(newer), tomas)
    kept = press(Act.TOGETHER, **{last: "mine"})
    assert kept.body == MINE.replace("the last", "the very end")


def test_only_mine_becomes_the_newest(draft, press):
    press(Act.MINE)
    assert bodies(draft) == [MINE, THEIRS, BASE]


def test_only_theirs_keeps_mine_below(draft, press):
    kept = press(Act.THEIRS)
    assert bodies(draft) == [THEIRS, MINE, THEIRS, BASE]
    assert (kept.kind, kept.source.body) == (KIND.BROUGHT_BACK, THEIRS)


def test_only_mine_is_refused_where_theirs_changed_again(draft, press, tomas):
    keep(draft, text("Newer."), tomas)
    with pytest.raises(NewerVersion):
        press(Act.MINE)
    assert bodies(draft) == ["Newer.", THEIRS, BASE]


def test_only_theirs_takes_what_is_newest(draft, press, tomas):
    keep(draft, text("Newer."), tomas)
    assert press(Act.THEIRS).body == "Newer."
    assert MINE in bodies(draft)


def test_version_of_the_same_tab_is_not_written_over(draft):
    theirs = keep(draft, text(THEIRS), draft.author, kind=KIND.WRITING, sitting="s")
    request = request_by(draft.author, sitting="s")
    resolved(request, draft, Act.MINE, text(MINE), text(BASE), started_from=theirs.token)
    assert bodies(draft) == [MINE, THEIRS, BASE]


def test_without_what_both_came_from_both_stay(draft, tomas):
    keep(draft, text("Quite other words."), tomas)
    request = request_by(draft.author)
    kept = resolved(request, draft, Act.TOGETHER, text("Mine alone."), None, started_from="")
    assert kept.body == "Mine alone.\n\nQuite other words."


# --- Through the desk -------------------------------------------------------------------------


def fields_of(page):
    """Return what the page of a collision sends, without its button."""
    given = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    given |= dict(re.findall(r'name="(row-\w+)" value="(\w+)"\s+checked', page.text))
    given["body"] = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)[1]
    return {name: html.unescape(value) for name, value in given.items()}


@pytest.fixture
def collide(staff, tomas):
    """Save at the desk what was written from a version that Tomas has saved upon since."""

    def collide(post, mine=MINE, theirs=THEIRS, **more):
        started = post.revisions.first()
        keep(post, text(theirs), tomas)
        given = {"title": "Margins", "body": mine, "slug": "margins", "kind": "essay"}
        given |= {"comments_open": "on", "version": started.token, "base": pack(started.text)}
        given |= {"old_addresses-TOTAL_FORMS": 0, "old_addresses-INITIAL_FORMS": 0, "act": "save"}
        return staff.post(address(post), given | more)

    return collide


def address(post):
    return f"/admin/posts/post/{post.pk}/change/"


def test_save_that_meets_a_newer_version_saves_nothing(draft, collide):
    page = collide(draft)
    assert page.status_code == 409
    assert bodies(draft) == [THEIRS, BASE]
    assert Post.objects.get().body == BASE


@pytest.mark.parametrize(
    ("act", "body"),
    [("together", MINE.replace("the last", "the third")), ("mine", MINE), ("theirs", THEIRS)],
)
def test_each_button_leads_back_with_its_text(staff, draft, collide, act, body):
    sent = fields_of(collide(draft)) | {"act": act}
    page = staff.post(address(draft), sent)
    assert (page.status_code, page["Location"]) == (302, address(draft))
    assert draft.revisions.first().body == Post.objects.get().body == body
    assert {MINE, THEIRS} <= {*bodies(draft)}


def test_publishing_waits_until_it_is_asked_again(staff, draft, collide):
    sent = fields_of(collide(draft, act="publish")) | {"act": "together"}
    staff.post(address(draft), sent)
    assert Post.objects.get().status == Post.Status.DRAFT


def test_readers_keep_their_text_when_texts_are_put_together(staff, write, collide):
    post = write("Margins", body=BASE)
    dated = timezone.localtime(post.published_at)
    date = {"published_at_0": f"{dated:%Y-%m-%d}", "published_at_1": f"{dated:%H:%M:%S}"}
    sent = fields_of(collide(post, act="publish-changes", **date)) | {"act": "together"}
    staff.post(address(post), sent)
    assert Post.objects.get().body == BASE
    assert post.revisions.first().kind == KIND.TOGETHER


def test_page_comes_again_where_mine_would_pass_over_a_newer_one(staff, draft, collide, tomas):
    sent = fields_of(collide(draft)) | {"act": "mine"}
    keep(draft, text("Newer."), tomas)
    page = staff.post(address(draft), sent)
    assert page.status_code == 409
    assert fields_of(page)["version"] == draft.revisions.first().token
    staff.post(address(draft), fields_of(page) | {"act": "mine"})
    assert bodies(draft) == [MINE, "Newer.", THEIRS, BASE]


def test_form_without_what_it_started_from_keeps_both(staff, draft, collide):
    sent = fields_of(collide(draft, base="broken")) | {"act": "together"}
    staff.post(address(draft), sent)
    found = draft.revisions.first().body
    assert all(words in found for words in ("before", "first", "the last", "the third"))
