"""A blog is sent in parts, read and brought here in a real Chromium, which keeps up by itself."""

import pytest
from django.test import Client
from moving import PAGE, stand_in, work
from playwright.sync_api import expect
from wordpress_exports import COMMENT, export_xml, item_xml

from blog.posts.models import Post
from blog.transfer.moving.models import Parcel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# More than one part, of which the first have 16 units of 16 KiB.
LARGE = export_xml(item_xml(COMMENT, content=f"<p>{'Some words. ' * 30_000}</p>"))


def test_blog_is_sent_read_and_brought(
    browser, live_server, admin_user, settings, tmp_path, monkeypatch
):
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    stand_in(monkeypatch)
    client = Client()
    client.force_login(admin_user)
    value = client.cookies["postil_session"].value
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    context.add_cookies([{"name": "postil_session", "value": value, "url": live_server.url}])
    page, sent = context.new_page(), []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(live_server.url + PAGE)
    blog = {"name": "blog.xml", "mimeType": "text/xml", "buffer": LARGE.encode()}
    page.set_input_files("#id_blog", blog)
    page.click("text=Send it and read it")
    state = page.locator(".state")
    expect(state).to_contain_text("It waits for its turn to be read.")
    assert len([url for url in sent if "/upload/" in url]) > 1
    assert Parcel.objects.get().bytes == len(LARGE.encode())
    work()
    expect(state).to_contain_text("Nothing has changed yet.")
    page.click("text=Bring it here")
    expect(state).to_contain_text("It waits for its turn to be brought here.")
    work()
    expect(state).to_contain_text("It is here.")
    row = page.locator("#move tbody tr", has_text="Essays")
    expect(row.locator("td")).to_have_text(["1", "1"])
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert Post.objects.get().comments.count() == 1
    assert {url.split("/")[2] for url in sent} == {live_server.url.split("/")[2]}
    context.close()
