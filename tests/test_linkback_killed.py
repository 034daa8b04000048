"""Workers killed with -9 while they read sources: each mention is queued exactly once."""

import random
from collections import Counter

import pytest
from linkbacks import linking
from peers import Peer, page
from test_worker import data, until, workers  # noqa: F401 - a fixture is one by its name here
from trials import in_full

pytestmark = pytest.mark.server

SOURCES, KILLS = in_full((40, 8), (16, 1))
# Seconds the source takes to answer, so that kills come during verifications.
SLOWNESS = 0.2

RECEIVE = f"""
from django.contrib.auth import get_user_model
from django.utils import timezone
from blog.posts.models import Post
from comments.linkbacks.receive import receive
author = get_user_model().objects.create_user("ines")
post = Post(title="On margins", body="Room.", author=author, published_at=timezone.now())
post.save()
for number in range({SOURCES}):
    receive("webmention", f"{{source}}{{number}}", "{{site}}" + post.get_absolute_url(), None)
"""
COUNT = (
    "from comments.models import Comment; print(*Comment.objects.values_list('source', flat=True))"
)
OPEN = "SELECT count(*) FROM comments_look WHERE ended_at IS NULL"


@pytest.mark.long
def test_no_mention_is_lost_though_workers_are_killed(data, tmp_path, record_property):  # noqa: F811
    def slow(connection, peer):
        peer.over.wait(SLOWNESS)
        connection.sendall(answer)

    with Peer(slow) as peer:
        data.settings |= {
            "LINKBACK_PRIVATE_HOSTS": peer.place,
            "LINKBACK_RATE_PER_HOST": "none",
        }
        data.shell(RECEIVE.replace("{source}", peer.url("/")).replace("{site}", data.url))
        path = data.shell("from blog.posts.models import Post; print(Post.objects.get().path)")
        answer = page(linking(f"{data.url}/{path}/"))
        with workers(data, tmp_path, 2) as (running, start):
            for _ in range(KILLS):
                seen = len(peer.requests)
                until(lambda seen=seen: len(peer.requests) > seen)
                victim = random.choice(running)
                victim.kill()
                victim.wait()
                running.remove(victim)
                running.append(start())
            assert len(set(peer.requests)) < SOURCES, "the kills came while verifications were due"
            until(lambda: data.rows(OPEN) == [(0,)], 120)
        doubled = len(peer.requests) - SOURCES
    got = Counter(data.shell(COUNT).split())
    assert got == {f"{peer.url('/')}{number}": 1 for number in range(SOURCES)}
    # Each kill repeats at most the two verifications that its threads were doing.
    assert doubled <= 2 * KILLS
    record_property("looks doubled by kills", doubled)
    print(f"{SOURCES} mentions, {KILLS} kills with -9: {doubled} sources called once more")
