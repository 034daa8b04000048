"""Moderating in a real Chromium: by keys alone, by buttons without scripts, on a phone."""

import json

import pytest
from accessibility import violations
from django.contrib.auth import get_user_model
from trials import in_full, some_of

from blog.posts.models import Post
from blog.transfer.wordpress import import_wordpress
from comments.models import BlockRule, Comment, ThreadPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/comments/comment/"
# Campaigns and other comments that are held, and the presses they may cost: in full 500 comments.
CAMPAIGNS, PEOPLE, OTHERS, MOST_PRESSES = in_full((8, 60, 20, 120), (2, 30, 4, 18))


@pytest.fixture
def enter(browser, live_server, client):
    """Open a page of the admin, signed in as its administrator."""
    contexts = []

    def enter(path=LIST, **options):
        admin = get_user_model().objects.filter(username="root").first()
        admin = admin or get_user_model().objects.create_superuser("root", first_name="Ida")
        client.force_login(admin)
        context = browser.new_context(**{"reduced_motion": "reduce"} | options)
        contexts.append(context)
        value = client.cookies["postil_session"].value
        context.add_cookies([{"name": "postil_session", "value": value, "url": live_server.url}])
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(error.message))
        page.goto(live_server.url + path)
        return page

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture
def held(write, say):
    """Twelve comments of twelve people, waiting."""
    post = write()
    said = ["Rain", "Snow", "Hail", "Fog", "Wind", "Sun", "Frost", "Dew", "Ice", "Mist", "Heat"]
    return [
        say(post, f"{word} was on everybody’s mind.", name=word, status="pending", reasons=["near"])
        for word in [*said, "Calm"]
    ]


def waiting():
    return Comment.objects.pending().count()


def press(page, key):
    """Press a key that decides, and wait for the page that answers."""
    with page.expect_navigation():
        page.keyboard.press(key)


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_queue_is_cleared_by_keys_and_undone(enter, shared):
    import_wordpress(shared / "data" / "wxr" / "seed-essay.xml")
    said = Comment.objects.values_list("pk", flat=True)
    assert len(said) == 25
    Comment.objects.filter(pk__in=said[: in_full(25, 9)]).update(status="pending")
    ThreadPage.objects.all().delete()
    count = waiting()
    page = enter()
    presses = 0
    while waiting():
        press(page, "asd"[presses % 3])
        presses += 1
    assert "Nothing waits." in page.inner_text("#content")
    assert presses <= count
    post = Post.objects.get(slug="the-fallacy-of-social-media-reciprocation")
    assert post.comment_count == post.comments.written().approved().count() > 0
    page.wait_for_selector("[data-undo]")  # the script puts it back when the page is there
    press(page, "u")
    assert waiting() in (1, 2, 3), "the last decision, with what was folded under it"


def test_queue_is_cleared_by_buttons_without_scripts(enter, held):
    page = enter(java_script_enabled=False)
    Comment.objects.filter(pk__in=[comment.pk for comment in held[6:]]).delete()
    page.reload()
    for number in range(6):
        page.locator("[data-row]").first.get_by_role(
            "button", name=("Approve", "Spam", "Trash")[number % 3]
        ).click()
    assert waiting() == 0
    assert Comment.objects.approved().count() == 2
    page.get_by_role("button", name="Undo").click()
    assert waiting() == 1


@pytest.mark.long
def test_five_hundred_comments_take_120_presses(enter, write, say):
    posts = [write(f"Essay {n}") for n in range(8)]
    for campaign in range(CAMPAIGNS):
        words = f"Offer {campaign}: the best price you can get for this anywhere on the net."
        for number in range(PEOPLE):
            say(posts[number % 8], words, name=f"Seller {campaign} {number}", status="pending")
    for number in range(OTHERS):
        say(posts[number % 8], f"Thought {number} about it.", name=f"P {number}", status="pending")
    assert waiting() == PEOPLE * CAMPAIGNS + OTHERS
    page = enter()
    presses = 0
    while left := waiting():
        pitch = page.locator("[data-row]:focus").inner_text()
        press(page, "s" if "Offer" in pitch else "a")
        presses += 1
        assert waiting() < left
    assert presses <= MOST_PRESSES
    assert Comment.objects.filter(status="spam").count() == PEOPLE * CAMPAIGNS


def test_focus_moves_on_after_a_decision(enter, held):
    page = enter()
    newest = held[::-1]
    assert focused(page) == f"c{newest[0].pk}"
    for key, at in (("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        assert focused(page) == f"c{newest[at].pk}"
    press(page, "a")
    assert focused(page) == f"c{newest[2].pk}"
    row = page.locator(f"#c{newest[2].pk}")
    assert row.get_attribute("aria-describedby") == "outcome"
    assert page.inner_text("#outcome") == f"Approved: {newest[1].name}."


def test_keys_select_edit_and_reply(enter, held):
    page = enter()
    page.keyboard.press("x")
    assert page.locator("[data-row]:focus .action-select").is_checked()
    page.keyboard.press("r")
    page.keyboard.type("A reply, as I said.")
    assert waiting() == 12, "letters typed into a field are no keys"
    with page.expect_navigation():
        page.get_by_role("button", name="Approve and publish the reply").click()
    assert Comment.objects.get(body="A reply, as I said.").is_approved
    with page.expect_navigation():
        page.keyboard.press("e")
    assert page.url.endswith("/change/")


def test_the_keys_are_listed_and_can_be_switched_off(enter, held):
    page = enter()
    page.keyboard.press("?")
    assert "next, previous" in page.inner_text("#keys")
    page.locator("[data-keys-on]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert focused(page) == ""
    page.keyboard.press("?")
    page.locator("[data-keys-on]").check()
    page.keyboard.press("Escape")
    page.locator("#keys").wait_for(state="hidden")
    page.keyboard.press("j")
    assert focused(page).startswith("c")


@pytest.mark.long
@pytest.mark.parametrize(("part", "width", "scheme"), [(0, 1440, "light"), (1, 390, "dark")])
def test_axe_and_the_policy_find_nothing(enter, held, write, say, part, width, scheme):
    alike = say(held[0].post, "Rain was on everybody’s mind!", name="Eve", status="spam")
    say(
        held[0].post,
        "Rain is on everybody’s mind, see https://rain.example/ for the best of umbrellas.",
        name="Seller",
        email="s@rain.example",
        url="https://rain.example/",
        parent=say(write("Another"), "What is new?"),
        look_alike=alike,
        likeness=90,
        status="pending",
    )
    say(held[0].post, "", kind="pingback", source="https://a.example/", status="pending")
    held[1].mark_spam(why="No.")
    rule = BlockRule.objects.create(pattern="casino")
    page = enter(viewport={"width": width, "height": 900}, color_scheme=scheme)
    broken, complaints = [], []
    paths = (
        LIST,
        f"{LIST}?status=all",
        f"{LIST}?q=nothing-has-this",
        f"{LIST}?status=trash",
        f"{LIST}{held[1].pk}/change/",
        "/admin/comments/moderationevent/",
        "/admin/comments/blockrule/",
        f"/admin/comments/blockrule/{rule.pk}/change/",
        f"/admin/comments/blockrule/propose/?of={Comment.objects.latest('pk').pk - 1}",
    )
    for path in some_of(paths, 4, part):
        page.goto(page.url.partition("/admin/")[0] + path)
        page.locator("#content").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        complaints += page.complaints
        broken += violations(page, path)
        page.complaints.clear()  # axe brings styles of its own
    assert broken == [], json.dumps(broken, indent=1)
    assert complaints == []
