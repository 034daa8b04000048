"""The worker: takes jobs as they fall due and runs a few at once, until a signal to stop.

django-tasks-db brings a worker, which runs one job at a time, tries none twice, and leaves the
job it is killed in as running for ever (its issue 46). So this one is ours, on its rows.
"""

import contextlib
import logging
import os
import queue
import signal
import socket
import threading
import time
from collections import Counter
from datetime import timedelta

from django.db import Error, connections
from django.utils import timezone, translation

from blog.jobs.alive import running
from blog.jobs.models import BEAT, LEASE, Job, Sign
from blog.jobs.tasks import enqueue_scheduled
from blog.lib.base_path import use_base_path
from blog.lib.database import leave_lock_to_others
from blog.lib.languages import site_language
from blog.lib.logs import working_on

# How often it looks for jobs, and for lost jobs and scheduled ones, in seconds.
LOOK, LOOK_AROUND = 1, 15
# What a stopping worker leaves its jobs to end in, in seconds.
GRACE = 10
# A job that takes longer hangs, unless it gives signs of life meanwhile (alive.py). A thread cannot
# be ended: the worker ends itself.
LONGEST = timedelta(minutes=10)

logger = logging.getLogger(__name__)


class Worker:
    """Runs up to `at_once` jobs, each in a thread; at most all but one of the same task.

    So whatever else waits, mail or learning or fetching, always finds a thread that no flood of
    others fills. With `parent`, it stops when its parent process is another.
    """

    def __init__(self, at_once=3, lease=LEASE, parent=None):
        self.at_once, self.lease, self.parent = at_once, lease, parent
        self.name = f"{socket.gethostname()[:50]}:{os.getpid()}"
        self.running = {}
        # Threads say here which job they ended; a signal says None. Unlike an Event it may be
        # used in a signal handler.
        self.news = queue.SimpleQueue()
        self.stopping = self.hangs = self.out_of_touch = False
        self.looked_around = self.renewed = self.beaten = self.ahead = float("-inf")

    def run(self):
        """Work until SIGTERM or SIGINT; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        leave_lock_to_others()
        while not self.stopping and self.parent in (None, os.getppid()):
            with self.patience():
                self.renew()
                self.beat()
                self.look_around()
                self.take_jobs()
            self.wait(LOOK)
        deadline = time.monotonic() + (0 if self.hangs else GRACE)
        while self.running and time.monotonic() < deadline:
            with self.patience():
                self.renew()
            self.wait(0.1)
        with self.patience():
            for job in self.running.values():
                job.give_back(timezone.now())
        return int(self.hangs)

    def stop(self, *_signal):
        self.stopping = True
        self.news.put(None)

    @contextlib.contextmanager
    def patience(self):
        """Outlast a database that is away or busy: connect again at the next look."""
        try:
            yield
        except Error as error:
            if not self.out_of_touch:  # said once, however long it lasts
                logger.warning("The database could not be asked: %s", " ".join(str(error).split()))
            self.out_of_touch = True
            connections.close_all()
        else:
            if self.out_of_touch:
                logger.warning("The database could be asked again.")
            self.out_of_touch = False

    def wait(self, seconds):
        """Wait until a job ends or a signal to stop comes, at most so long."""
        with contextlib.suppress(queue.Empty):
            self.running.pop(self.news.get(timeout=seconds), None)

    def take_jobs(self):
        while len(self.running) < self.at_once and not self.stopping:
            kinds = Counter(job.task_path for job in self.running.values())
            full = [kind for kind, count in kinds.items() if count >= self.at_once - 1]
            job = Job.objects.claim(self.name, timezone.now(), self.lease, full)
            if not job:
                return
            job.taken_at = time.monotonic()
            self.running[job.pk] = job
            threading.Thread(target=self.perform, args=[job], daemon=True).start()

    def perform(self, job):
        with working_on("job", str(job.pk)), running(job):
            translation.activate(site_language())
            use_base_path()
            try:
                job.perform(timezone.now)
            except Error as error:
                # It stays running until its lease is over, and is then run again.
                said = " ".join(str(error).split())
                logger.warning("What came of %s could not be recorded: %s", job.task_path, said)
            finally:
                connections.close_all()
                self.news.put(job.pk)

    def renew(self):
        """Keep what runs, at a third of the lease, and at once when the clock was set."""
        third, ahead = self.lease.total_seconds() / 3, time.time() - time.monotonic()
        if time.monotonic() < self.renewed + third and abs(ahead - self.ahead) < third:
            return
        self.ahead = ahead
        for job in list(self.running.values()):
            now = timezone.now()
            # Not by the clock on the wall, which may be set meanwhile.
            if time.monotonic() - job.taken_at < LONGEST.total_seconds():
                job.renew(now, self.lease)
            else:
                job.put_off(TimeoutError(f"It took longer than {LONGEST}."), now)
                del self.running[job.pk]
                self.stopping = self.hangs = True
        self.renewed = time.monotonic()

    def beat(self):
        """Say that it lives; a database that is asked for nothing else is written to by this."""
        if time.monotonic() < self.beaten + BEAT.total_seconds():
            return
        Sign.objects.give(Sign.WORKER, timezone.now())
        self.beaten = time.monotonic()

    def look_around(self):
        """Take back what other workers lost, and see what the clock brings."""
        if time.monotonic() < self.looked_around + min(LOOK_AROUND, self.lease.total_seconds() / 2):
            return
        now = timezone.now()
        Job.objects.take_back_lost(now, self.lease)
        enqueue_scheduled(now)
        self.looked_around = time.monotonic()
