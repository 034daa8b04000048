"""Real workers: beside a real `serve`, killed at random, and several at the same jobs."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import postgres
import pytest
from server import PATIENCE, Site

pytestmark = pytest.mark.xdist_group("serve")

TRIAL = {"PYTHONPATH": str(Path(__file__).parent)}
KILLS, JOBS, LONG = 20, 250, 0.25


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
    command = site.command("shell", "--verbosity=0", "-c", f"from trial_jobs import *; {code}")
    return subprocess.run(**command, check=True, capture_output=True, text=True).stdout.strip()


def statuses(site):
    """Return how many jobs there are of each status, but for the scheduled ones."""
    kept = "Job.objects.exclude(task_path__endswith='run_command').values_list('status', flat=True)"
    said = run(site, f"from blog.jobs.models import Job; print(*{kept})")
    return Counter(said.split())


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


@pytest.fixture
def site(tmp_path):
    """A site that runs, with a worker; killed in the end if the test did not stop it."""
    site = Site(tmp_path, **TRIAL)
    site.start()
    yield site
    if site.server.poll() is None:
        site.stop(signal.SIGTERM)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "seen"


def worker_of(site, log, seconds=0):
    """Have a job done, and return the process that does it."""
    run(site, f"note.enqueue({str(log)!r}, 1, {seconds})")
    return until(lambda: seen(log))[0][2]


# --- Beside the server ------------------------------------------------------------------------


def test_serve_does_jobs_in_a_process_of_its_own(site, log):
    run(site, f"[nap.enqueue({str(log)!r}, n, 60) for n in range(9)]")
    worker = worker_of(site, log)
    until(lambda: [number for what, number, _pid in seen(log) if what == "end"] == [1])
    assert worker != site.server.pid


def test_it_starts_a_worker_again_that_was_killed(site, log):
    first = worker_of(site, log)
    os.kill(first, signal.SIGKILL)
    run(site, f"note.enqueue({str(log)!r}, 2)")
    until(lambda: ("end", 2) in [line[:2] for line in seen(log)])
    assert seen(log)[-1][2] != first


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_its_worker_once_the_running_job_is_done(site, log, how):
    worker = worker_of(site, log, seconds=2)
    end = site.stop(how)
    assert (end.code, "Traceback" in end.said) == (0, False)
    assert [what for what, *_ in seen(log)] == ["start", "end"]
    assert not lives(worker)
    assert statuses(site) == {"SUCCESSFUL": 1}


def test_a_job_too_long_to_wait_for_goes_back_into_the_queue(site, log):
    worker = worker_of(site, log, seconds=600)
    end = site.stop(signal.SIGTERM)
    assert end.code == 0
    assert end.took < 20
    assert not lives(worker)
    assert statuses(site) == {"READY": 1}


def test_no_worker_outlives_a_server_that_was_killed(site, log):
    worker = worker_of(site, log)
    site.stop(signal.SIGKILL)
    until(lambda: not lives(worker))


def test_serve_leaves_jobs_to_others_when_told(tmp_path, log):
    site = Site(tmp_path, **TRIAL)
    site.start("--no-worker")
    run(site, f"note.enqueue({str(log)!r}, 1)")
    assert len(children(site.server.pid)) == 1, "only the web server's"
    with workers(site, tmp_path, 1):
        until(lambda: len(seen(log)) == 2)
    site.stop(signal.SIGTERM)


# --- Workers of their own ---------------------------------------------------------------------


@contextlib.contextmanager
def workers(site, folder, count):
    """Run workers that notice a lost one in two seconds; give a list of them, and what starts one more."""

    def start():
        command = site.command("worker", "--at-once=2", "--lease=2")
        with (folder / "workers").open("a") as said:
            return subprocess.Popen(**command, stdout=said, stderr=said)

    running = [start() for _ in range(count)]
    yield running, start
    for worker in running:
        worker.send_signal(signal.SIGINT)
    assert [worker.wait(PATIENCE) for worker in running] == [0] * len(running)


@pytest.fixture(params=["sqlite", "postgresql"])
def data(request, tmp_path):
    """A site's data, on either database, and nothing that runs there."""
    with ExitStack() as stack:
        settings = dict(TRIAL)
        if request.param == "postgresql":
            if not postgres.find_initdb():
                pytest.skip("no PostgreSQL server is installed")
            settings["DATABASE_URL"] = stack.enter_context(postgres.cluster())
        site = Site(tmp_path, **settings)
        subprocess.run(**site.command("migrate", "--verbosity=0"), check=True)
        yield site


def enqueue(site, log, seconds):
    run(site, f"[note.enqueue({str(log)!r}, n, {seconds}) for n in range({JOBS})]")


def ended(log):
    return {number for what, number, _pid in seen(log) if what == "end"}


def test_several_workers_never_take_the_same_job(data, tmp_path, log):
    enqueue(data, log, 0)
    with workers(data, tmp_path, 3):
        until(lambda: len(ended(log)) == JOBS)
    assert Counter(what for what, *_ in seen(log)) == {"start": JOBS, "end": JOBS}
    assert len({pid for *_, pid in seen(log)}) > 1
    assert statuses(data) == {"SUCCESSFUL": JOBS}


def test_every_job_is_done_though_its_worker_is_killed(data, tmp_path, log, record_property):
    enqueue(data, log, LONG)
    killed = set()
    with workers(data, tmp_path, 3) as (running, start):

        def at_work():
            ran = {pid for *_, pid in seen(log)} - killed
            return [worker for worker in running if worker.pid in ran]

        for _ in range(KILLS):
            victim = random.choice(until(at_work))
            time.sleep(random.uniform(0, LONG))
            victim.kill()
            victim.wait()
            killed.add(victim.pid)
            running.remove(victim)
            running.append(start())
        until(lambda: len(ended(log)) == JOBS, 3 * PATIENCE)
        until(lambda: statuses(data) == {"SUCCESSFUL": JOBS})
    starts = Counter(number for what, number, _pid in seen(log) if what == "start")
    ends = Counter(number for what, number, _pid in seen(log) if what == "end")
    assert len(killed) == KILLS
    assert len(starts) == len(ends) == JOBS
    # Only what ran in a killed worker, two at a time, ran again.
    again, done_twice = starts.total() - JOBS, ends.total() - JOBS
    assert 0 < again <= 2 * KILLS
    record_property("started again, done twice", (again, done_twice))
    print(f"{KILLS} kills: {again} started again, {done_twice} done twice")
