"""How large pages may be: an essay with its stylesheet fits the first round trip (design.md)."""

from pathlib import Path

import brotli
import pytest

from blog.posts.models import Post
from blog.web.scripts import READERS_SCRIPT, short
from blog.web.stylesheet import stylesheet

STATIC = Path(__file__).resolve().parents[1] / "static"
# Bytes. Headers took 1,102 of the 14,600 when they were last measured.
FIRST_ROUND_TRIP = 14_600 - 1_102


def test_the_stylesheet_is_small():
    assert len(stylesheet().encode()) <= 18 * 1024
    assert len(brotli.compress(stylesheet().encode())) <= 4_000


def test_scripts_for_readers_are_small():
    files = (STATIC / "js").glob("*.js")
    assert all(short(file.read_text()) in READERS_SCRIPT for file in files)
    assert len(READERS_SCRIPT.encode()) <= 3 * 1024


@pytest.mark.django_db
@pytest.mark.usefixtures("mail_set_up")
def test_essay_with_25_comments_fits_one_round_trip(client, write, say):
    # Words that compress no better than people's: each number is written once.
    words = [f"{number:x}{chr(97 + number % 26) * (number % 7)}" for number in range(4000, 9000)]
    post = write(body="\n\n".join(" ".join(words[n : n + 60]) for n in range(0, 600, 60)))
    for number in range(25):
        start, beside = 600 + 40 * number, words[20 * number + 3 : 20 * number + 7]
        text, passage = " ".join(words[start : start + 40]), " ".join(beside)
        # Twenty of them stand beside the essay as well.
        say(post, text, name=f"Reader {number}", passage=passage if number < 20 else "")
    card = {"shared_name": f"{'9c4e1d7f' * 4}-1200x630.png", "shared_alt": post.title}
    Post.objects.filter(pk=post.pk).update(**card)
    page = client.get(post.get_absolute_url(), headers={"accept-encoding": "br"})
    assert b"og:image" in brotli.decompress(page.content)
    assert page["Content-Encoding"] == "br"
    assert stylesheet() in brotli.decompress(page.content).decode()
    assert brotli.decompress(page.content).count(b'<div id="n') == 20
    assert len(page.content) <= FIRST_ROUND_TRIP
