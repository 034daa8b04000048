"""Addresses, anchors and tags in every script."""

from importlib import import_module

import pytest
from conftest import on
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from inputs import every

from blog.lib.alphabets import place_of
from blog.lib.slugs import MOST, is_slug, slug_of
from blog.markup import render_post
from blog.markup.names import title_line
from blog.posts.models import OldTagSlug, Post, Tag

pytestmark = pytest.mark.django_db

# By title: the slug in its script, and in ASCII.
SLUGS = {
    "हिन्दी में लेख": ("हिन्दी-में-लेख", "hindi-mem-lekh"),
    "ภาษาไทย น้ำ": ("ภาษาไทย-น้ำ", "phasaaithy-nam"),
    "مُحَمَّد والكتـــاب": ("مُحَمَّد-والكتاب", "muhamad-wlktb"),
    "می\u200cخواهم": ("می\u200cخواهم", "mykhwhm"),
    "क्\u200dष": ("क्\u200dष", "ks"),
    "بِسْمِ ٱللَّهِۖ": ("بِسْمِ-ٱللَّهِ", "bismi-llahi"),
    "בְּרֵאשִׁ֖ית": ("בְּרֵאשִׁית", "veresihyt"),
    "数据库 性能": ("数据库-性能", "shu-ju-ku-xing-neng"),
    "ｶﾀｶﾅ ＡＢＣ": ("カタカナ-abc", "katakana-abc"),
    "한국어 ㅋㅋ": ("한국어-ㅋㅋ", "hangugeo-kk"),
    "İstanbul Iğdır": ("istanbul-iğdır", "istanbul-igdir"),
    "ΟΔΟΣ": ("οδος", "odos"),
    "Tie\u0302\u0301ng Vie\u0323\u0302t": ("tiếng-việt", "tieng-viet"),
    "Ёлка, май!": ("ёлка-май", "elka-may"),
    "བོད་སྐད": ("བོད-སྐད", "bod-skd"),
    "don’t — stop a\u200cb": ("dont-stop-ab", "dont-stop-ab"),
    "🎉🎉": ("party-popper", "party-popper"),
    "👩🏽\u200d🚀": ("woman-rocket", "woman-rocket"),
    "🇩🇪": ("de", "de"),
    "❤️": ("heavy-black-heart", "heavy-black-heart"),
    "?": ("question-mark", "question-mark"),
    "ﾊﾟﾊﾟ": ("パパ", "papa"),
    "ໆ": ("ໆ", "lao-ko-la"),
    "々ー": ("々ー", "ideographic-iteration-mark-katakana-hiragana-prolonged-sound-mark"),
    "\U0001f8ff": ("u1f8ff", "u1f8ff"),
    "½ cup": ("12-cup", "1-2-cup"),
    "\u0301\u200d": ("", ""),
}


def test_slugs_keep_the_letters_of_every_script(settings):
    for title, expected in SLUGS.items():
        for settings.SLUGS, slug in zip(("script", "ascii"), expected, strict=True):
            assert slug_of(title) == slug
            assert slug_of(slug) == slug
            assert is_slug(slug) or not slug


@every("model", [Post, Tag])
def test_a_slug_too_long_for_its_column_is_refused(model):
    slug = model._meta.get_field("slug")
    slug.clean("ह" * MOST, None)
    with pytest.raises(ValidationError, match="at most 200 characters"):
        slug.clean("ह" * (MOST + 1), None)


def test_a_slug_is_never_cut_inside_a_letter():
    for letter in ("नि", "กำ", "é", "क्\u200dष"):
        for most in (7, 8, 9):
            cut = slug_of(letter * 9, most)
            assert len(cut) <= most
            assert slug_of(cut) == cut


def test_what_is_no_slug_is_refused():
    for text in ("", "a b", "a/b", "a.b", "\u0301a", "\u200da", "a\u202eb", "a\n", "🎉"):
        assert not is_slug(text)


def test_every_title_has_an_address_that_is_served(client, write):
    for title in SLUGS:
        post = write(title)
        post.full_clean(exclude=[] if title_line(title) else ["title"])
        response = client.get(post.get_absolute_url())
        assert response.status_code == 200, post.path
        assert client.head(post.get_absolute_url()).status_code == 200
    assert len({*Post.objects.values_list("slug", flat=True)}) == len(SLUGS)


def test_letters_taken_apart_lead_to_their_address(client, write):
    write("Việt", published_at=on(2026, 3))
    response = client.get("/2026/03/vie\u0323\u0302t/", follow=True)
    assert response.status_code == 200
    assert response.redirect_chain[0][1] == 301
    for path in ("//e\u0301.example/", "/\\e\u0301.example/"):
        assert client.get(path).status_code in (200, 404)


def test_a_heading_answers_to_its_old_anchor_too(settings):
    html = render_post("# हिन्दी\n\n# हिन्दी\n\n# 🎉\n\n# Plain")
    assert '<h2 id="हिन्दी"><span id="हनद"></span>हिन्दी<a' in html
    assert '<h2 id="हिन्दी-2"><span id="हनद-2"></span>हिन्दी<a' in html
    assert '<h2 id="party-popper"><span id="section"></span>🎉<a' in html
    assert '<h2 id="plain">Plain<a' in html
    settings.SLUGS = "ascii"
    html = render_post("# Größe")
    assert '<h2 id="grosse"><span id="größe"></span>Größe<a' in html


