"""Names are cleaned on input, and compared by how they look."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis.strategies import text
from inputs import every
from trials import in_full

from blog.markup.names import clean_name, name_of_person, title_line, visible
from blog.pages.invalidation import site_changed
from blog.posts.models import Tag, Text
from blog.site.models import SiteVersion
from comments.forms import MOST_GIVEN
from comments.text.lookalikes import read_as

AUTHOR = "Anna Iluna"


@every(
    "unseen",
    "\u00ad \u034f \u061c \u115f \u180e \u200b \u200e \u200f \u202a \u202e \u2060 \u2066 \u2069 "
    "\u206f \u3164 \ufeff \uffa0 \ufff9 \U0001d173 \U000e0001 \U000e0041 \x7f \x90".split(" "),
)
def test_unseen_characters_leave_a_name(unseen):
    assert clean_name(f"{unseen}An{unseen}na{unseen} Lee") == "Anna Lee"


@every("joiner", ["\u200c", "\u200d", "\ufe0f", "\ufe00", "\U000e0100", "\u180b"])
def test_joiners_and_selectors_leave_a_latin_name(joiner):
    assert clean_name(f"{joiner}An{joiner}{joiner}na{joiner} Lee{joiner}") == "Anna Lee"


@every(
    "name",
    [
        "علی\u200cرضا",  # Persian
        "مُ\u200cحمد",  # past a vowel mark
        "राज्\u200cन",  # Hindi, virama and ZWNJ
        "ක්\u200dෂිති",  # Sinhala
        "ന്\u200d",  # Malayalam, an old chillu at the end
        "র\u200d্যাচেল",  # Bengali, ya-phala
        "Ana 👩\u200d💻",
        "Ana 👩🏽\u200d❤\ufe0f\u200d👨🏿",
        "Ana ❤\ufe0f",
        "Ana 1\ufe0f\u20e3",
        "Ana 🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
        "辻\U000e0100 真",  # Japanese, the form of a family's name
        "ᠮᠣᠩ\u180bᠭᠣᠯ",
    ],
)
def test_a_script_keeps_the_joiners_it_needs(name):
    assert clean_name(name) == name
    assert clean_name(f"\u200f{name}\u202e") == name


@every(
    ("name", "cleaned"),
    [
        ("رضا\u200cعلی", "رضاعلی"),  # alef joins nothing
        ("علی\u200c", "علی"),
        ("Ana👩\u200d", "Ana👩"),
        ("👩\u200d\u200d\u200d💻", "👩\u200d💻"),
        ("राज\u200dन", "राजन"),  # no virama
        ("Ana \U000e0067\U000e007f", "Ana"),
        ("  A\u2800b\u2028c\td ", "A b c d"),
    ],
)
def test_a_joiner_that_does_nothing_goes(name, cleaned):
    assert clean_name(name) == cleaned


@settings_of_hypothesis(max_examples=in_full(400, 100), deadline=None)
@given(text(alphabet="aé👩❤1\u20e3🏴यज् \u200c\u200d\ufe0f\ufe00\u200e\u202e\U000e0067\U000e007fیا"))
def test_cleaning_twice_changes_nothing(name):
    assert clean_name(clean_name(name)) == clean_name(name)


def test_longest_accepted_name_is_cleaned_quickly():
    for name in (
        "\u200c" * MOST_GIVEN,
        "a\u200d" * (MOST_GIVEN // 2),
        "👩\u200d" * (MOST_GIVEN // 2),
    ):
        assert len(clean_name(name)) <= MOST_GIVEN


def test_joiners_make_no_other_name():
    assert visible("علی\u200cرضا") == visible("علیرضا")
    assert read_as("علیرضا کریمی", ["علی\u200cرضا کریمی"])


@every(
    "name",
    [
        AUTHOR,
        "anna iluna",
        "ANNA ILUNA",
        "\u200fAnna Iluna",
        "An\u00adna\u2066 Il\u200duna",
        "An\u3164na Ilu\uffa0na",
        "Аnnа Ilunа",  # Cyrillic
        "Αnna Ιluna",  # Greek
        "Ａｎｎａ　Ｉｌｕｎａ",  # fullwidth
        "𝐀𝐧𝐧𝐚 𝔦𝔩𝔲𝔫𝔞",
        "🅰🅽🅽🅰 🅸🅻🆄🅽🅰",
        "ᴀɴɴᴀ ɪʟᴜɴᴀ",
        "🇦🇳🇳🇦 🇮🇱🇺🇳🇦",
        "Anna lluna",
        "Anna I1una",
        "Anna |luna",
        "Ánna Ilüna",
        "Anna  Iluna",
        "anna.iluna",
        "Anna_Iluna",
        "Anna-Iluna",
        "AnnaIluna",
        "@annailuna",
        "A n n a I l u n a",
        "«Anna Iluna»",
        "Iluna Anna",
        "Iluna, Anna",
        "Anna Iluna (author)",
        "Dr. Anna Iluna",
        "Prof Anna Iluna",
        "Anna Iluna, who writes here",
        "Anna Iluna | My Margin",
        "Anna Iluna - Official",
        "the real Anna Iluna",
        "Anna Iluna 2",
        "AnnaIluna99",
        "Anna Iluna ✓",
        "👑 Anna Iluna",
        "Anna Iluna™",
        "Anna Iluna℠",
        "Anna Ilunaª",
        "Anna Ilunaᵀᴹ",
        "Anna Iluna②",
        "Anna Ilunaⅱ",
        "Anna Iluna㎏",
        "Annaⓡ Iluna🅫",
        "Annaˈ Ilunaː",
        "Anna Iluna٣",
        "7Anna7Iluna",
        "Anna Iluna҉",
        "ᴬⁿⁿᵃ ᴵˡᵘⁿᵃ",
        "Ⓐⓝⓝⓐ Ⓘⓛⓤⓝⓐ",
        "Anna Iluna Anna Iluna",
        "Anna Iluna Iluna Anna",
        "AnnaIluna AnnaIluna",
        "Anna Iluna from Berlin",
        "ANNA ILUNA FROM BERLIN",
        "Anna Iluna here and Now",
        "Greetings from Anna Iluna",
        "ANNA ILUNA’S TEAM",
        "Anna Iluna's Friends",
    ],
)
def test_name_that_looks_like_the_authors_is_recognised(name):
    assert read_as(name, ["Mo Berg", AUTHOR]) == AUTHOR


@every(
    ("name", "theirs"),
    [
        ("Mаrnie 0stеr", "Marnie Oster"),
        ("rnarnie oster", "Marnie Oster"),
        ("Иван Петpoв", "Иван Петров"),
        ("Ivаn Реtrоv", "Ivan Petrov"),
        ("ΣΟΦΙΑ ΝΙΚΟΣ", "Σοφία Νίκος"),
        ("Νίκος", "ΝΙΚΟΣ"),
        ("王 小明", "王小明"),
        ("王小明（作者）", "王小明"),
        ("ИНЕС", "Инес"),
        ("admin", "Admin"),
        ("аdmіn", "admin"),
        ("Ines (author)", "ines"),
        ("|nes", "Ines"),
        ("lan", "Ian"),
        ("Işik Öz", "ışık oz"),
        ("राज कुमार", "राज कुमार"),
    ],
)
def test_lookalike_letters_of_many_scripts_are_known(name, theirs):
    assert read_as(name, [theirs]) == theirs


PEOPLE = (
    "Anna|Iluna|Hanna Iluna|Anna Iluna-Berg|Anna Iluna López|Anna B. Iluna|Anna Ilunaite|Joanna "
    "Iluna|Ann Iluna|Ana Luna|Lou Barba|José García|Søren Åberg|Łukasz Żak|Nguyễn Thị Lan|Lan|"
    "Lee (Berlin)|Ines Müller|Иван Петров|Анна|Ἀθηνᾶ Παππά|محمد علی|علی\u200cرضا|דוד כהן|राज "
    "कुमार|நளினி|สมชาย ใจดี|王小明|山田太郎|김민준|გიორგი|Արամ|👩\u200d💻|Ада Л.|O'Brien|:)|1|x|"
    "Admirall|Administrative Law|Inés de la Cruz|Ian Ines|Juan García de López|Juan García y Vega|"
    "Juan García García|Anna Iluna von Berg|Anna Iluna O'Shea|Mª Ines|Ines from Berlin|Ines’s Mum"
).split("|")


@every("name", PEOPLE)
def test_ordinary_people_keep_their_names(name):
    staff = [AUTHOR, "Mo Berg", "Ines", "Ian", "mod", "Juan García", "Лев Толстой", "王明", "علی"]
    assert read_as(name, staff) == ""


def test_a_longer_name_is_another_persons():
    assert read_as("Juan García López", ["Juan García"]) == ""
    assert read_as("محمد علي حسن", ["محمد علي"]) == ""
    assert read_as("გიორგი კაპანაძე ბერიძე", ["გიორგი კაპანაძე"]) == ""
    assert read_as("Juan García (author)", ["Juan García"]) == "Juan García"


def test_a_name_without_letters_reserves_nothing():
    assert read_as("Anna", ["", "...", "\u200f", "👑"]) == ""


UNSEEN = ["\u200b\u200d", "\u202e", "\u3164", "\u2800", "\u0301", "\u00ad\ufeff", " "]
MARKS = "A" + "\u0301" * 90


@every("unseen", UNSEEN)
def test_there_is_something_to_see_in_a_name_or_title(unseen):
    assert title_line(unseen) == name_of_person(unseen) == ""
    assert title_line(f"☕{unseen}").startswith("☕")
    assert name_of_person(f"{unseen}Ana").endswith("Ana")


def test_name_of_a_person_has_a_letter_a_figure_or_a_picture():
    assert name_of_person("…") == name_of_person("+") == ""
    assert [name_of_person(name) for name in ("🦊", "★", "Ⓐ")] == ["🦊", "★", "Ⓐ"]
    assert name_of_person("علی\u200cرضا") == "علی\u200cرضا"


def test_titles_keep_the_hyphens_that_are_not_seen():
    assert title_line("Donau\u00addampfschiff \u202eabc") == "Donau\u00addampfschiff abc"
    assert len(title_line(MARKS)) == len(name_of_person(MARKS)) == 6


@pytest.mark.django_db
@every("unseen", ["\u200b\u200d", "\u3164"])
def test_nobody_is_called_by_what_is_not_seen(unseen, admin_client, admin_user):
    said = admin_client.post("/admin/posts/profile/", {"name": unseen, "bio": "", "link": ""}).text
    assert "Write the name as readers are to see it." in said
    address = f"/admin/auth/user/{admin_user.pk}/change/"
    form = admin_client.get(address).context["adminform"].form
    given = {"username": "admin", "is_staff": "on", "is_superuser": "on", "is_active": "on"}
    given |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    given |= {"first_name": MARKS, "last_name": unseen}
    admin_client.post(address, given | {"started_from": form.initial["started_from"]})
    admin_user.refresh_from_db()
    assert (len(admin_user.first_name), admin_user.last_name) == (6, "")


@pytest.mark.django_db
def test_site_is_called_by_what_is_seen(admin_client, client):
    for title, shown in (("\u200b", "Postil"), ("My \u202eblog", "My blog"), (MARKS, MARKS[:6])):
        form = admin_client.get("/admin/site/siteversion/").context["form"]
        given = {"title": title, "tagline": title, "author": title, "started_from": form.token}
        admin_client.post("/admin/site/siteversion/", given)
        site_changed()
        version = SiteVersion.objects.first() or SiteVersion()
        assert version.tagline == version.title
        assert version.title in ("", shown)
        assert unescape(client.get("/").text.partition("<title>")[2]).startswith(shown)


@pytest.mark.django_db
def test_essays_and_tags_have_names_that_are_seen(admin_client, write):
    post = write("Essay")
    for unseen in ("\u200b", "\u3164"):
        post.title = unseen
        post.save()
        assert (post.title, str(post)) == ("", "(no title)")
        assert Text.cleaned(title=unseen, tags=[unseen, "a"])[:4] == ("", "", "", ("a",))
        assert [tag.name for tag in Tag.objects.named([unseen, "a"])] == ["a"]
        said = admin_client.post("/admin/posts/tag/add/", {"name": unseen, "slug": "x"}).text
        assert "This field cannot be blank." in said
    assert Tag.objects.count() == 1
