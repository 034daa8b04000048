"""What other sites' receivers read in our own essays: author, title, words, address and date."""

import re

import pytest
from conftest import on

from comments.linkbacks.protocols.source import read_source

pytestmark = pytest.mark.django_db

TARGET = "https://elsewhere.example/essay"
HERE = "http://127.0.0.1:8000"


@pytest.fixture
def essay(client, write, say):
    """The page of an essay that links elsewhere, with a standfirst, tags and a comment."""
    post = write(
        "Wide margins",
        body=f"They wrote [so much]({TARGET}) about it.",
        standfirst="Room for notes.",
        published_at=on(2026, 3),
    )
    say(post, f"And [so]({TARGET}/b) did I.", name="Lou Barba")
    return client.get(post.get_absolute_url()).text


def test_receiver_reads_our_author_title_excerpt_and_date(essay):
    mention = read_source(essay, "text/html", f"{HERE}/2026/03/wide-margins/", TARGET)
    assert (mention.title, mention.author) == ("Wide margins", "Ines Marlow")
    assert mention.author_url == f"{HERE}/"
    assert mention.excerpt == "They wrote so much about it."
    assert mention.published == on(2026, 3)


def test_comment_is_an_entry_of_its_own_writer(essay):
    assert re.search(r'<article[^>]*class="[^"]*u-comment h-cite[^"]*"', essay)
    assert re.search(r"<h3\s[^>]*p-author h-card[^>]*>\s*Lou Barba\s*</h3>", essay)


def test_an_essay_names_its_own_address_and_summary(essay):
    assert '<a class="u-url" href="/2026/03/wide-margins/">' in essay
    assert '<p class="standfirst p-summary" dir="auto">Room for notes.</p>' in essay
