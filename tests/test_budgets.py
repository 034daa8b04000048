"""How large pages may be: an essay with its stylesheet fits the first round trip (design.md)."""

import random
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from django.utils import translation
from django.utils.translation import gettext

from blog.lib.languages import translated
from blog.posts.models import Post
from blog.web.codings import BROTLI_QUALITY, BROTLI_WINDOW, CODINGS, FIRST_ROUND_TRIP
from blog.web.scripts import READERS_SCRIPT, short
from blog.web.stylesheet import stylesheet
from comments.models import ThreadPage

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "static"
COMPRESS = """
import random, resource
from blog.web.codings import CODINGS

def given():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

body, before = random.Random(1).randbytes(30_000).hex().encode(), given()
CODINGS["br"](body)
print((given() - before) * resource.getpagesize())
"""


def test_the_stylesheet_is_small():
    assert len(stylesheet().encode()) <= 18 * 1024
    assert len(brotli.compress(stylesheet().encode())) <= 4_000


def test_scripts_for_readers_are_small():
    files = (STATIC / "js").glob("*.js")
    assert all(short(file.read_text()) in READERS_SCRIPT for file in files)
    assert len(READERS_SCRIPT.encode()) <= 3 * 1024


@pytest.fixture
def essay(write, say, mail_set_up):
    """An essay with 25 comments, of which twenty stand beside it as well."""
    # Words that compress no better than people's: each number is written once.
    words = [f"{number:x}{chr(97 + number % 26) * (number % 7)}" for number in range(4000, 9000)]
    post = write(body="\n\n".join(" ".join(words[n : n + 60]) for n in range(0, 600, 60)))
    for number in range(25):
        start, beside = 600 + 40 * number, words[20 * number + 3 : 20 * number + 7]
        text, passage = " ".join(words[start : start + 40]), " ".join(beside)
        passage = passage if number < 20 else ""
        say(post, text, name=f"Reader {number}", passage=passage, refresh=False)
    ThreadPage.objects.refresh(post)
    card = {"shared_name": f"{'9c4e1d7f' * 4}-1200x630.png", "shared_alt": post.title}
    Post.objects.filter(pk=post.pk).update(**card)
    return post


@pytest.mark.django_db
def test_essay_with_25_comments_fits_one_round_trip(client, essay):
    page = client.get(essay.get_absolute_url(), headers={"accept-encoding": "br"})
    assert page["Content-Encoding"] == "br"
    html = brotli.decompress(page.content)
    assert b"og:image" in html
    assert stylesheet() in html.decode()
    assert html.count(b'<div id="n') == 20
    assert len(page.content) <= FIRST_ROUND_TRIP


@pytest.mark.django_db
def test_it_fits_one_round_trip_in_each_language(client, essay, settings):
    sizes = {}
    for language, _name in translated():
        settings.LANGUAGE_CODE = language
        page = client.get(essay.get_absolute_url(), headers={"accept-encoding": "br"})
        html = brotli.decompress(page.content).decode()
        assert f'lang="{language}"' in html[:200]
        with translation.override(language):
            assert f"{gettext('Post comment')}</button>" in html  # nor is the form another one's
        sizes[language] = len(page.content)
    print(sizes)
    assert len(sizes) == 14
    assert max(sizes.values()) <= FIRST_ROUND_TRIP


def test_page_far_from_one_round_trip_is_compressed_as_usual():
    usual = {"quality": BROTLI_QUALITY, "lgwin": BROTLI_WINDOW}
    for size in (20_000, 80_000):
        body = random.Random(size).randbytes(size // 2).hex().encode()
        assert CODINGS["br"](body) == brotli.compress(body, **usual)


def test_compressing_a_page_takes_little_memory():
    # In a process that has had none for it before.
    said = subprocess.run(
        [sys.executable, "-c", COMPRESS], cwd=ROOT, capture_output=True, check=True
    ).stdout
    assert int(said) < 4_000_000
