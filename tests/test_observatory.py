"""Mozilla's HTTP Observatory and Google's CSP Evaluator, by their own rules, at their best marks.

The rules and points are those of Observatory's scoring (developer.mozilla.org, "Tests & scoring",
read in November 2026): 100 points to begin with, A+ from 100 on.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

SITE = "https://blog.example.org"
PATHS = ["/", "/search/?q=x", "/feed.xml", "/nowhere/", "/admin/login/"]
SIX_MONTHS = 15_768_000

pytestmark = pytest.mark.django_db


@pytest.fixture
def secure(settings):
    """The settings that an https SITE_URL brings; see blog/settings.py."""
    settings.SITE_URL = SITE
    settings.ALLOWED_HOSTS = ["blog.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.STATIC_URL = "/static/"
    return settings


def get(path, **more):
    return Client().get(path, headers={"host": "blog.example.org"}, secure=True, **more)


def directives(policy):
    parts = [part.split() for part in policy.split(";") if part.strip()]
    return {name: values for name, *values in parts}


def points_of_policy(response):
    policy = directives(response["Content-Security-Policy"])
    script = policy.get("script-src", policy.get("default-src", ["*"]))
    style = policy.get("style-src", policy.get("default-src", ["*"]))
    wide = {"*", "http:", "https:", "data:", "'unsafe-inline'"}
    if wide & set(script) or wide & set(policy.get("object-src", policy["default-src"])):
        return -20
    if "'unsafe-eval'" in script:
        return -10
    if "'unsafe-inline'" in style:
        return 0
    return 10 if policy["default-src"] == ["'none'"] else 5


def points_of_transport(response):
    age = re.search(r"max-age=(\d+)", response.get("Strict-Transport-Security", ""))
    if not age:
        return -20
    return 0 if int(age[1]) >= SIX_MONTHS else -10


def points_of_cookies(response):
    cookies = response.cookies.values()
    if not all(cookie["secure"] for cookie in cookies):
        return -20
    if not all(cookie["httponly"] for cookie in cookies):
        return -10
    return 5 if all(cookie["samesite"] in ("Lax", "Strict") for cookie in cookies) else 0


def points_of_framing(response):
    if "frame-ancestors" in directives(response["Content-Security-Policy"]):
        return 5
    return 0 if response.get("X-Frame-Options") in ("DENY", "SAMEORIGIN") else -20


def points_of_sniffing(response):
    return 0 if response.get("X-Content-Type-Options") == "nosniff" else -5


def points_of_referrer(response):
    good = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    return 5 if response.get("Referrer-Policy") in good else 0


def points_of_sharing(response):
    return 0 if "Access-Control-Allow-Origin" not in response else -50


def points_of_scripts(response):
    """Scripts from elsewhere need an integrity; ours come from here."""
    sources = re.findall(r"<script[^>]+src=\"([^\"]+)\"", response.text)
    return 0 if all(re.match(r"/(?!/)", source) for source in sources) else -50


RULES = [rule for name, rule in globals().items() if name.startswith("points_of_")]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_an_a_plus(secure, path):
    points = {rule.__name__: rule(get(path)) for rule in RULES}
    assert min(points.values()) >= 0, points
    assert 100 + sum(points.values()) >= 115


def test_http_leads_to_https_on_the_same_host(secure):
    response = Client().get("/", headers={"host": "blog.example.org"})
    assert response.status_code == 301
    assert response["Location"] == f"{SITE}/"


def test_session_cookie_is_for_this_site_only(secure):
    get_user_model().objects.create_superuser("owner", "", "a margin, wide enough")
    form = {"username": "owner", "password": "a margin, wide enough"}
    response = Client().post(
        "/admin/login/", form, headers={"host": "blog.example.org"}, secure=True
    )
    assert response.cookies
    assert points_of_cookies(response) == 5


# --- CSP Evaluator ----------------------------------------------------------------------------


def findings(policy):
    """Return what CSP Evaluator finds, by its checks (github.com/google/csp-evaluator)."""
    found = []
    given = directives(policy)
    script = given.get("script-src", given.get("default-src"))
    if script is None:
        found.append("missing script-src")
    for value in script or []:
        if not value.startswith(("'sha256-", "'nonce-", "'none'", "'strict-dynamic'")):
            found.append(f"script-src {value}")
        if value.startswith("http://"):
            found.append(f"plain http: {value}")
        if re.match(r"https?://[\d.]+(?::|/|$)", value):
            found.append(f"an address: {value}")
        if "'nonce-" in value and len(value) < 16:
            found.append("short nonce")
    if given.get("object-src", given.get("default-src")) != ["'none'"]:
        found.append("missing object-src")
    if given.get("base-uri") not in (["'none'"], ["'self'"]) and script != ["'none'"]:
        found.append("missing base-uri")
    found += [name for name in given if name in ("report-uri", "reflected-xss", "referrer")]
    return found


@pytest.mark.parametrize("path", [path for path in PATHS if "admin" not in path])
def test_the_policy_for_readers_has_no_findings(secure, path):
    assert findings(get(path)["Content-Security-Policy"]) == []


def test_admin_policy_allows_only_its_own_files(secure):
    """Django's admin has a dozen scripts; nothing that is uploaded is served as one."""
    assert findings(get("/admin/login/")["Content-Security-Policy"]) == ["script-src 'self'"]


def test_nor_by_the_evaluator_itself(secure):
    """By the npm package csp_evaluator: in the folder CSP_EVALUATOR, or from install_peers."""
    folder = os.environ.get("CSP_EVALUATOR", Path.home() / ".cache/postil-peers")
    package = Path(folder, "node_modules", "csp_evaluator")
    if not (package.exists() and shutil.which("node")):
        pytest.skip("csp_evaluator is not installed")
    dist = (package / "dist").as_uri()
    code = (
        f"import {{CspParser}} from '{dist}/parser.js';"
        f"import {{CspEvaluator}} from '{dist}/evaluator.js';"
        "const found = new CspEvaluator(new CspParser(process.argv[1]).csp).evaluate();"
        "console.log(JSON.stringify(found));"
    )
    policy = get("/")["Content-Security-Policy"]
    run = subprocess.run(
        ["node", "--input-type=module", "-e", code, policy], capture_output=True, text=True
    )
    assert json.loads(run.stdout) == [], run.stderr
