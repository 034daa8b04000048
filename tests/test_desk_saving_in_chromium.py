"""Words survive in a real Chromium whatever is taken away while somebody writes them."""

import contextlib
import os
import signal
import subprocess

import faults
import pytest
from conftest import ARGUMENTS, CHROMIUM
from desk_page import ready
from desk_site import (  # noqa: F401 - one is a fixture
    CSRF,
    SERVE,
    Writer,
    full,
    locked,
    site_on_disk,
    writer,
)
from playwright.sync_api import Error, expect

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def desk_site(tmp_path_factory):
    with site_on_disk(tmp_path_factory.mktemp("desk")) as site:
        yield site


def test_words_survive_a_killed_server(writer):  # noqa: F811
    writer.type("Saved before. ")
    writer.pass_time()
    writer.has_saved()
    writer.type("Typed while it is saved and killed. ")
    writer.pass_time()
    writer.site.kill()
    writer.type("Typed afterwards.")
    writer.pass_time()
    writer.says("Not saved since")
    writer.says("Your words are kept in this browser.")
    assert writer.kept_here() == [writer.text]
    writer.site.start(*SERVE)
    writer.page.get_by_role("button", name="Save now").click()
    writer.has_saved()
    assert writer.kept_here() == []


def test_words_typed_offline_are_saved_later(writer):  # noqa: F811
    writer.type("On line. ")
    with writer.offline():
        writer.type("Off line.")
        writer.pass_time()
        writer.says("You are offline. Go on writing: your words are kept in this browser")
    writer.has_saved()


def test_words_of_a_closed_tab_are_offered(writer):  # noqa: F811
    writer.type("Saved. ")
    writer.pass_time()
    writer.has_saved()
    with writer.offline():
        writer.type("Only here.")
        text = writer.text
        address = writer.page.url.removeprefix(writer.site.url)
        writer.page.close()
    writer.open(address)
    writer.says("This browser has newer words, from", "#notice")
    assert writer.text == "Saved. "
    writer.page.get_by_role("button", name="See them").click()
    assert writer.text == text
    writer.pass_time()
    writer.has_saved()
    writer.page.locator("#id_body").press("Control+z")
    assert writer.text == "Saved. "


def test_words_saved_behind_a_new_tab_are_shown(writer):  # noqa: F811
    """As where the last save of a closed tab comes after the next page was made."""
    writer.type("Saved. ")
    writer.pass_time()
    writer.has_saved()
    address = writer.page.url
    old = writer.context.request.get(address).text()
    writer.type("Saved late.")
    text, kept = writer.text, writer.page.evaluate("({ ...localStorage })")
    writer.pass_time()
    writer.keeps_nothing()
    writer.page.evaluate(
        "kept => { localStorage.clear(); Object.assign(localStorage, kept) }", kept
    )
    writer.context.route(
        address, lambda route: route.fulfill(body=old, content_type="text/html"), times=1
    )
    writer.reopen()
    expect(writer.page.locator("#id_body")).to_have_value(text)
    writer.keeps_nothing()


def test_words_are_taken_up_in_one_tab_only(writer):  # noqa: F811
    with writer.offline():
        writer.type("Words.")
        other, address = writer.context.new_page(), writer.page.url
        writer.page.close()
    writer.open()
    other.goto(address)
    offers = [page.locator("#notice", has_text="newer words") for page in (writer.page, other)]
    for offer in offers:
        expect(offer).to_be_visible()
    writer.page.get_by_role("button", name="See them").click()
    expect(offers[1]).to_be_hidden()
    writer.has_saved()


def test_words_outlive_their_deleted_essay(writer):  # noqa: F811
    writer.page.fill("#id_title", "Gone")
    writer.type("Before. ")
    writer.pass_time()
    writer.has_saved()
    writer.site.shell("from blog.posts.models import *\nPost.objects.get(title='Gone').delete()")
    writer.type("After.")
    text = writer.text
    writer.pass_time()
    writer.says("This essay was deleted. Save it, and your words become a new draft.")
    writer.page.get_by_role("button", name="Save draft").click()
    writer.page.get_by_text("Your words are kept as this new draft.").wait_for()
    assert (writer.text, writer.kept_by_site()) == (text, text)
    writer.keeps_nothing()


def test_words_wait_for_signing_in_again(writer):  # noqa: F811
    writer.end_sessions()
    writer.type("Nobody is signed in.")
    writer.pass_time()
    writer.says("You were signed out. Your words are kept in this browser. Sign in, and they are")
    writer.sign_in_elsewhere()
    writer.has_saved()


def test_lost_cookie_of_the_form_costs_nothing(writer):  # noqa: F811
    writer.forget(CSRF)
    writer.type("Without its token.")
    writer.pass_time()
    writer.has_saved()


def test_locked_database_costs_no_words(writer):  # noqa: F811
    with locked(writer.site):
        writer.type("Locked.")
        writer.pass_time()
        writer.says("Saving …", "#saved")
    writer.has_saved()


