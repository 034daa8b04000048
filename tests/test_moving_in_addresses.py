"""What a file leaves open is said beside it: old hosts, a table of addresses, dates' zone."""

import pytest
from discussions import HEAD, HERE, by_essay, essay, post_xml, thread_xml
from django.core.files.uploadedfile import SimpleUploadedFile
from moving import PAGE, act, sent, stand_in, tried

from blog.media import parts
from blog.posts.models import OldAddress, Post
from blog.transfer.importers import IMPORTERS
from blog.transfer.moving.forms import SendForm
from blog.transfer.moving.models import Move, Parcel, place
from comments.models import Unplaced

pytestmark = pytest.mark.django_db

OLD = "https://old.example.net/tea/"
MOVABLE_TYPE = """\
TITLE: On margins
BASENAME: on_margins
STATUS: Publish
DATE: 01/31/2004 03:31:05 PM
-----
BODY:
Read on.
-----
--------
"""


@pytest.fixture(autouse=True)
def _here(settings, tmp_path, monkeypatch):
    stand_in(monkeypatch)
    settings.SITE_URL = HERE
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path


def comments_at(*links):
    return HEAD + "".join(
        f"{thread_xml(number, link)}{post_xml(number, thread=number)}"
        for number, link in enumerate(links, 1)
    ) + "</disqus>"  # fmt: skip


def in_parts(name, text, by):
    parcel = Parcel.objects.begin(name, len(text), by)
    parts.keep(place(parcel.key), 0, text.encode())
    return parcel


def table(text, name="old.csv"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    "said", ["old.example.net", "OLD.example.net:443", OLD, "a.example\r\nhttps://old.example.net/"]
)
def test_named_host_is_the_blogs(admin_client, write, said):
    essay(write)
    move = tried(admin_client, comments_at(OLD), kind="disqus", hosts=said)
    act(admin_client, move, "bring")
    assert by_essay("approved") == {"tea": 1}


def test_other_host_stays_another(admin_client, write):
    essay(write)
    move = tried(admin_client, comments_at(OLD), kind="disqus", hosts="older.example.net")
    act(admin_client, move, "bring")
    assert (by_essay("approved"), Unplaced.objects.count()) == ({}, 1)


def test_table_says_which_essay_it_was(admin_client, write):
    essay(write)
    rows = table(f"old,new\n{HERE}/2010/first.html,/tea/\n")
    file = comments_at(f"{HERE}/2010/first.html", f"{HERE}/gone/")
    move = tried(admin_client, file, kind="disqus", table=rows)
    page = admin_client.get(f"{PAGE}{move.pk}/").text
    assert "A table of old addresses" in page
    assert "old.csv" in page
    act(admin_client, move, "bring")
    assert (by_essay("approved"), Unplaced.objects.count()) == ({"tea": 1}, 1)
    assert not Parcel.objects.exists()


def test_table_that_is_none_is_refused_by_its_name(admin_client, write):
    essay(write)
    rows = table("old,new\n/caf\xe9/,/tea/\n".encode("latin-1"))
    move = tried(admin_client, comments_at(OLD), kind="disqus", table=rows)
    assert (move.state, move.said) == (
        "refused",
        "old.csv is not in UTF-8. Save it as CSV in UTF-8.",
    )


def test_movable_types_addresses_and_dates_are_as_said(admin_client):
    how = {"permalink": "/blog/%y/%m/%-f", "time_zone": "Asia/Tokyo", "url": "https://old.example"}
    move = tried(admin_client, MOVABLE_TYPE, "export.txt", kind="movable-type", **how)
    page = admin_client.get(f"{PAGE}{move.pk}/").text
    assert all(said in page for said in how.values())
    act(admin_client, move, "bring")
    post = Post.objects.get()
    assert post.published_at.isoformat() == "2004-01-31T06:31:05+00:00"
    assert OldAddress.objects.filter(path="blog/2004/01/on-margins.html").exists()


def test_encoding_is_as_said(admin_client):
    text = MOVABLE_TYPE.replace("On margins", "余白に").encode("shift_jis")
    how = {"kind": "movable-type", "encoding": "shift_jis"}
    act(admin_client, tried(admin_client, text, "export.txt", **how), "bring")
    assert Post.objects.get().title == "余白に"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"hosts": "old.example.net/tea?"}, None),
        ({"hosts": "old example net!"}, "“net!” is not a host."),
        ({"hosts": "http://"}, "“http://” is not a host."),
        ({"hosts": "https://[::1"}, "“https://[::1” is not a host."),
        ({"hosts": "user@old.example.net"}, "“user@old.example.net” is not a host."),
        ({"hosts": "x" * 400}, "is not a host."),
        ({"url": "https://old.example.net/"}, "Disqus (comments) does not need it."),
        ({"time_zone": "Europe/Paris"}, "Disqus (comments) does not need it."),
        ({"time_zone": "Mars/Olympus"}, "“Mars/Olympus” is not a time zone."),
        ({"time_zone": "../../etc/passwd"}, "“../../etc/passwd” is not a time zone."),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
    ],
)
def test_what_cannot_be_is_said_and_comes_back(admin_client, how, said):
    response = sent(admin_client, comments_at(OLD), kind="disqus", **how)
    if said is None:
        assert response.status_code == 302
        return
    assert response.status_code == 200
    errors = response.context["form"].errors
    assert said in str([*errors[next(iter(how))]])
    assert response.context["form"].asks_more
    assert response.context["form"][next(iter(how))].value() == next(iter(how.values()))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (table(""), "“old.csv” is empty."),
        (table("x", "old.xlsx"), "“old.xlsx” is none of these"),
    ],
)
def test_file_that_is_no_table_is_not_taken(admin_client, rows, said):
    response = sent(admin_client, comments_at(OLD), kind="disqus", table=rows)
    assert said in str(response.context["form"].errors["table"])


def test_every_importer_takes_what_it_asks_for():
    assert {name for each in IMPORTERS.values() for name in each.asks} == set(SendForm.OPEN)


def test_file_that_came_in_parts_need_not_be_sent_again(admin_client, admin_user):
    parcel = in_parts("export.txt", MOVABLE_TYPE, admin_user)
    given = {"kind": "movable-type", "blog_key": parcel.key, "time_zone": "Mars/Olympus"}
    page = admin_client.post(PAGE, given).text
    assert f'name="blog_key" value="{parcel.key}"' in page
    assert "export.txt is here: it need not be chosen again." in page
    answer = admin_client.post(PAGE, given | {"time_zone": "Asia/Tokyo"})
    assert answer.status_code == 302
    assert Move.objects.get().parcels.get() == parcel


def test_file_chosen_later_counts(admin_client, admin_user):
    parcel = in_parts("export.txt", MOVABLE_TYPE, admin_user)
    sent(admin_client, MOVABLE_TYPE, "later.txt", kind="movable-type", blog_key=parcel.key)
    assert Move.objects.get().name == "later.txt"
