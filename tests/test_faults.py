"""Parts of a site are killed, hang or fill up under mixed load.

Nothing that was confirmed is lost or doubled, readers get their pages from memory, and the site
recovers by itself.

The suite has some 20 seconds of faults for each database, in an order of its own each time; in full
it is ten minutes, with outages longer than any page is kept. POSTIL_SECONDS makes it another time,
and `-s` shows the figures.
"""

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from pathlib import Path

import faults
import postgres
import prepared
import pytest
import reading
from faults import children
from load import ESSAY, Load, p99
from reading import fetch
from server import SET_PASSWORD
from test_killed_while_posting import on_pages
from test_worker import until
from trials import FULL, in_full

pytestmark = pytest.mark.server

SECONDS = float(os.environ.get("POSTIL_SECONDS", in_full("600", "20")))
# Seconds an outage lasts, once longer than pages.policy.MAX_AGE and else, and the calm after each.
LONG, SHORT, CALM = (75, 4, 3) if FULL else (3.5, 1.5, 0.3)
# Seconds until a process sees that its database hangs: listener.LOOK, ANSWER, and one to spare.
UNSEEN = 4
# Reads after which each of three pages surely came from each of two processes.
READ_BY_ALL = 100
# Seconds in which everything has to work again.
HEALS = 20


