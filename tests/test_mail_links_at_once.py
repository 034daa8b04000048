"""One mailed link pressed many times at once works once, on a server of two processes."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from reading import insist
from test_writing_at_once import site  # noqa: F401 - a fixture
from trials import in_full

pytestmark = pytest.mark.server

ROUNDS, AT_ONCE = in_full(5, 1), 16

HOLD = """
from django.contrib.auth import get_user_model
from blog.posts.models import Post
from comments.mail.links import judging_links
from comments.models import Comment
held = Comment(post=Post.objects.first(), name="Lou", body="Held.", status="pending")
held.save()
admin = get_user_model().objects.get(username="admin")
for word, url in judging_links(admin, [held])[held.pk]:
    print(url)
"""
EVENTS = "SELECT count(*) FROM comments_moderationevent"


@pytest.mark.long
def test_of_many_presses_at_once_one_counts(site):  # noqa: F811
    for number in range(1, ROUNDS + 1):
        links = [urlsplit(url).path for url in site.shell(HOLD).split()]
        assert len(links) == 3
        with ThreadPoolExecutor(AT_ONCE) as people:
            # All three of a mail among them: they contradict each other.
            sent = [people.submit(insist, site.url + links[n % 3], "POST") for n in range(AT_ONCE)]
        statuses = Counter(done.result().status for done in sent)
        assert statuses == {303: 1, 409: AT_ONCE - 1}
        assert site.rows(EVENTS) == [(number,)]
