"""The whole way in a real Chromium: to a real provider, back, out there too, and without it."""

import pytest
from django.contrib.auth import get_user_model
from oidc_provider import RealProvider

from blog.accounts.oidc.provider import provider

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.django_db(transaction=True),
]

ADDRESS, PASSWORD = "lou@example.org", "a margin, wide enough"


@pytest.fixture
def there(settings, live_server):
    running = RealProvider()
    settings.SITE_URL = live_server.url
    settings.OIDC_ISSUER, settings.OIDC_NAME = running.url, "Example Org"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "margin", "a secret"
    provider.forget()
    running.person("lou", email=ADDRESS, email_verified=True)
    yield running
    running.stop()
    provider.forget()


def test_whole_way_in_and_out(there, page, live_server):
    get_user_model().objects.create_superuser("lou", ADDRESS, PASSWORD)
    page.goto(f"{live_server.url}/admin/posts/tag/")
    page.click("text=Sign in at Example Org")
    assert page.url.startswith(f"{there.url}/oauth2/authorize")
    page.fill("input[name=sub]", "lou")
    page.click("button >> text=Authorize")
    assert page.url == f"{live_server.url}/admin/posts/tag/"
    assert page.locator("#user-tools").is_visible()
    assert not [each for each in page.context.cookies() if each["name"].endswith("oidc")]

    page.click("#logout-form button")
    page.wait_for_url(f"{there.url}/oauth2/end_session?**")
    page.click("button >> nth=0")
    page.wait_for_url(f"{live_server.url}/admin/login/")

    there.process.terminate()
    there.process.wait(10)
    provider.forget()
    page.click("text=Sign in at Example Org")
    assert "Example Org cannot be asked now" in page.inner_text("[role=alert]")
    page.fill("#id_username", "lou")
    page.fill("#id_password", PASSWORD)
    page.click("text=Log in")
    assert page.url == f"{live_server.url}/admin/"