class Trial:
    """A site, what it stands on, the load, and what was seen."""

    def __init__(self, folder, database):
        self.database = database
        self.figures, self.heals, self.faults, self.starts = [], {}, Counter(), 0
        self.log = ""
        self.disk = None if faults.why_no_disk() else faults.Disk(folder)
        home = self.disk.place if self.disk else folder
        self.site = prepared.started(
            home,
            COMMENT_POLICY="hold-all",
            COMMENT_RATE_PER_NETWORK="none",
            COMMENT_RATE_SITE="none",
            LOGIN_RATE_PER_ACCOUNT="none",
            LOGIN_RATE_PER_NETWORK="none",
        )
        self.site.log = folder / "log"
        if self.disk:
            self.disk.keep()
        self.mail = faults.Mail()
        self.site.settings["EMAIL_URL"] = f"smtp://127.0.0.1:{self.mail.port}"
        self.redis = faults.Redis(folder) if shutil.which("redis-server") else None
        if self.redis:
            self.site.settings["CACHE_URL"] = f"rediscache://127.0.0.1:{self.redis.port}/1"
        self.clock = faults.Clock(folder) if shutil.which("cc") else None
        if self.clock:
            self.site.settings |= self.clock.variables()
        self.cluster = None
        if database == "postgresql":
            self.cluster = faults.Cluster()
            self.site.settings["DATABASE_URL"] = self.cluster.url
        self.load = Load(self.site, rest=in_full(0.05, 0.2))

    def start(self):
        self.site.start("--workers", "2")
        if self.cluster and not self.starts:  # its database does not come from `prepared`
            subprocess.run(**self.site.command("shell", "-c", SET_PASSWORD), check=True)
        self.starts += 1

    def start_again(self):
        self.log += self.site.log.read_text()
        self.start()

    def close(self):
        with contextlib.ExitStack() as each:  # whichever of them fails
            if self.disk:
                each.callback(self.disk.unmount)
            if self.cluster:
                each.callback(self.cluster.stop)
            if self.redis:
                each.callback(self.redis.go)
            each.callback(self.mail.go)
            if self.site.server.poll() is None:
                each.callback(self.site.kill)

    # --- Processes --------------------------------------------------------------------------------

    @property
    def keeper(self):
        """The child that keeps the worker, which is the only one with children."""
        return until(lambda: next((p for p in children(self.site.server.pid) if children(p)), None))

    @property
    def worker(self):
        return until(lambda: children(self.keeper))[0]

    @property
    def web(self):
        return [p for p in children(self.site.server.pid) if p != self.keeper]

    # --- Faults -----------------------------------------------------------------------------------

    def during(self, name, seconds, do, undo, calm=True):
        """Have the fault for so long; note how readers fared, and how soon all works after."""
        self.faults[name] += 1
        do()
        began = time.monotonic()
        time.sleep(seconds)
        ended = time.monotonic()
        undo()
        took = faults.settle(self.works, HEALS)
        self.heals[name] = max(took, self.heals.get(name, 0))
        time.sleep(CALM if calm else 0)
        return began, ended

    def works(self):
        """Whether a page that is never kept, and needs the database, is answered."""
        with contextlib.suppress(OSError):
            return fetch(f"{self.site.url}/search/?q=margin").status == 200

    def one_web_process_is_killed(self):
        self.during("web process killed", SHORT, lambda: faults.kill(self.web[0]), lambda: None)

    def the_worker_is_killed(self):
        self.during("worker killed", SHORT, lambda: faults.kill(self.worker), lambda: None)

    def its_keeper_is_killed(self):
        self.during("keeper killed", SHORT, lambda: faults.kill(self.keeper), lambda: None)

    def all_of_serve_is_killed(self):
        """The test starts it again, in place of systemd or Docker."""
        self.during("serve killed", 0, self.site.kill, self.start_again)

    def mail_is_gone(self):
        self.during("mail gone", SHORT, self.mail.go, self.mail.come)

    def redis_is_gone(self):
        if self.redis:
            self.during("Redis gone", SHORT, self.redis.go, self.redis.come)

    def the_clock_jumps(self):
        if self.clock:
            for ahead in (3600, -3600, 0):
                self.clock.set(ahead)
                self.during("clock jumps", SHORT, lambda: None, lambda: None)

    def the_disk_is_full(self):
        if self.disk:
            self.outage("disk full", SHORT, self.disk.fill, self.disk.empty)

    def the_disk_is_read_only(self):
        if self.disk:
            self.outage("disk read-only", SHORT, self.disk.break_down, self.repair)

    def repair(self):
        self.site.kill()
        self.disk.repair()
        self.start_again()

    def postgresql_is_killed(self, seconds=SHORT):
        if self.cluster:
            self.outage("PostgreSQL killed", seconds, self.cluster.kill, self.cluster.bring_up)

    def postgresql_hangs(self, seconds=SHORT):
        if self.cluster:
            hang, go_on = self.cluster.hang, self.cluster.go_on
            self.outage("PostgreSQL hangs", max(seconds, 2 * UNSEEN), hang, go_on, unseen=UNSEEN)

    def outage(self, name, seconds, do, undo, unseen=0):
        """A fault in which pages in memory keep coming: so they have to be there before it.

        In the `unseen` first seconds, until it is found out, they may come late.
        """
        worker = self.worker
        with self.load.pause():
            self.warm()
            took = faults.processor_seconds(worker)
            do()
        seen = []

        def end():
            seen.append(faults.processor_seconds(worker) - took)
            undo()

        began, ended = self.during(name, seconds, lambda: None, end)
        reads = [read for read in self.load.reads if began <= read[0] and read[0] + read[3] < ended]
        wrong = [read for read in reads if read[2] != 200]
        late = [read[3] for read in reads if read[0] < began + unseen]
        known = [read[3] for read in reads if read[0] >= began + unseen]
        self.figures.append(
            f"{name}, {ended - began:.0f} s: {len(reads)} pages from memory, {len(wrong)} not, "
            f"p99 {p99(known) * 1000:.0f} ms, slowest {max(known, default=0) * 1000:.0f} ms, "
            f"in the first {unseen} s {max(late, default=0) * 1000:.0f} ms; "
            f"the worker took {seen[0]:.2f} s of a processor"
        )
        assert known, name
        assert wrong == [], name
        assert seen[0] < 0.3 * seconds + 0.5, "a worker that waits does not spin"

    def warm(self):
        """Wait until no page changes any more and readers had each one since, from each process."""
        number, reads = Path(self.site.data / "pages"), self.load.reads
        rest, self.load.rest = self.load.rest, 0.02
        still, had = time.monotonic(), len(reads)
        before = number.read_bytes()
        while time.monotonic() < still + 1.2 or len(reads) < had + READ_BY_ALL:
            time.sleep(0.02)
            if (now := number.read_bytes()) != before:
                before, still, had = now, time.monotonic(), len(reads)
        self.load.rest = rest

    # --- In the end -------------------------------------------------------------------------------

    def everything(self):
        every = [
            self.one_web_process_is_killed,
            self.the_worker_is_killed,
            self.its_keeper_is_killed,
            self.the_disk_is_full,
            self.the_disk_is_read_only,
            self.mail_is_gone,
            self.redis_is_gone,
            self.the_clock_jumps,
        ]
        # A start costs most of all, and a disk that is repaired brings one already.
        if FULL or not self.disk:
            every.append(self.all_of_serve_is_killed)
        if FULL:
            every += [self.postgresql_is_killed, self.postgresql_hangs]
        return every

    def run(self):
        """Go through all faults, in another order each time, for so long; return the seconds."""
        began = time.monotonic()
        self.postgresql_is_killed(LONG)
        self.postgresql_hangs(LONG)
        left = []
        while time.monotonic() - began < SECONDS or (FULL and left):
            # By the seed of the run, which pytest prints.
            left = left or random.sample(every := self.everything(), len(every))
            left.pop()()
        return time.monotonic() - began


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_faults_lose_or_double_nothing_that_was_answered(tmp_path, database, monkeypatch):
    monkeypatch.setattr(reading, "PATIENCE", HEALS)
    if database == "postgresql":
        pytest.importorskip("psycopg")
        if not postgres.find_initdb():
            pytest.skip("no PostgreSQL server is installed")
    trial = Trial(tmp_path, database)
    try:
        trial.start()
        trial.load.start()
        try:
            took = trial.run()
        finally:
            trial.load.stop()
        judge(trial, took)
    finally:
        print(trial.log[-2000:], trial.site.log.read_text()[-3000:])
        trial.close()


