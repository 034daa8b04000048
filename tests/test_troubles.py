"""The admin shows superusers what does not work: jobs, the worker, mail, backups."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from trial_jobs import fail

from blog.jobs.models import FAILED, SILENT, Job, Sign
from blog.jobs.templatetags.troubles import troubles

pytestmark = pytest.mark.django_db
LONG = timedelta(days=9)


@pytest.fixture
def owner(client):
    """Someone who may do everything, signed in, and there for long."""
    user = get_user_model().objects.create_superuser("owner", date_joined=timezone.now() - LONG)
    client.force_login(user)
    return user


@pytest.fixture
def well(owner):
    """A site where nothing is amiss."""
    for name in (Sign.WORKER, Sign.BACKUP):
        Sign.objects.give(name, timezone.now())


def lines(client):
    return re.findall(r'<li class="warning">(.*?)</li>', client.get("/admin/posts/tag/").text)


@pytest.mark.usefixtures("well")
def test_nothing_is_said_while_all_is_well(client, owner):
    assert lines(client) == []
    with CaptureQueriesContext(connection) as asked:
        assert troubles(owner) == []
    assert len(asked) == 2  # the signs of life, the failed jobs


@pytest.mark.usefixtures("well")
def test_failed_jobs_are_counted_and_listed_behind_a_link(client):
    fail.enqueue()
    Job.objects.update(status=FAILED)
    (line,) = lines(client)
    address, said = re.fullmatch(r'<a href="(.*)">(.*)</a>', line).groups()
    assert said == "1 job failed for good."
    assert "1 job" in client.get(address).text


@pytest.mark.usefixtures("well")
def test_silent_worker_is_reported_with_its_time(client):
    Sign.objects.give(Sign.WORKER, timezone.now() - SILENT)
    (line,) = lines(client)
    assert "The worker last ran 2 minutes ago" in line
    Sign.objects.filter(name=Sign.WORKER).delete()
    (line,) = lines(client)
    assert "No worker has ever run" in line


@pytest.mark.usefixtures("well")
def test_old_backup_is_reported_unless_switched_off(client, settings):
    Sign.objects.give(Sign.BACKUP, timezone.now() - LONG)
    (line,) = lines(client)
    assert line.startswith("The newest backup was made 9 days ago")
    settings.BACKUP_DAYS = 0
    assert lines(client) == []


@pytest.mark.usefixtures("well")
def test_missing_backup_is_reported_after_a_while(client, owner):
    Sign.objects.filter(name=Sign.BACKUP).delete()
    assert lines(client) == ["No backup was ever made: manage.py backup makes one."]
    owner.date_joined = timezone.now()
    owner.save()
    assert lines(client) == []


def test_other_accounts_see_no_warnings(client, author):
    client.force_login(author)
    assert lines(client) == []
