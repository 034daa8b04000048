"""Words and minutes of texts in every script, on the site and at the desk."""

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from blog.lib.counting import counted, for_script
from blog.posts.models import Post

SCRIPT = Path(__file__).resolve().parents[1] / "static" / "js" / "desk" / "counts.js"

COUNT = "([text, rule]) => window.counted(text, rule)"

# By text: its words, and its minutes when it stands there a thousand times.
TEXTS = {
    "a leaf, and — “don’t” stop 12 ": (6, 26),
    "数据库性能，": (5, 16),
    "東京の夜はとても静かだ。": (11, 24),
    "한국어 글을 읽는다 ": (3, 15),
    "ภาษาไทยไม่มีช่องว่าง ": (4, 17),
    "ພາສາລາວ ": (2, 6),
    "ကျွန်တော် ": (2, 8),
    "اللغة العربية جميلة. ": (3, 17),
    "שפה עברית יפה ": (3, 13),
    "हिन्दी में एक लेख। ": (4, 17),
    "Ελληνικά και Русский язык ": (4, 17),
    "Tiếng Việt có dấu ": (4, 17),
    "Git 和 GitHub 的区别 ": (6, 21),
    "𠀀𠀁 🎉 … ": (2, 7),
    "ㄅㄆㄇㄈㄉㄊ ": (2, 6),
    "ꆈꌠꁱꂷ ": (1, 4),
    "ꦲꦏ꧀ꦱꦫꦗꦮ ": (2, 6),
    "ᬅᬓ᭄ᬱᬭ ": (1, 5),
    "ሰላም፡ለዓለም፡ሁሉ። ": (3, 13),
    "": (0, 0),
    "-" * 50 + " ": (0, 0),
}


def minutes(seconds):
    return -(-seconds // 60)


def test_words_and_minutes_are_counted_by_script():
    for text, (words, expected) in TEXTS.items():
        assert counted(text).words == words, text
        assert minutes(counted(text * 1000).seconds) == expected, text


@pytest.mark.browser
def test_the_desk_counts_by_the_same_rule(browser):
    page = browser.new_page()
    script = SCRIPT.read_text().partition("export function counted")[2].partition("export")[0]
    script = f"window.counted = function {script}"
    page.evaluate(f"() => {{ {script} }}")
    for text in TEXTS:
        for times in (1, 7, 1000):
            words, seconds = counted(text * times)
            found = page.evaluate(COUNT, [text * times, for_script()])
            assert found == {"words": words, "minutes": max(1, minutes(seconds))}, text
    page.close()


@pytest.mark.django_db
def test_stored_essays_are_counted_again(write):
    post = write(body="数据库性能" * 1140)
    assert (post.words, post.minutes) == (5700, 18)
    Post.objects.update(words=1, reading_seconds=0)
    import_module("blog.posts.migrations.0024_reading_time_by_script").count(apps, None)
    post.refresh_from_db()
    assert (post.words, post.minutes) == (5700, 18)
