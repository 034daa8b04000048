"""Workers killed with -9 at random while 500 mails are due: each address gets its mail."""

import random
import time
from collections import Counter

import pytest
from smtp_server import mail_server
from test_worker import data, share, until, workers  # noqa: F401 - a fixture is one by its name here
from trials import in_full

pytestmark = pytest.mark.server

# Kills besides that of the first worker, which is sending for certain.
MAILS, KILLS = 500, 20
# Seconds the server takes to greet: as one elsewhere would, and 20 kills fit in.
SLOWNESS = 0.15

SUBSCRIBE = """
from django.contrib.auth import get_user_model
from django.utils import timezone
from blog.posts.models import Post
from comments import tasks
from comments.models import Comment, MailAddress, Subscription
now = timezone.now()
author = get_user_model().objects.create_user("ines")
post = Post(title="On margins", body="Room.", author=author, published_at=now)
post.save()
asked = Comment(post=post, name="Lou", body="Quince paste.", status="approved")
asked.save()
for number in range(MAILS):
    address = MailAddress.objects.create(email=f"reader{number}@example.org", confirmed_at=now)
    Subscription.objects.create(address=address, comment=asked, confirmed_at=now)
reply = Comment(post=post, name="Ann", body="Well put.", status="approved", parent=asked)
reply.save()
tasks.received(reply)
"""
INTERRUPTED = """
from blog.jobs.models import Job
print(sum(job.attempts > 1 for job in Job.objects.all()))
"""
UNSENT = "SELECT count(*) FROM comments_mail WHERE sent_at IS NULL"


@pytest.fixture
def server():
    with mail_server() as server:
        yield server


@pytest.fixture
def site(data, server):  # noqa: F811
    data.settings["EMAIL_URL"] = f"smtp://127.0.0.1:{server.port}"
    data.shell(SUBSCRIBE.replace("MAILS", str(share(MAILS, of=20))))
    return data


@pytest.mark.long
def test_every_address_gets_its_mail_though_workers_are_killed(
    site, server, tmp_path, record_property
):
    mails, kills = share(MAILS, of=20), in_full(KILLS, 0)
    server.slowness = SLOWNESS
    server.confirms.clear()
    with workers(site, tmp_path, 1) as (running, start):
        until(lambda: server.taken)
        # The only one, and it has yet to hear that its mail was taken.
        victim = running.pop()
        victim.kill()
        victim.wait()
        server.confirms.set()
        killed = 1
        running += [start(), start()]
        for _ in range(kills):
            seen = len(server.taken)
            until(lambda seen=seen: len(server.taken) > seen)
            time.sleep(random.uniform(0, 0.4))
            victim = random.choice(running)
            victim.kill()
            victim.wait()
            running.remove(victim)
            running.append(start())
            killed += 1
            assert len(server.taken) < mails, "the kills came while mails were due"
        until(lambda: len({to for to, _raw in server.taken}) == mails, 180)
        until(lambda: site.rows(UNSENT) == [(0,)])
    got = Counter(to for to, _raw in server.taken)
    names = Counter(message["Message-ID"] for _to, message in server.messages)
    doubled = got.total() - mails
    assert len(got) == len(names) == mails, "a doubled mail has the name of the first"
    interrupted = int(site.shell(INTERRUPTED))
    assert interrupted, "kills met workers that were sending"
    # Each kill can at most double what its two threads had just handed over.
    assert doubled <= 2 * killed
    record_property("mails doubled", doubled)
    print(f"{mails} mails, {killed} kills with -9: {interrupted} interrupted, {doubled} doubled")


@pytest.mark.long("the trial with kills shows it too, but for what a kill may double")
@pytest.mark.parametrize("data", ["sqlite"], indirect=True)
def test_without_kills_each_address_gets_its_mail_once(site, server, tmp_path):
    mails = MAILS
    with workers(site, tmp_path, 2):
        until(lambda: len(server.taken) >= mails, 120)
        until(lambda: site.rows(UNSENT) == [(0,)])
    assert Counter(Counter(to for to, _raw in server.taken).values()) == {1: mails}
