"""Pictures that are pasted, dropped and chosen, in a real Chromium: none is lost on its way.

`make test-long` does it on a desktop's and a phone's screen, with the server killed in the middle.
"""

import base64
import contextlib
import io
import re
import signal
import time

import prepared
import pytest
from desk_page import BODY, choose, chosen, put, sit, text  # noqa: F401 - a fixture
from desk_site import SERVE, SESSION, SIGN_IN, Writer
from PIL import Image as Pixels
from playwright.sync_api import Error, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Gives the field files as somebody's paste or drop would.
GIVE = """([kind, files]) => {
  const given = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
    given.items.add(new File([bytes], name, { type: "image/png" }));
  }
  const how = { bubbles: true, cancelable: true, clipboardData: given, dataTransfer: given };
  const event = kind === "paste" ? new ClipboardEvent(kind, how) : new DragEvent(kind, how);
  document.querySelector("#id_body").dispatchEvent(event);
}"""
LINE = re.compile(r"!\[([^\]]*)\]\((/media/[^)]+)\)")


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def photo(width, height=600):
    """A picture of several parts, known by its width."""
    out = io.BytesIO()
    Pixels.effect_noise((width, height), 90).save(out, "PNG", compress_level=1)
    return out.getvalue()


def give(page, kind, *pictures):
    """Paste or drop these files into the text."""
    files = [[name, base64.b64encode(content).decode()] for name, content in pictures]
    page.evaluate(GIVE, [kind, files])


def pick(page, *pictures):
    """Press Picture, then choose these files in the browser's own window."""
    with page.expect_file_chooser() as chooser:
        page.click("[data-mark=picture]")
    chooser.value.set_files(
        [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in pictures]
    )


def widths(markdown):
    return [int(re.search(r"-(\d+)x", address)[1]) for _alt, address in LINE.findall(markdown)]


def test_pictures_keep_their_order_over_a_bad_line(sit):  # noqa: F811
    page, failing = sit(viewport={"width": 390, "height": 844}), []

    def answer(route):
        # The second part of each picture is lost twice, so that it is said.
        if "at=262144" in route.request.url and len(failing) < 2:
            failing.append(route.request.url)
            return route.abort()
        return route.continue_()

    page.route("**/upload/**", answer)
    put(page, "Above.\n\nBelow.", 6)
    give(page, "paste", ("one.png", photo(701)))
    expect(page.locator("#upload")).to_have_text(re.compile(r"one\.png, \d+% sent\. Stop"))
    give(page, "drop", ("two.png", photo(702, 30)), ("three.png", photo(703, 30)))
    said = page.locator("#trouble", has_text="one.png did not arrive. Try again Take it out")
    said.get_by_role("button", name="Try again").click()
    expect(page.locator(BODY)).to_have_value(re.compile("-703x"))
    assert widths(text(page)) == [701, 702, 703]
    assert re.fullmatch(r"Above\.(\n\n!\[]\(\S+\)){3}\n\nBelow\.", text(page))
    assert chosen(page) == ""
    page.keyboard.type("A leaf")
    assert text(page).startswith("Above.\n\n![A leaf](/media/")
    assert page.locator("#trouble, #upload").evaluate_all("all => all.every(one => one.hidden)")


def test_somebody_who_goes_on_writing_keeps_the_cursor(sit):  # noqa: F811
    page, held = sit(), []

    def hold(route):
        is_first = "name=leaf" in route.request.url and not held
        return held.append(route) if is_first or "at=" in route.request.url else route.continue_()

    page.route("**/upload/**", hold)
    put(page, "Above.\n\nBelow.", 6)
    pick(page, ("leaf.png", photo(704, 30)), ("gull.png", photo(705)))
    choose(page, 0)
    page.keyboard.type("Far ")
    choose(page, 8)
    page.keyboard.type("!")
    held[0].continue_()
    page.keyboard.type("?")
    expect(page.locator(BODY)).to_have_value(re.compile("-704x"))
    page.keyboard.type("!")
    page.locator("#upload", has_text="gull.png, ").get_by_text("Stop").click()
    expect(page.locator("#upload")).to_be_hidden()
    assert re.fullmatch(r"Far Abov!\?!e\.\n\n!\[]\(/media/\S+\)\n\nBelow\.", text(page))
    assert widths(text(page)) == [704]