def judge(trial, took):
    load, site = trial.load, trial.site
    said = {words for words, answered in load.comments.items() if answered}
    rows = site.rows("SELECT id, body, status FROM comments_comment WHERE kind = 'comment'")
    times = Counter(body for _id, body, _status in rows)
    # Of mentions too, which the demo brings.
    status = dict(site.rows("SELECT id, status FROM comments_comment"))
    events = Counter(
        number
        for (number,) in site.rows(
            "SELECT comment_id FROM comments_moderationevent WHERE action IN ('approve', 'spam')"
        )
    )
    titles = Counter(title for (title,) in site.rows("SELECT title FROM posts_post"))
    lost = [words for words in said if times[words] == 0]
    lost += [title for title in load.essays if titles[title] == 0]
    lost += [number for number, judged in load.decisions.items() if status.get(number) != judged]
    doubled = [words for words in said if times[words] > 1]
    doubled += [title for title in load.tried if titles[title] > 1]
    doubled += [number for number in load.decisions if events[number] > 1]
    everywhere = [read[3] for read in load.reads]
    failed = Counter(read[2] for read in load.reads)
    log = trial.log + site.log.read_text()
    print(
        f"{trial.database}: {took:.0f} s, {trial.faults.total()} faults: {dict(trial.faults)}; "
        f"{len(said)} comments, {len(load.decisions)} decisions, {len(load.essays)} essays "
        f"acknowledged; {len(lost)} lost, {len(doubled)} doubled; {load.kept} texts given back; "
        f"{len(everywhere)} reads {dict(failed)}, p99 {p99(everywhere) * 1000:.0f} ms; "
        f"{len(log.splitlines())} lines of log; answers {dict(load.answers)}"
    )
    heals = ", ".join(f"{name} {took:.1f} s" for name, took in trial.heals.items())
    print(f"{len(load.hung)} gave up waiting after {HEALS} s; all works again within: {heals}")
    print(*trial.figures, sep="\n")
    assert load.trouble == []
    assert (lost, doubled, load.lost_words) == ([], [], [])
    assert said
    assert load.decisions
    assert load.essays
    if trial.database == "sqlite":
        with contextlib.closing(sqlite3.connect(site.data / "postil.sqlite3")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    # The worker is at work: what waits for it is done, or waits for the mail server to be tried.
    until(lambda: not site.rows(UNDONE), 90)
    assert site.rows(FAILED) == []
    shown = until(lambda: sorted(on_pages(site)) == approved(site) and on_pages(site), 30)
    assert len(shown) == len(set(shown))
    promised = {to for (to,) in site.rows("SELECT email FROM comments_mailaddress")}
    assert load.wants_mail <= promised
    # What a moderator took for spam before its letter was written gets none.
    spam = site.rows("SELECT email FROM comments_comment WHERE status = 'spam'")
    written = {to for (to,) in site.rows('SELECT "to" FROM comments_mail')}
    assert load.wants_mail - {to for (to,) in spam} <= written
    for title in load.essays:
        path = f"/2026/03/{title.removesuffix(' of the trial').replace(' ', '-').lower()}/"
        assert site.ask("GET", path)[0] == 200
    assert len(log.splitlines()) < 40 * (trial.faults.total() + 1), "nor is the log filled"


UNDONE = """
SELECT task_path FROM django_tasks_database_dbtaskresult
WHERE status IN ('READY', 'RUNNING') AND task_path NOT LIKE '%tasks.send_mail'
"""
FAILED = "SELECT task_path FROM django_tasks_database_dbtaskresult WHERE status = 'FAILED'"


def approved(site):
    essay = ESSAY.strip("/")
    found = site.rows(
        "SELECT c.id FROM comments_comment c JOIN posts_post p ON p.id = c.post_id "
        f"WHERE c.kind = 'comment' AND c.status = 'approved' AND p.path = '{essay}'"
    )
    return sorted(number for (number,) in found)
