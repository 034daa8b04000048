"""What search knows is read again while readers are served, as after an upgrade."""

import pytest
from django.core.management import call_command
from mail_helpers import run_due_jobs

from blog.jobs.models import Job
from blog.lib.folding import VERSION
from blog.posts.models import SearchEntry, SearchWords
from blog.posts.search import earlier, earlier_tables, find, finding, indexing

pytestmark = pytest.mark.django_db


def titles(query):
    return [entry.title for entry in find(query)]


@pytest.fixture
def upgraded(write, say):
    """A site as an upgrade leaves it: the index of before, and nothing in the present one."""
    for number in range(3):
        say(write(f"No. {number}", body="Of lanterns."), "A heron. 数据库")
    SearchWords.objects.all().delete()
    SearchEntry.objects.filter(kind="post").update(text="Of lanterns, as it was.")
    earlier_tables.make()
    earlier_tables.fill()
    earlier.replaced.clear()
    yield
    earlier.replaced.clear()


def reindex(**options):
    call_command("reindex", **options)


@pytest.mark.usefixtures("upgraded")
def test_readers_are_served_by_the_index_of_before(client):
    assert len(titles("lanterns")) == len(titles("heron")) == 3
    assert "<mark>lanterns</mark>" in client.get("/search/?q=lanterns").text
    assert titles("据库") == []
    assert client.get("/search/", {"q": "a -b \" tag:x 'y"}).status_code == 200


@pytest.mark.usefixtures("upgraded")
def test_a_job_reads_everything_again_in_pieces(client, write, monkeypatch):
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    monkeypatch.setattr(indexing, "SECONDS_AT_ONCE", -1)
    reindex(later=True)
    reindex(later=True)
    names = [job.task_path.rpartition(".")[2] for job in Job.objects.all()]
    assert sorted(names) == ["index_comments", "index_essays"], "no second ones"
    write("New lanterns")  # meanwhile
    assert "New lanterns" in titles("lanterns")
    run_due_jobs()
    assert earlier.is_replaced()
    assert len(titles("lanterns")) == 4
    assert len(titles("据库")) == 3
    assert "as it was" not in find("lanterns")[1].snippet
    assert not indexing.is_due()


@pytest.mark.usefixtures("upgraded")
def test_the_command_reads_everything_at_once(capsys):
    SearchEntry.objects.filter(kind="comment", key=1).update(key=99)
    reindex()
    assert capsys.readouterr().out == "Search knows everything again.\n"
    assert len(titles("据库")) == 3
    assert not SearchEntry.objects.filter(key=99).exists()
    reindex()
    assert SearchWords.objects.count() == SearchEntry.objects.count() == 6


def test_beginnings_of_common_words_are_looked_for_as_these(write, monkeypatch):
    for number in range(4):
        write(f"No. {number}", body="The margin, margins and a marginal 数据库.")
    write("Rare", body="A margrave.")
    monkeypatch.setattr(indexing, "COMMON", 2)
    reindex(count=True)
    assert len(titles("marg")) == 5
    monkeypatch.setattr(finding, "MANY", 10)
    assert len(titles("marg")) == len(titles("the marg")) == 4, "the common ones only"
    assert titles("margr") == ["Rare"]
    assert len(titles("数")) == 4


def test_texts_read_in_another_way_are_read_again(write):
    write()
    reindex(later=True)
    assert not Job.objects.exists()
    SearchWords.objects.update(version=VERSION - 1)
    reindex(later=True)
    assert Job.objects.exists()
    assert titles("margins"), "found meanwhile"
