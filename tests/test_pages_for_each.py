"""Nobody gets another person's page or an old one: random visits, compared with a model.

Over HTTP, to a server of several processes, each with pages of its own in memory.
"""

import re
import signal
import uuid

import prepared
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from reading import Browser, fetch
from trials import in_full

pytestmark = pytest.mark.server

VISITS, STEPS = in_full((60, 60), (3, 30))
# Of the server.
PROCESSES = in_full(3, 2)
MARK = re.compile(r"mark-[0-9a-f]{12}")
# Each is read over this many new connections, to meet every process.
LOOKS = in_full(6, 4)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    taken = {
        "COMMENT_POLICY": "hold-all",
        "COMMENT_SPAM_ABOVE": "100",
        "COMMENT_RATE_PER_NETWORK": "none",
        "COMMENT_RATE_SITE": "none",
    }
    site = prepared.started(tmp_path_factory.mktemp("site"), **taken)
    site.start("--workers", str(PROCESSES))
    yield site
    site.stop(signal.SIGTERM)


def new_essays(site, count):
    """Add essays and return their addresses."""
    return site.shell(
        "from uuid import uuid4; from django.utils import timezone\n"
        f"for number in range({count}):\n"
        "    post = Post(title=f'Essay {number}', slug=f'e-{uuid4().hex}',"
        " body='x', author=Post.objects.first().author, published_at=timezone.now())\n"
        "    post.save()\n"
        "    print(post.get_absolute_url())",
    ).split()


def test_every_process_shows_what_was_approved_and_nothing_taken_away(site):
    (path,), mark = new_essays(site, 1), f"mark-{uuid.uuid4().hex[:12]}"
    answer = Browser(site).write(path, f"I say {mark} to that.")
    number = int(re.search(r"#c(\d+)$", answer.headers["Location"])[1])
    staff = Browser(site)
    staff.sign_in()
    seen = []
    for verb, was in ((None, ""), ("approve", "pending"), ("trash", "approved")):
        if verb:
            staff.press(verb, number, was, mark)
        seen.append({mark in fetch(site.url + path).text for _ in range(LOOKS)})
    assert seen == [{False}, {True}, {False}]


@pytest.mark.long
def test_nobody_gets_a_strangers_page_or_an_old_one(site):
    essays = new_essays(site, 3 * VISITS)

    class Visits(RuleBasedStateMachine):
        """What the site should hold, and what each browser should see of it."""

        waiting, public = Bundle("waiting"), Bundle("public")

        @initialize()
        def begin(self):
            self.path = essays.pop() if essays else new_essays(site, 1)[0]
            self.approved, self.own = set(), [set(), set()]
            self.readers = [Browser(site), Browser(site)]
            self.staff = Browser(site)
            self.staff_in = False

        # --- Reading

        @rule()
        def a_stranger_reads(self):
            for _ in range(LOOKS):
                answer = fetch(site.url + self.path)
                self.sees(answer, self.approved)
                assert not answer.headers.get("Set-Cookie")
                assert "csrfmiddlewaretoken" not in answer.text

        @rule(who=st.sampled_from([0, 1]))
        def a_writer_reads(self, who):
            for _ in range(LOOKS):
                answer = self.readers[who].ask(self.path)
                self.sees(answer, self.approved | self.own[who])

        @rule()
        def staff_read(self):
            for _ in range(LOOKS):
                answer = self.staff.ask(self.path)
                self.sees(answer, self.approved)
                assert ("csrfmiddlewaretoken" in answer.text) == self.staff_in

        def sees(self, answer, marks):
            assert answer.status == 200
            assert set(MARK.findall(answer.text)) == marks

        # --- Writing and judging

        @rule(target=waiting, who=st.sampled_from([0, 1]))
        def one_writes(self, who):
            mark = f"mark-{uuid.uuid4().hex[:12]}"
            answer = self.readers[who].write(self.path, f"I say {mark} to that.")
            assert answer.status == 303
            self.own[who].add(mark)
            return mark, int(re.search(r"#c(\d+)$", answer.headers["Location"])[1]), who

        @rule(target=waiting, comment=consumes(waiting))
        def one_mends_what_waits(self, comment):
            mark, number, who = comment
            new = f"mark-{uuid.uuid4().hex[:12]}"
            page = f"/comments/{number}/edit/"
            token = re.search(r'name="token" value="([^"]*)"', self.readers[who].ask(page).text)[1]
            given = {"token": token, "name": "Lou Barba", "body": f"Rather {new}."}
            assert self.readers[who].ask(page, given).status == 303
            self.own[who] ^= {mark, new}
            return new, number, who

        @precondition(lambda self: self.staff_in)
        @rule(target=public, comment=consumes(waiting))
        def staff_approve(self, comment):
            mark, number, who = comment
            self.staff.press("approve", number, "pending", mark)
            self.own[who].remove(mark)
            self.approved.add(mark)
            self.a_stranger_reads()
            return comment

        @precondition(lambda self: self.staff_in)
        @rule(comment=consumes(public), verb=st.sampled_from(["trash", "spam"]))
        def staff_take_away(self, comment, verb):
            mark, number, who = comment
            self.staff.press(verb, number, "approved", mark)
            self.approved.remove(mark)
            # Spam gets the same answer as other comments.
            self.own[who] |= {mark} if verb == "spam" else set()
            self.a_stranger_reads()

        @rule()
        def staff_sign_in(self):
            if not self.staff_in:
                self.staff.sign_in()
                self.staff_in = True

        @rule()
        def staff_sign_out(self):
            if self.staff_in:
                self.staff.sign_out()
                self.staff_in = False

    run_state_machine_as_test(
        Visits,
        settings=settings(
            max_examples=VISITS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