def test_without_scripts_lines_are_shown_after_saving(browser, live_server, client, admin_user):
    client.force_login(admin_user)
    context = browser.new_context(java_script_enabled=False)
    session = client.cookies["postil_session"].value
    context.add_cookies([{"name": "postil_session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/posts/post/add/")
    page.fill("#id_title", "Ruled before written")
    page.fill(BODY, "My words.")
    files = [("one.png", photo(711, 9)), ("two.png", photo(712, 9)), ("leaf.heic", b"x")]
    page.set_input_files(
        "#id_pictures",
        [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in files],
    )
    page.click("#bar [value=save]")
    shown = page.locator(".messagelist").first.text_content()
    assert widths(shown) == [711, 712]
    assert "eaf.heic was not added: choose a JPEG, PNG, WebP or GIF." in shown
    assert page.input_value(BODY) == "My words."
    context.close()


SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@pytest.fixture(params=SIZES)
def screen(request):
    width, height = SIZES[request.param]
    return {"viewport": {"width": width, "height": height}, "reduced_motion": "reduce"}


@pytest.fixture
def site(tmp_path):
    site = prepared.started(tmp_path)
    site.start(*SERVE)
    yield site
    site.stop(signal.SIGTERM)


@pytest.mark.server
@pytest.mark.long("the server is killed and started again, twice")
def test_seven_pictures_outlive_a_killed_server(browser, site, screen):
    """One pasted, one dropped, five chosen at once: one press for each, and two for the five."""
    writer = Writer(browser.new_context(**screen), site)
    page = writer.page
    page.route("**/upload/**", lambda route: route.continue_())
    writer.type("Above.")
    give(page, "paste", ("pasted.png", photo(1998, 1500)))
    give(page, "drop", ("dropped.png", photo(1999, 1500)))
    pick(page, *((f"{number}.png", photo(2000 + number, 1500)) for number in range(5)))
    page.locator("#upload", has_text="pasted.png, ").wait_for()
    site.kill()
    page.locator("#trouble", has_text="did not arrive").wait_for()
    site.start(*SERVE)
    page.locator("#upload", has_text="3.png, ").wait_for(timeout=60_000)
    site.kill()
    site.start(*SERVE)
    expect(page.locator(BODY)).to_have_value(re.compile("-2004x"), timeout=60_000)
    assert widths(writer.text) == [1998, 1999, 2000, 2001, 2002, 2003, 2004]
    writer.pass_time()
    writer.has_saved()
    assert not [*(site.data / "media" / "parts").glob("*/*")]
    writer.context.close()


@pytest.mark.server
@pytest.mark.long("the server is killed and started again")
def test_five_pictures_without_scripts(browser, site, screen):
    """The server is gone when they are sent; what was saved is there, and they are chosen again."""
    context = browser.new_context(java_script_enabled=False, **screen)
    key = site.shell(f"name = 'admin'\n{SIGN_IN}")
    context.add_cookies([{"name": SESSION, "value": key, "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/admin/posts/post/add/")
    page.fill("#id_title", "Ruled before written")
    page.fill(BODY, "My words.")
    page.click("#bar [value=save]")
    page.wait_for_url("**/change/")
    address = page.url
    names = [
        {"name": f"{number}.png", "mimeType": "image/png", "buffer": photo(2000 + number, 600)}
        for number in range(5)
    ]
    page.set_input_files("#id_pictures", names)
    site.kill()
    with contextlib.suppress(Error):  # there is nobody to answer
        page.click("#bar [value=save]")
    site.start(*SERVE)
    page.goto(address)
    assert page.input_value(BODY) == "My words."
    page.set_input_files("#id_pictures", names)
    page.click("#bar [value=save]")
    lines = page.locator(".messagelist .lines").inner_text()
    assert widths(lines) == [2000, 2001, 2002, 2003, 2004]
    page.fill(BODY, f"My words.\n\n{lines}")
    page.click("#bar [value=save]")
    page.locator(BODY, has_text="-2004x").wait_for()
    assert page.input_value(BODY) == f"My words.\n\n{lines}"
    context.close()


@pytest.mark.long("on a line of 40 kB a second")
def test_slow_upload_takes_short_requests(sit):  # noqa: F811
    page, began, took = sit(viewport={"width": 390, "height": 844}), {}, []
    page.on("request", lambda request: began.setdefault(request, time.monotonic()))
    ended = lambda request: took.append(time.monotonic() - began[request])  # noqa: E731
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)
    speed = {"offline": False, "latency": 100, "downloadThroughput": -1, "uploadThroughput": 40_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", speed)
    pick(page, ("leaf.png", photo(900, 400)))
    expect(page.locator(BODY)).to_have_value(re.compile("-900x"), timeout=60_000)
    print([round(seconds, 1) for seconds in took])
    assert max(took) < 5.5
    assert len(took) < 15
