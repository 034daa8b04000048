"""Jobs: enqueued with a transaction, retried, returned by stopped workers, scheduled daily."""

import shlex
import time
from datetime import timedelta

import pytest
from conftest import on
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import get_commands
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.base import Task
from django_tasks_db.models import get_date_max
from trial_jobs import fail, note, two_seconds, which_attempt

from blog.jobs.models import ATTEMPTS, BACK_OFF, LEASE, Job
from blog.jobs.moved import MOVED
from blog.jobs.tasks import enqueue_scheduled, run_command
from blog.jobs.worker import LONGEST, Worker
from comments.models import Comment

pytestmark = pytest.mark.django_db

NOON = on(2040)
MOMENT = timedelta(seconds=1)


def take(now=NOON, worker="harrow", **how):
    return Job.objects.claim(worker, now, **how)


def run_due_jobs(now=NOON):
    """Do all that is due."""
    while job := take(now):
        job.perform(lambda: now)


def the_job():
    return Job.objects.get()


def test_job_runs_once_and_its_result_is_kept(tmp_path):
    note.enqueue(str(tmp_path / "log"), 7)
    run_due_jobs()
    run_due_jobs()
    assert (tmp_path / "log").read_text().count("start 7") == 1
    job = the_job()
    assert (job.status, job.finished_at, job.attempts) == ("SUCCESSFUL", NOON, 1)


def test_rolled_back_transaction_drops_its_job(tmp_path):
    with transaction.atomic():
        note.enqueue(str(tmp_path / "log"), 7)
        assert Job.objects.exists()
        transaction.set_rollback(True)
    assert take() is None


def test_job_runs_at_its_time():
    later = fail.using(run_after=NOON + timedelta(hours=1)).enqueue()
    assert take(NOON + timedelta(minutes=59)) is None
    assert str(take(NOON + timedelta(minutes=61)).pk) == later.id


def test_urgent_jobs_run_first_then_the_oldest():
    first, second = fail.enqueue(), fail.enqueue()
    pressing = fail.using(priority=10).enqueue()
    assert [str(take().pk) for _ in range(3)] == [pressing.id, first.id, second.id]


def test_failed_job_is_retried_later_and_later():
    fail.enqueue()
    now, rests = NOON, []
    for _ in BACK_OFF:
        run_due_jobs(now)
        job = the_job()
        assert job.status == "READY"
        rests.append(job.run_after - now)
        assert take(job.run_after - MOMENT) is None
        now = job.run_after
    assert [rest.total_seconds() / 60 for rest in rests] == [1, 5, 30, 120, 720]
    run_due_jobs(now)
    job = the_job()
    assert (job.status, job.attempts, job.finished_at) == ("FAILED", ATTEMPTS, now)
    assert job.traceback.endswith("ConnectionRefusedError: lou@example.org is not at home\n")
    assert take(now + timedelta(days=365)) is None


def test_the_log_says_what_failed_and_nobodys_address(caplog):
    fail.enqueue()
    run_due_jobs()
    assert caplog.messages == [
        "trial_jobs.fail failed with ConnectionRefusedError, attempt 1 of 6."
    ]


def test_job_of_a_removed_task_fails():
    fail.enqueue()
    Job.objects.update(task_path="trial_jobs.was_removed")
    run_due_jobs()
    assert (the_job().status, the_job().attempts) == ("READY", 1)


@pytest.mark.parametrize("moved", MOVED.values())
def test_a_moved_task_is_where_the_table_says(moved):
    assert isinstance(import_string(moved), Task)


def test_waiting_job_runs_after_its_task_moved(tmp_path, monkeypatch):
    note.enqueue(str(tmp_path / "log"), 7)
    monkeypatch.setitem(MOVED, "old_place.note", "trial_jobs.note")
    Job.objects.update(task_path="old_place.note")
    run_due_jobs()
    assert the_job().status == "SUCCESSFUL"