def test_full_disk_costs_no_words(writer):  # noqa: F811
    if why := faults.why_no_disk():
        pytest.skip(why)
    writer.type("Before. ")
    writer.pass_time()
    writer.has_saved()
    with full(writer.site.disk):
        writer.page.keyboard.insert_text("While it is full. " * 3000)
        writer.pass_time()
        writer.says("Not saved since")
        assert writer.kept_by_site() == "Before. "
        assert writer.kept_here() == [writer.text]
    writer.page.get_by_role("button", name="Save now").click()
    writer.has_saved()
    writer.keeps_nothing()


def test_lost_answer_makes_no_second_essay(writer):  # noqa: F811
    def lose(route):
        route.fetch()
        route.abort()

    before = writer.site.rows("SELECT count(*) FROM posts_post")
    writer.page.route("**/autosave/", lose, times=2)
    writer.type("One. ")
    writer.pass_time()
    writer.says("Not saved since")
    writer.type("Two. ")
    writer.page.get_by_role("button", name="Save now").click()
    writer.type("Three.")
    writer.pass_time(9)
    writer.has_saved()
    assert writer.site.rows("SELECT count(*) FROM posts_post") == [(before[0][0] + 1,)]


def test_words_are_not_offered_to_another_account(writer):  # noqa: F811
    with writer.offline():
        writer.type("Only mine.")
    writer.sign_in("tomas")
    writer.open()
    writer.offers_are_made()
    assert writer.page.locator("#notice").is_hidden()
    writer.sign_in()
    writer.open()
    writer.says("This browser has newer words", "#notice")


def test_words_put_together_are_not_offered_again(writer):  # noqa: F811
    writer.type("Mine. ")
    writer.pass_time()
    writer.has_saved()
    writer.site.shell(
        "from blog.posts.models import *\n"
        "last = Revision.objects.order_by('-pk').first()\n"
        "text = last.text._replace(standfirst='Theirs.')\n"
        "Revision.objects.keep(last.post, text, by=None, kind='saved')"
    )
    writer.type("And more.")
    writer.pass_time()
    writer.says("saved this essay at")
    writer.page.get_by_role("button", name="See both").click()
    writer.page.get_by_role("button", name="Save them together").click()
    ready(writer.page)
    assert writer.text == "Mine. And more."
    assert writer.page.input_value("#id_standfirst") == "Theirs."
    writer.keeps_nothing()
    assert writer.page.locator("#notice").is_hidden()


def test_full_storage_asks_before_leaving(writer):  # noqa: F811
    writer.page.evaluate(
        "void (Storage.prototype.setItem = IDBObjectStore.prototype.put ="
        " () => { throw new Error('full') })"
    )
    with writer.offline():
        writer.type("Kept nowhere.")
        writer.says("This browser keeps no words.")
        with writer.page.expect_event("dialog") as asked:
            writer.page.close(run_before_unload=True)
        assert asked.value.type == "beforeunload"
        asked.value.dismiss()
    writer.page.evaluate("window.dispatchEvent(new Event('online'))")
    writer.has_saved()


def test_words_outlive_a_clock_set_back(writer):  # noqa: F811
    """And a full storage: the older words in it must not hide the newer ones on the disk."""
    with writer.offline():
        writer.page.evaluate("void (Date.late = Date.now, Date.now = () => Date.late() + 3600e3)")
        writer.type("Older. ")
        full = "Storage.prototype.setItem = () => { throw new Error('full') }"
        writer.page.evaluate(f"void (Date.now = Date.late, {full})")
        writer.type("Newer.")
        text = writer.text
        while not writer.page.evaluate(ON_DISK, text):
            pass
        writer.page.close()
    writer.open()
    writer.page.get_by_role("button", name="See them").click()
    assert writer.text == text


def test_words_survive_a_killed_browser(browser, desk_site, tmp_path):
    """As with a battery that runs out: what is on the disk by then is all there is."""
    person = Writer(started(browser, tmp_path), desk_site)
    with contextlib.suppress(Error), person.offline():
        person.type("One second old.")
        while not person.page.evaluate(ON_DISK, person.text):
            pass
        kill(tmp_path)
    person = Writer(started(browser, tmp_path), desk_site)
    person.says("This browser has newer words", "#notice")
    person.page.get_by_role("button", name="See them").click()
    assert person.text == "One second old."
    person.context.close()


ON_DISK = """body => new Promise(resolve => {
  indexedDB.open("desk", 1).onsuccess = ({ target }) => {
    const asked = target.result.transaction("entries").objectStore("entries").getAll();
    asked.onsuccess = () => resolve(asked.result.some(one => JSON.parse(one).fields.body === body));
  };
})"""


def started(browser, folder):
    """Start another Chromium, that keeps what it keeps in this folder."""
    options = {"executable_path": CHROMIUM, "args": ARGUMENTS, "reduced_motion": "reduce"}
    return browser.browser_type.launch_persistent_context(folder, **options)


def kill(folder):
    """End every process of the Chromium that keeps its things in this folder, at once."""
    listed = subprocess.run(["ps", "-axwwo", "pid=,args="], capture_output=True, text=True)
    for line in listed.stdout.splitlines():
        number, _space, command = line.strip().partition(" ")
        if f"--user-data-dir={folder}" in command:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)
