"""Search finds words of every script, with the same answers on SQLite and PostgreSQL.

`make test-postgres` runs all of this once more there.
"""

import unicodedata

import pytest
from eleven_scripts import SAMPLES

from blog.posts.models import SearchEntry
from blog.posts.search import clean_query, find

pytestmark = pytest.mark.django_db

# By language what readers type, and how many of the essay and its comments have it.
QUERIES = {
    "ar": {
        "هامش": 1, "الهامش": 1, "هامِش": 1, "عال": 1, "\"قرأ مرتين\"": 2, "قرأ -مرات": 1, "أسباب": 1,
    },
    "he": {"בשולי": 1, "עיפרון": 1, "עִפָּרוֹן": 0, "צה\"ל": 1, "פעמיים": 2, "חשוב": 1},
    "hi": {
        "हाशिये": 1, "ज़रूरी": 1, "जरूरी": 1, "कलम काग़ज़": 2, "कागज": 2,
        "१९६८": 1, "\"दो बार\"": 2
    },
    "th": {"ดินสอ": 3, "ขอบหน้า": 1, "ประโยคสำคัญ": 1, "อ่านสามครั้ง": 1, "๑๙๖๘": 1},
    "zh-Hans": {
        "铅笔": 2, "页边": 2, "笔迹": 1, "读了三遍": 1, "重": 1, "旧笔记本": 1, "笔 -三": 1,
    },
    "ja": {"余白": 2, "鉛筆": 3, "ノート": 1, "ﾉｰﾄ": 1, "のーと": 0, "読む人は": 2, "大事": 1},
    "ko": {"여백": 2, "연필": 3, "공책": 1, "문장": 1, "ㅋㅋ": 1, "두 번": 2},
    "el": {"ΠΕΡΙΘΩΡΙΟ": 2, "περιθωριο": 2, "μολύβι": 3, "λόγος": 0, "τρεις": 2, "φορες": 2},
    "tr": {"ısık": 5, "IŞIĞI": 1, "ince kenar": 1, "cigdem": 5, "kagit": 2, "onemli": 1},
    "vi": {"le": 2, "trang sach": 1, "hai lan": 2, "\"bút chì\"": 2, "quan trọng": 1},
    "ru": {"елка": 1, "ЁЛКА": 1, "ежикова": 5, "карандашом": 2, "мысл": 1, "\"читает дважды\"": 2},
}  # fmt: skip


def written(write, language):
    sample = SAMPLES[language]
    post = write(sample.title, body=sample.body, lang=language)
    SearchEntry.objects.bulk_create(
        SearchEntry(kind="comment", key=key, post=post, title=sample.name, text=text)
        for key, text in enumerate(sample.comments)
    )


def found(query):
    """Return what is found, best first, as numbers in the order in which it was written."""
    numbers = [*SearchEntry.objects.order_by("pk").values_list("pk", flat=True)]
    return [numbers.index(entry.pk) for entry in find(clean_query(query))]


@pytest.mark.parametrize("language", QUERIES)
def test_words_are_found_in_their_script(write, language):
    written(write, language)
    wrong = {}
    for query, count in QUERIES[language].items():
        answers = found(query)
        # Typed composed or decomposed it is the same. The essay comes first, then the newest.
        in_order = sorted(answers, key=lambda number: (number != 0, -number))
        same = found(unicodedata.normalize("NFD", query))
        if len(answers) != count or not answers == same == in_order:
            wrong[query] = answers, same
    assert wrong == {}


def test_there_are_sixty_queries():
    assert sum(map(len, QUERIES.values())) >= 60


def test_the_cases_of_readers_are_found(write):
    write("一", body="这是一个关于数据库性能的测试。")
    write("Αθήνα", body=unicodedata.normalize("NFD", "한국어 がぎぐ, ёлка"))
    for query in ("数据库", "性能", "数据库性能"):
        assert [entry.title for entry in find(query)] == ["一"], query
    for query in ("αθηνα", "ΑΘΗΝΑ", "한국어", "국어", "がぎ", "елка", "Ёлка"):
        assert [entry.title for entry in find(query)] == ["Αθήνα"], query
    assert [*find("мои")] == [*find("かぎ")] == []


def test_letters_that_differ_by_a_breve_stay_apart(write):
    write("Й", body="мой край, мої краї")
    assert [len(find(word)) for word in ("мой", "мои", "мої", "край")] == [1, 0, 1, 1]


def test_a_text_of_any_length_is_found(write):
    post = write()
    SearchEntry.objects.create(
        kind="comment", key=1, post=post, title="x", text="a b " * 9_000 + "the end of it"
    )
    assert [entry.title for entry in find('"the end of"')] == ["x"]
    assert [entry.title for entry in find('"end the"')] == []


@pytest.mark.long("takes seconds")
def test_more_different_words_than_the_index_takes_are_stored(write):
    post = write()
    text = " ".join(f"{number:x}y" for number in range(180_000))
    SearchEntry.objects.create(kind="comment", key=1, post=post, title="x", text=text)
    assert len(find("1y")) == 1