def test_a_job_may_ask_which_attempt_it_is():
    which_attempt.enqueue()
    Job.objects.update(worker_ids=["plough", "plough"])
    run_due_jobs()
    assert the_job().return_value == 3


# --- Workers that are lost --------------------------------------------------------------------


def test_job_belongs_to_its_worker_during_the_lease():
    fail.enqueue()
    take()
    Job.objects.take_back_lost(NOON + LEASE - MOMENT)
    assert take(NOON + LEASE - MOMENT, "plough") is None
    Job.objects.take_back_lost(NOON + LEASE)
    assert take(NOON + LEASE, "plough").worker_ids == ["harrow", "plough"]


def test_a_worker_that_lives_keeps_its_job():
    fail.enqueue()
    job = take()
    job.renew(NOON + LEASE / 2)
    Job.objects.take_back_lost(NOON + LEASE)
    assert the_job().status == "RUNNING"


def test_job_that_loses_every_worker_fails():
    fail.enqueue()
    now, rests = NOON, []
    for _ in range(ATTEMPTS):
        assert take(now)
        now += LEASE
        Job.objects.take_back_lost(now)
        due = the_job().run_after
        now, rest = (now, 0) if due == get_date_max() else (due, (due - now) / LEASE)
        rests.append(rest)
    assert rests == [0, 1, 2, 3, 4, 0]
    assert take(now) is None
    assert (the_job().status, the_job().traceback) == ("FAILED", "Its worker was lost each time.")


def test_lease_ends_even_if_the_clock_is_set_back():
    fail.enqueue()
    take(NOON + timedelta(days=1))
    Job.objects.take_back_lost(NOON)
    assert the_job().status == "RUNNING"
    Job.objects.take_back_lost(NOON + LEASE)
    assert take(NOON + LEASE, "plough")


def test_worker_without_lease_cannot_change_the_job(tmp_path):
    note.enqueue(str(tmp_path / "log"), 1)
    slow = take()
    Job.objects.take_back_lost(NOON + LEASE)
    take(NOON + LEASE, "plough")
    slow.perform(lambda: NOON + LEASE)
    assert (the_job().status, the_job().worker_ids) == ("RUNNING", ["harrow", "plough"])


def test_job_of_a_stopped_worker_is_due_and_untried():
    fail.enqueue()
    take().give_back(NOON)
    assert take().worker_ids == ["harrow"]


def test_hanging_job_is_postponed_and_its_worker_stops():
    fail.enqueue()
    worker = Worker()
    job = take(timezone.now())
    job.taken_at = time.monotonic() - LONGEST.total_seconds()
    worker.running[job.pk] = job
    worker.renew()
    assert (worker.stopping, worker.hangs, worker.running) == (True, True, {})
    assert (the_job().status, the_job().exception_class_path) == ("READY", "builtins.TimeoutError")


# --- One kind beside another ------------------------------------------------------------------


def test_a_flood_of_one_task_leaves_room_for_others(monkeypatch):
    for number in range(10):
        two_seconds.enqueue("", number)
    fail.enqueue()
    worker = Worker(at_once=3)
    monkeypatch.setattr(worker, "perform", lambda job: None)
    worker.take_jobs()
    kinds = sorted(job.task_path for job in worker.running.values())
    assert kinds == ["trial_jobs.fail", "trial_jobs.two_seconds", "trial_jobs.two_seconds"]


def test_a_worker_with_nothing_to_do_only_reads():
    worker = Worker()
    worker.look_around()
    run_due_jobs(timezone.now())
    worker.looked_around = float("-inf")
    with CaptureQueriesContext(connection) as asked:
        worker.renew()
        worker.look_around()
        worker.take_jobs()
    assert [query["sql"].split()[0] for query in asked] == ["SELECT"] * 3


# --- What runs by itself ----------------------------------------------------------------------


