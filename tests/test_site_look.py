"""The site's look, icon, language and comments are set in the admin, and no stylesheet harms it."""

import re
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from blog.pages.invalidation import site_changed
from blog.site import looks, own_css
from blog.site.models import SiteVersion
from blog.site.reading import site
from blog.web.stylesheet import source_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/site/siteversion/"
ASKING = [
    '@import "https://elsewhere.example/a.css";',
    '@\\69mport "a.css";',
    "a { @import url(a.css); }",
    "@media print { @font-face { src: url(/media/a.woff) } }",
    "a { background: url(https://elsewhere.example/) }",
    'a { background: u\\72l("//elsewhere.example") }',
    "a { --later: URL( 'https://elsewhere.example' ) }",
    'a { background: image-set("https://elsewhere.example/a.png" 1x) }',
    "a { background: url(/\\5c elsewhere.example) }",
    "a { width: expression(alert(1)) }",
    "a { beh\\61vior: x }",
    "a { color: red } </style><script>alert(1)</script>",
    "<!-- a { color: red } -->",
    "a { background: url(not closed",
    "a { color: red }" * 2000,
    "x" * 1_000_000,
    "{" * 9000 + "@import 'a.css'",
]


@pytest.fixture
def save(admin_client):
    def send(to=PAGE, **given):
        newest = SiteVersion.objects.first()
        given = {"started_from": newest.pk if newest else 0} | given
        answer = admin_client.post(to, given)
        site_changed()  # what a commit does, of which a test has none
        return answer

    return send


def is_taken(css):
    try:
        return own_css.checked(css) == css
    except ValidationError:
        return False


def picture(width, height, form="PNG"):
    file = BytesIO()
    Image.new("RGB", (width, height), "#a8231c").save(file, form)
    file.seek(0)
    file.name = "picture"
    return file


def test_every_palette_keeps_the_contrast_of_reading():
    palettes = [p for each in looks.COLOURS.values() for p in (each.by_day, each.by_night)]
    for palette in palettes:
        for (one, other), least in looks.CONTRASTS.items():
            assert looks.contrast(palette[one], palette[other]) >= least, (one, other, palette)


def test_colours_typeface_and_stylesheet_follow_the_sites_own(client, save):
    save(colours="moss", typeface="sans", css="h1 { color: red }")
    answer = client.get("/")
    css = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)[1]
    assert css.endswith("}\nh1 { color: red }")
    assert "--paper:light-dark(#fbfcf8,#161a14)" in css
    assert "--serif:system-ui" in css
    assert source_of(css) in answer.headers["Content-Security-Policy"]


def test_stylesheet_that_asks_or_runs_anything_is_refused():
    assert [css[:60] for css in ASKING if is_taken(css)] == []
    for css in ("", "html { display: none }", "@media (width < 40em) { a { b: url(/media/a) } }"):
        assert is_taken(css)


def test_refused_stylesheet_is_kept_in_the_form(save):
    page = save(css="a {}\r\n@import 'x';").text
    assert "Line 2: @import is not taken" in page
    assert "@import &#x27;x&#x27;;</textarea>" in page
    assert not SiteVersion.objects.exists()


def test_look_is_tried_on_a_page_and_not_saved(client, save, write):
    post = write()
    before = client.get("/").text
    for path in ("/", post.get_absolute_url(), "/archive/"):
        answer = save(f"{PAGE}try/", css="html { display: none }", title="Tried", on=path)
        assert "html { display: none }</style>" in answer.text
        assert ">Tried</a>" in answer.text
        css = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)[1]
        assert source_of(css) in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Nothing was saved" in save(f"{PAGE}try/", css="@import 'x'", on="/").text
    assert not SiteVersion.objects.exists()
    assert client.get("/").text == before


def test_stylesheet_that_hides_the_site_is_taken_back_in_the_admin(client, admin_client, save):
    save(title="Seen")
    save(title="Seen", css="html { display: none }")
    assert "display: none" not in admin_client.get(PAGE).text.partition("<form")[0]
    save(back=SiteVersion.objects.last().pk)
    assert "display: none" not in client.get("/").text


def test_icon_is_made_in_each_size_from_any_picture(client, save, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    save(icon_file=picture(300, 200), picture_file=picture(900, 900, "JPEG"))
    page = client.get("/").text
    icon = re.search(r'rel="icon" href="([^"]+-32x32\.png)"', page)[1]
    assert client.get("/favicon.ico").headers["Location"] == icon
    assert client.get(icon).headers["Content-Type"] == "image/png"
    touch = re.search(r'rel="apple-touch-icon" href="([^"]+-180x180\.png)"', page)[1]
    assert client.get(touch).status_code == 200
    made = client.get("/site.webmanifest").json()
    assert [each["sizes"] for each in made["icons"]] == ["192x192", "512x512"]
    assert re.search(r'og:image" content="[^"]+/media/\w+-1200x630.jpg', page)
    save(icon_out="on", picture_out="on")
    assert "favicon" in client.get("/").text
    assert client.get("/site.webmanifest").status_code == 404
    assert "favicon" in client.get("/favicon.ico").headers["Location"]


def test_file_that_is_no_picture_is_refused_in_words(save):
    assert "This image cannot be read here." in save(icon_file=BytesIO(b"<svg/>")).text
    assert not SiteVersion.objects.exists()


def test_language_of_the_site_follows(client, save, write):
    write(title="Au bord")
    # Above the form, and at the field.
    assert save(language="xx").text.count("Choose a language of the list.") == 2
    save(language="fr")
    page = client.get("/archive/").text
    assert ('<html lang="fr">' in page, "Archives" in page) == (True, True)


def test_comments_follow_the_site(client, save, write):
    post = write()
    save(comments="closed", comment_words="Be *kind*.")
    assert "Comments are closed" in client.get(post.get_absolute_url()).text
    save(comment_policy="publish-all", comment_words="Be *kind*.")
    page = client.get(post.get_absolute_url()).text
    assert "Be <em>kind</em>." in page
    assert "before it appears" not in page


def test_notes_beside_words_follow_the_site(client, save, write):
    post = write()
    assert "/notes/" in client.get(post.get_absolute_url()).text
    for chosen in ("off", "known"):
        save(comment_notes=chosen)
        assert "/notes/" not in client.get(post.get_absolute_url()).text


def test_variable_wins_over_each_of_these(client, save, settings):
    settings.SET_IN_ENVIRONMENT = {"LANGUAGE_CODE", "COMMENTS_OPEN", "COMMENT_NOTES"}
    page = (
        save(language="fr", comments="closed", comment_notes="off", title="A").wsgi_request
        and client.get("/").text
    )
    assert '<html lang="en">' in page
    stored = SiteVersion.objects.get()
    assert (stored.language, stored.comment_notes, site().comment_notes) == ("", "", "on")
