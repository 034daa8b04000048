"""Lists in the admin find words whatever their case, accents and forms, on both databases."""

import unicodedata

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from eleven_scripts import SAMPLES
from test_when_shared import picture

from blog.lib import folded_search
from blog.lib.folding import fold
from blog.posts.models import Tag

pytestmark = pytest.mark.django_db
FORMS = "İIıi ßẞ Łódź ﬁ ＡＢＣ ｶﾞ Їй ёЁ Αθήνας ²½ أَحْمَد ज़ Straße x\u0301 ١٢"


@pytest.fixture
def found(client):
    """Search a list, and return the names of what it shows."""
    client.force_login(get_user_model().objects.create_superuser("mo"))

    def found(of, query):
        response = client.get(f"/admin/{of}/", {"q": query}, follow=True)
        assert response.status_code == 200
        return [str(row) for row in response.context["cl"].result_list]

    return found


def test_database_folds_as_python_does():
    texts = [text for sample in SAMPLES.values() for text in (sample.body, *sample.comments)]
    texts += [unicodedata.normalize("NFD", text) for text in texts]
    with connection.cursor() as cursor:
        for text in [*texts, FORMS]:
            cursor.execute("SELECT postil_fold(%s)", [text])
            assert cursor.fetchone()[0] == fold(text)


def test_comments_are_found_in_any_form(found, write, say):
    say(write(), "Привет, ёлка", name="Zoë", email="zoe@example.org", status="pending")
    for query in ("привет", "ЕЛКА", "zoe", "zoe@example.org", '"привет, елка"'):
        assert found("comments/comment", query) == ["Zoë: Привет, ёлка"], query
    for query in ("-привет", "привет -елка", '"елка привет"', "margins"):
        assert found("comments/comment", query) == [], query


def test_essays_are_found_in_what_is_written_and_published(found, write):
    post = write("Café", body="Это о базе данных 数据库.", published_at=None)
    post.tags.add(Tag.objects.create(name="Ёлки"))
    for query in ("cafe", "БАЗЕ", "据库", "tag:елки", "caf"):
        assert found("posts/post", query) == ["Café"], query
    assert found("posts/post", "cafe -базе") == []


def test_texts_are_folded_once_for_a_list(found, write, say):
    for number in range(3):
        say(write(f"Rain {number}"), "Rain", status="pending")
        picture(number, alt="Rain")
    for of in ("comments/comment", "posts/post", "posts/image"):
        with CaptureQueriesContext(connection) as asked:
            assert len(found(of, "rain")) == 3, of
        assert sum("postil_fold(" in query["sql"] for query in asked) == 1, of


def test_more_than_few_are_found_as_well(found, monkeypatch):
    monkeypatch.setattr(folded_search, "FEW", 2)
    for name in ("Rain", "Raincoat", "Snow", "Raindrop", "Rainy"):
        Tag.objects.create(name=name)
    assert found("posts/tag", "rain") == ["Rain", "Raincoat", "Raindrop", "Rainy"]


def test_tags_and_pictures_are_found_in_any_form(found):
    Tag.objects.create(name="Ёлки")
    picture(1, alt="Crème brûlée")
    assert found("posts/tag", "ЕЛК") == ["Ёлки"]
    assert len(found("posts/image", "creme BRULEE")) == 1
    assert found("posts/image", "%") == []


def test_odd_queries_are_answered(found, write, say):
    say(write(), "x")
    for query in ("word " * 2_000, '-"%_\\', "tag: year:x"):
        for of in ("comments/comment", "posts/post"):
            assert found(of, query) == [], (of, query[:20])