# --- Tags ---------------------------------------------------------------------------------------


def test_a_tag_is_there_once_whatever_its_capitals():
    for names in (("Élan", "ÉLAN"), ("Привет", "ПРИВЕТ"), ("Straße", "STRASSE"), ("abc", "ＡＢＣ")):
        tags = Tag.objects.named(names)
        assert tags[0] == tags[1]
        with pytest.raises(IntegrityError), transaction.atomic():
            Tag.objects.create(name=names[1], slug="another")


def test_the_form_of_a_tag_refuses_its_double(admin_client):
    Tag.objects.named(["Ёлка"])
    page = admin_client.post("/admin/posts/tag/add/", {"name": "ЁЛКА", "slug": ""})
    assert "Another tag already has this name." in page.text
    admin_client.post("/admin/posts/tag/add/", {"name": "हिन्दी", "slug": ""})
    assert Tag.objects.get(name="हिन्दी").slug == "हिन्दी"


FEEDS = ("", "feed.xml", "atom.xml", "feed.json")


def test_a_renamed_tag_leads_on_with_its_feeds(client, write):
    (tag,) = Tag.objects.named(["Мысли"])
    tag.posts.add(write())
    for tag.slug in ("notes", "marginalia"):
        tag.save()
    for old in ("мысли", "notes"):
        for part in FEEDS:
            response = client.get(f"/tags/{old}/{part}")
            assert (response.status_code, response["Location"]) == (301, f"/tags/marginalia/{part}")
    tag.slug = "notes"
    tag.save()
    assert client.get("/tags/notes/").status_code == 200


def test_a_tag_of_drafts_alone_is_404(client, write):
    (tag,) = Tag.objects.named(["Secret merger"])
    tag.posts.add(write(published_at=None), write("A page", kind="page"))
    OldTagSlug.objects.create(slug="secret", tag=tag)
    for slug in ("secret-merger", "secret"):
        for part in FEEDS:
            assert client.get(f"/tags/{slug}/{part}").status_code == 404
    assert "secret" not in client.get("/sitemap.xml").text
    tag.posts.add(write("Announced"))
    assert {client.get(f"/tags/secret-merger/{part}").status_code for part in FEEDS} == {200}


def test_tags_are_sorted_as_the_language_sorts(settings):
    orders = {
        "en": "Äpfel apple Éclair eel zebra ёлка ель йод",
        "sv": "apple zebra Åland äpple öl",
        "es": "nube nudo ñandú oso",
        "tr": "çay dere ılık ipek",
        "pl": "lato łata mama żaba",
        "fa": "باد پدر تاب جان چای حال زر ژاله سر قلم کتاب گل لب وطن هوا یاد",
        "ur": "تار ٹوپی ثمر دن ڈاک ذات قلم کام گل لب وقت ہاتھ یار",
        "sr": "cena čaša ćup dan đak žaba дан ђак ера зима јуни кит лав љубав нос њива тата ћуп",
        "mk": "дом ѓавол ера зима ѕвезда јули лав љубов тело ќош ум",
        "kk": "ай әке бала гүл ғалам дала кітап қала нан ұн үй фильм",
        "ky": "нан ңы ой өт ун үй фильм",
        "mn": "ой өдөр пүрэв ус үг фото",
        "th": "กา เกม ไก่ ขา จาน ใจ นา น้ำ นิ มา เมือง แม่ โรง หมู",
        "lo": "ກາ ເກ ໄກ ຂາ ນາ ນ້ຳ ນິ ແມ ໂຮງ",
    }
    for language, order in orders.items():
        settings.LANGUAGE_CODE = language
        assert " ".join(sorted({*order.split()}, key=place_of)) == order


def test_doubled_tags_are_put_together(write):
    fold = import_module("blog.posts.migrations.0022_fold_doubled_tags").fold
    kept, double, other = (
        Tag.objects.create(name=f"Tag {number}", slug=f"tag-{number}") for number in range(3)
    )
    one, two, three = write("One"), write("Two"), write("Three")
    kept.posts.set([one, two])
    double.posts.set([two, three])
    kept.name, double.name, other.name = "Reading", "READING", "Other"
    Tag.objects.bulk_update([kept, double, other], ["name"])
    fold(apps, None)
    assert [*Tag.objects.values_list("name", "key")] == [("Other", "other"), ("Reading", "reading")]
    assert {*kept.posts.all()} == {one, two, three}
    assert [*OldTagSlug.objects.values_list("slug", "tag")] == [("tag-1", kept.pk)]


def test_a_host_in_any_script_stays_as_typed():
    html = render_post('[a](https://пример.рф/путь) `href="https://%D0%BF.example"`')
    assert '<a href="https://пример.рф/%D0%BF%D1%83%D1%82%D1%8C">' in html
    assert 'href="https://%D0%BF.example"</code>' in html
