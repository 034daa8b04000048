"""The admin's pages in a real Chromium: what people type and choose fits, on a desk and a phone."""

from itertools import pairwise

import pytest
from admin_pages import admin_pages
from django.contrib.auth import get_user_model
from looking import too_wide
from test_queue_in_chromium import enter  # noqa: F401 - a fixture
from trials import in_full

from blog.accounts.models import Invitation
from blog.pages.invalidation import site_changed
from blog.posts.models import Profile, Revision
from blog.posts.models.revision import Text
from blog.site.models import SiteVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = 1440, 360
ENDLESS = "W" * 150
MAIL, LINK = f"{'w' * 60}@{'w' * 60}.example", f"https://{'w' * 60}.example/{ENDLESS}"
# Of the pages of the admin, those with names of which each kind of page has one.
SOME = (
    *("", "accounts/invitation/", "auth/user/", "comments/comment/", "posts/post/", "posts/tag/"),
    *("site/siteversion/", "posts/post/{post}/change/", "posts/post/{post}/history/"),
    *("posts/post/{post}/delete/", "auth/user/{root}/change/", "comments/comment/{said}/change/"),
)
# Options that the select does not show whole, once chosen; beside the words stands its arrow.
CUT = """() => {
  const found = [];
  for (const each of document.querySelectorAll("#content select:not([multiple], [size])")) {
    const style = getComputedStyle(each), box = document.createElement("div");
    const less = (start, end) => parseFloat(style[start]) + parseFloat(style[end]);
    const width = each.clientWidth - less("paddingLeft", "paddingRight") - 20;
    const height = each.clientHeight - less("paddingTop", "paddingBottom");
    Object.assign(box.style, {position: "absolute", width: `${width}px`, font: style.font,
      lineHeight: style.lineHeight, whiteSpace: style.whiteSpace});
    document.body.append(box);
    for (const {text} of each.clientWidth ? each.options : []) {
      box.textContent = text;
      if (box.scrollWidth > width + 8 || box.offsetHeight > height + 8)
        found.push(`${each.name}: ${text}`);
    }
    box.remove();
  }
  return found;
}"""


@pytest.fixture
def endless(write, say):
    """A site on which nothing that has a name has a blank in it; return numbers for addresses."""
    root = get_user_model().objects.create_superuser(
        "root", first_name=ENDLESS, last_name=ENDLESS, email=MAIL
    )
    post = write(ENDLESS, author=root, standfirst=ENDLESS, body=ENDLESS)
    post.tags.create(name=ENDLESS[:100], slug="endless")
    said = [
        say(post, ENDLESS, name=ENDLESS[:100], email=MAIL, url=LINK, status=status)
        for status in ("pending", "approved")
    ]
    say(post, "", kind="webmention", source=LINK, title=ENDLESS, status="pending")
    other = Text.of(post)._replace(title=ENDLESS * 2)
    Revision.objects.keep(post, other, by=root, kind="saved")
    Invitation(by=root, email=MAIL).save()
    menu = [[LINK, ""], ["/about/", ENDLESS[:60]]]
    for tagline in (ENDLESS, ""):
        SiteVersion.objects.create(title=ENDLESS[:100], tagline=tagline, masthead=menu, by=root)
    site_changed()
    return {"post": post.pk, "root": root.pk, "said": said[1].pk}


def test_names_without_a_blank_widen_no_page(enter, endless):  # noqa: F811
    page = enter("/admin/")
    host = page.url.partition("/admin/")[0]
    found = {}
    for place in in_full([*SOME, *admin_pages()], SOME):
        page.goto(f"{host}/admin/{place.format(**endless)}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wrong = [each for each in too_wide(page) if ".selector-" not in each]
            found |= {(place, width): wrong} if wrong else {}
    assert found == {}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_what_is_chosen_is_not_cut(enter, write, say, language):  # noqa: F811
    root = get_user_model().objects.create_superuser("root")
    Profile.objects.create(user=root, language=language)
    post = write()
    say(post, status="pending")
    page = enter("/admin/")
    host = page.url.partition("/admin/")[0]
    found = {}
    for place in ("site/siteversion/", "posts/post/", f"posts/post/{post.pk}/change/",
                  "comments/comment/", "posts/profile/", "moving/move/"):  # fmt: skip
        page.goto(f"{host}/admin/{place}")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            cut = page.evaluate(CUT)
            found |= {(place, width): cut} if cut else {}
    assert found == {}


def box_of(page, selector):
    return page.locator(selector).first.bounding_box()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_rule_of_today_runs_on_beside_what_waits(enter, write, say, language):  # noqa: F811
    root = get_user_model().objects.create_superuser("root")
    Profile.objects.create(user=root, language=language)
    post = write()
    for words in ("Room and more. " * 40, "很长的评论，" * 60):
        say(post, words, status="pending")
        say(post, words)
    page = enter("/admin/password_change/", viewport={"width": 360, "height": 800})
    host = page.url.partition("/admin/")[0]
    page.goto(f"{host}/admin/")
    rule = page.evaluate("""() => [...document.querySelectorAll(".line")].map(each => {
        const {top, bottom} = each.getBoundingClientRect();
        const style = getComputedStyle(each, "::before");
        return [style.insetInlineStart, style.borderInlineStartStyle, top, bottom];
    })""")
    assert {each[0] for each in rule} == {"16.8px"}
    assert [each[1] for each in rule].count("dashed") == 2
    for above, below in pairwise(rule):
        assert abs(above[3] - below[2]) < 1, "no gap"
    assert box_of(page, "#site-name")["y"] >= 8
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        lines = page.evaluate("""() => [...document.querySelectorAll(".words p")].map(
            e => Math.round(e.offsetHeight / parseFloat(getComputedStyle(e).lineHeight)))""")
        assert lines == [2] * 4


def test_notice_on_today_stands_beside_the_rule(enter, write):  # noqa: F811
    write("Theirs", origin="demo:theirs")
    page = enter("/admin/site/siteversion/do/remove-demo/", viewport={"width": 1440, "height": 900})
    page.locator("#content [type=submit]").click()
    notice, beside = box_of(page, ".messagelist li"), box_of(page, ".head .text")
    assert (notice["x"], notice["width"]) == (beside["x"], beside["width"])
    header, line = box_of(page, "#header"), box_of(page, ".head")
    assert notice["y"] - header["y"] - header["height"] < 1
    assert line["y"] - notice["y"] - notice["height"] < 1


def test_words_on_mail_begin_where_the_form_does(enter, settings):  # noqa: F811
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    page = enter("/admin/accounts/invitation/")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        words, form = box_of(page, "fieldset > p.help"), box_of(page, ".groups legend")
        inside = page.locator("fieldset > p.help").evaluate("e => getComputedStyle(e).paddingLeft")
        assert abs(words["x"] + float(inside[:-2]) - form["x"]) < 6
        assert words["width"] > 300