def test_daily_task_is_enqueued_once_by_many_workers():
    midnight = on(2040, hour=0)
    for _ in range(3):
        enqueue_scheduled(midnight)
    assert Job.objects.count() == len(settings.SCHEDULE)
    enqueue_scheduled(midnight + timedelta(hours=23, minutes=59))
    assert Job.objects.count() == len(settings.SCHEDULE)
    enqueue_scheduled(midnight + timedelta(hours=24))
    assert Job.objects.count() == 2 * len(settings.SCHEDULE)


def test_scheduled_commands_exist_and_run_before_records_expire():
    assert {shlex.split(line)[0] for line in settings.SCHEDULE} <= get_commands().keys()
    assert max(settings.SCHEDULE.values()) < timedelta(days=7)


def test_addresses_are_forgotten_by_itself(write, say):
    say(write(), address="192.0.2.7", created_at=timezone.now() - timedelta(days=31))
    enqueue_scheduled(NOON)
    run_due_jobs()
    assert Comment.objects.get().address is None
    assert Job.objects.get(args_kwargs__args=["forget_addresses"]).return_value == (
        "Forgot 1 address."
    )


def test_finished_and_failed_jobs_are_deleted_in_time():
    days = [("SUCCESSFUL", 6), ("SUCCESSFUL", 8), ("FAILED", 89), ("FAILED", 91), ("READY", 400)]
    for status, age in days:
        job = fail.enqueue()
        then = timezone.now() - timedelta(days=age)
        Job.objects.filter(pk=job.id).update(status=status, finished_at=then, enqueued_at=then)
    run_command.call(next(line for line in settings.SCHEDULE if line.startswith("prune")))
    kept = [(job.status, (timezone.now() - job.enqueued_at).days) for job in Job.objects.all()]
    assert sorted(kept) == [("FAILED", 89), ("READY", 400), ("SUCCESSFUL", 6)]


# --- In the admin -----------------------------------------------------------------------------


def test_the_admin_shows_what_failed_and_why(admin_client):
    fail.enqueue()
    Job.objects.update(worker_ids=["harrow"] * (ATTEMPTS - 1))
    run_due_jobs()
    two_seconds.enqueue("", 5)
    page = admin_client.get("/admin/jobs/job/?status=FAILED").text
    assert ">fail</a>" in page
    assert "two_seconds" not in page
    page = admin_client.get(f"/admin/jobs/job/{Job.objects.failed().get().pk}/change/").text
    assert "ConnectionRefusedError" in page


def test_admin_retries_a_failed_job_with_all_attempts(admin_client):
    fail.enqueue()
    Job.objects.update(status="FAILED", worker_ids=["harrow"] * ATTEMPTS, finished_at=NOON)
    form = {"action": "try_again", "_selected_action": [the_job().pk]}
    page = admin_client.post("/admin/jobs/job/", form, follow=True).text
    assert "1 failed job is tried again." in page
    job = take(timezone.now())
    assert (job.attempts, job.finished_at) == (1, None)


def test_trying_again_leaves_what_did_not_fail(admin_client):
    fail.enqueue()
    take()
    form = {"action": "try_again", "_selected_action": [the_job().pk]}
    assert "0 failed jobs are" in admin_client.post("/admin/jobs/job/", form, follow=True).text
    assert the_job().status == "RUNNING"


@pytest.mark.parametrize("way", ["add/", "{}/delete/"])
def test_nobody_adds_or_deletes_jobs_by_hand(admin_client, way):
    fail.enqueue()
    assert admin_client.get("/admin/jobs/job/" + way.format(the_job().pk)).status_code == 403


def test_only_who_runs_the_site_sees_jobs(client, author):
    author.user_permissions.set(Permission.objects.exclude(codename="run_site"))
    client.force_login(author)
    assert client.get("/admin/jobs/job/").status_code == 403
    assert "Jobs" not in client.get("/admin/").text


def test_the_library_shows_no_second_list(admin_client):
    page = admin_client.get("/admin/").text
    assert '<a href="/admin/jobs/job/"' in page
    assert "Task Result" not in page
