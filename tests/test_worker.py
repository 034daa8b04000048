"""Real workers: started by `serve`, killed at random, several on the same jobs."""

import contextlib
import json
import os
import random
import re
import signal
import time
from collections import Counter
from pathlib import Path

import prepared
import pytest
from backups import site_in
from server import PATIENCE
from trial_jobs import meet, note
from trials import FULL, in_full
from warm import Process

pytestmark = pytest.mark.server

WORKERS = in_full(3, 2)
TRIAL = {"PYTHONPATH": str(Path(__file__).parent / "support")}
KILLS, JOBS, LONG = 20, 600, 0.1


def until(done, seconds=PATIENCE):
    """Poll until `done()` gives something, and return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := done():
            return found
        time.sleep(0.02)
    pytest.fail(f"It did not come to pass in {seconds} seconds.")


def run(site, code):
    """Run this in a shell of the site's, with the trial jobs at hand; return what it prints."""
    return site.shell(f"from trial_jobs import *; {code}")


def statuses(site, log):
    """Return how many of the jobs that write to `log` have each status."""
    jobs = site.rows(
        "SELECT status, CAST(args_kwargs AS text) FROM django_tasks_database_dbtaskresult"
    )
    return Counter(status for status, given in jobs if json.loads(given)["args"][:1] == [str(log)])


def seen(log):
    """Return what the trial jobs wrote: what happened, to which job, in which process."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(what, int(number), int(pid)) for what, number, pid in map(str.split, lines)]


def children(pid):
    """Return the processes that this one forked."""
    with contextlib.suppress(FileNotFoundError):
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def lives(pid):
    """Tell whether it runs: not ended, nor ended with nobody to take note of it."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def hears(pid):
    """Tell whether it is so far that a signal to stop does not just end it."""
    caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())[1]
    return int(caught, 16) & 1 << signal.SIGTERM - 1


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A site's folder, shared by the tests of workers beside a server."""
    site = prepared.started(tmp_path_factory.mktemp("site"), **TRIAL)
    yield site
    if site.runs():
        site.stop(signal.SIGTERM)


@pytest.fixture
def site(home):
    """A site that runs, with a worker; it goes on, unless the test stops it."""
    if not home.runs():
        home.start()
    return home


@pytest.fixture
def _unblocked(django_db_blocker):
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def log(tmp_path):
    return tmp_path / "seen"


def worker_of(site, log, job="note"):
    """Have a job begun, and return the process that does it."""
    run(site, f"{job}.enqueue({str(log)!r}, 1)")
    return until(lambda: seen(log))[0][2]


# --- Beside the server ------------------------------------------------------------------------


def test_serve_runs_jobs_in_a_separate_process(site, log):
    worker = worker_of(site, log)
    web_or_keeper = children(site.server.pid)
    assert worker not in [site.server.pid, *web_or_keeper]
    assert worker in [pid for child in web_or_keeper for pid in children(child)]


def test_a_job_whose_transaction_is_rolled_back_never_runs(site, log):
    run(
        site,
        f"from django.db import transaction as t; t.set_autocommit(False); "
        f"note.enqueue({str(log)!r}, 1); t.rollback(); note.enqueue({str(log)!r}, 2); t.commit()",
    )
    until(lambda: len(seen(log)) == 2)
    assert [(what, number) for what, number, _pid in seen(log)] == [("start", 2), ("end", 2)]


def test_killed_worker_is_started_again(site, log):
    first = worker_of(site, log)
    os.kill(first, signal.SIGKILL)
    run(site, f"note.enqueue({str(log)!r}, 2)")
    until(lambda: ("end", 2) in [line[:2] for line in seen(log)])
    assert seen(log)[-1][2] != first


def test_ctrl_c_ends_serve_and_its_worker_after_the_running_job(site, log):
    worker = worker_of(site, log, "two_seconds")
    end = site.stop(signal.SIGINT)
    assert (end.code, "Traceback" in end.said) == (0, False)
    assert end.took < 10
    assert [what for what, *_ in seen(log)] == ["start", "end"]
    assert not lives(worker)
    assert statuses(site, log) == {"SUCCESSFUL": 1}


def test_at_stop_a_short_job_ends_and_a_long_one_goes_back_to_the_queue(site, log, tmp_path):
    long = tmp_path / "long"
    worker = worker_of(site, long, "until_told")
    assert worker_of(site, log, "two_seconds") == worker
    end = site.stop(signal.SIGTERM)
    assert (end.code, "Traceback" in end.said) == (0, False)
    assert end.took < 20
    assert not lives(worker)
    assert [what for what, *_ in seen(log)] == ["start", "end"]
    assert statuses(site, log) == {"SUCCESSFUL": 1}
    assert statuses(site, long) == {"READY": 1}
    long.with_suffix(".go").touch()


def test_serve_without_worker_leaves_jobs(home, log):
    if home.runs():
        home.stop(signal.SIGTERM)
    home.start("--no-worker")
    run(home, f"note.enqueue({str(log)!r}, 1)")
    assert len(children(home.server.pid)) == 1, "only the web server's"
    home.stop(signal.SIGTERM)
    assert statuses(home, log) == {"READY": 1}


# --- Workers of their own ---------------------------------------------------------------------


@contextlib.contextmanager
def workers(site, folder, count):
    """Run workers that notice a lost one in two seconds; give them, and what starts one more."""

    def start():
        command = site.command("worker", "--at-once=3", "--lease=2")
        with (folder / "workers").open("a") as said:
            return Process(**command, stdout=said, stderr=said)

    running = [start() for _ in range(count)]
    try:
        yield running, start
    finally:
        for worker in running:
            until(lambda it=worker: it.poll() is not None or hears(it.pid))
            worker.send_signal(signal.SIGINT)
        codes = [worker.wait(PATIENCE) for worker in running]
    assert codes == [0] * len(running)


@pytest.fixture(params=["sqlite", "postgresql"])
def data(request, tmp_path):
    """A site's data, on either database, and nothing that runs there."""
    return prepared.migrated(tmp_path, request.param, **TRIAL)


def enqueue(site, log, jobs, job, *given):
    if "DATABASE_URL" in site.settings:
        each = f"{job.name}.enqueue({str(log)!r}, n, *{given})"
        run(site, f"[{each} for n in range({jobs})]")
        return
    with site_in(site.data):
        for number in range(jobs):
            job.enqueue(str(log), number, *given)


def share(count, of=2):
    """Return how many of these a trial takes: a fraction, or all of them in full."""
    return in_full(count, count // of)


def ended(log):
    return {number for what, number, _pid in seen(log) if what == "end"}


@pytest.mark.long
@pytest.mark.usefixtures("_unblocked")
def test_no_job_is_taken_twice_and_each_runs_though_workers_are_killed(data, tmp_path, log):
    short = tmp_path / "short"
    enqueue(data, short, share(JOBS, of=10), meet)
    with workers(data, tmp_path, WORKERS) as (running, start):
        check_several_never_take_the_same_job(data, short)
        killed = kill_some(data, log, running, start)
        until(lambda: len(ended(log)) == share(JOBS, of=12), 3 * PATIENCE)
        until(lambda: statuses(data, log) == {"SUCCESSFUL": share(JOBS, of=12)})
    starts = Counter(number for what, number, _pid in seen(log) if what == "start")
    ends = Counter(number for what, number, _pid in seen(log) if what == "end")
    assert len(killed) == share(KILLS, of=20)
    assert len(starts) == len(ends) == share(JOBS, of=12)
    # Only what ran in a killed worker, two of one task at a time, ran again.
    again, done_twice = (count.total() - share(JOBS, of=12) for count in (starts, ends))
    # Few kills may all come between two jobs.
    assert in_full(1, 0) <= again <= 2 * len(killed)
    print(f"{len(killed)} kills: {again} started again, {done_twice} done twice")


def check_several_never_take_the_same_job(site, log):
    jobs = share(JOBS, of=10)
    until(lambda: len(ended(log)) == jobs)
    until(lambda: statuses(site, log) == {"SUCCESSFUL": jobs})
    assert Counter(what for what, *_ in seen(log)) == {"start": jobs, "end": jobs}
    assert len({pid for *_, pid in seen(log)}) > 1


def kill_some(site, log, running, start):
    """Kill one worker after the other amid their jobs; return the numbers of these processes."""
    killed = set()
    enqueue(site, log, share(JOBS, of=12), note, LONG)

    def at_work():
        ran = {pid for *_, pid in seen(log)} - killed
        return [worker for worker in running if worker.pid in ran]

    for _ in range(share(KILLS, of=20)):
        victim = random.choice(until(at_work))
        time.sleep(random.uniform(0, 8 * LONG))
        victim.kill()
        victim.wait()
        killed.add(victim.pid)
        running.remove(victim)
        if FULL:
            running.append(start())
    return killed
