"""A backup of Remark42 is read with the words that were typed, and nothing hidden is shown."""

import base64
import gzip
import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from comment_exports import remark42_backup, remark42_lines

from blog.transfer.discussions.remark42 import Remark42
from blog.transfer.discussions.said import DiscussionError


def read(path):
    return list(Remark42(path).said())


def one(tmp_path, **changes):
    (said,) = read(remark42_backup(tmp_path / "b.gz", changes))
    return said


def test_comment_has_the_words_as_typed(tmp_path):
    said = one(tmp_path, orig='"Quotes" -- 1/2', text="<p>«Quotes» — ½</p>", pid="r0")
    assert (said.id, said.parent, said.page) == ("r1", "r0", "https://old.example/on-margins/")
    assert (said.name, said.markdown, said.html) == ("Ann", '"Quotes" -- 1/2', "")
    assert said.at == datetime(2021, 3, 2, 8, 15, 0, 123456, tzinfo=UTC)
    assert (said.status, said.address, said.email) == ("approved", "", "")


def test_html_stands_in_where_typed_words_are_missing(tmp_path):
    said = one(tmp_path, orig="")
    assert (said.markdown, said.html) == ("", "<p>Well <em>said</em>.</p>\n")


@pytest.mark.parametrize("mark", [True, "yes", 1])
def test_deleted_comment_is_left_out(tmp_path, mark):
    assert one(tmp_path, delete=mark).left_out


@pytest.mark.parametrize("mark", [None, False, 0, ""])
def test_comment_that_is_not_deleted_stays(tmp_path, mark):
    assert not one(tmp_path, delete=mark).left_out


def test_words_of_a_blocked_user_wait_and_are_named(tmp_path):
    head = {"users": [{"id": "github_3", "blocked": {"status": True}}, {"id": "email_1"}, 7]}
    comments = {"user": {"id": "github_3"}}, {"user": {"block": True}}, {}
    said = read(remark42_backup(tmp_path / "b.gz", *comments, **head))
    assert [each.status for each in said] == ["pending", "pending", "approved"]
    assert [bool(each.named) for each in said] == [True, True, False]


def test_read_only_page_is_closed(tmp_path):
    posts = [
        {"url": "https://old.example/a/", "read_only": True},
        {"url": "https://old.example/b/"},
    ]
    (page,) = Remark42(remark42_backup(tmp_path / "b.gz", posts=posts)).pages()
    assert (page.addresses, page.closed) == (("https://old.example/a/",), True)


def test_what_has_no_place_is_counted(tmp_path):
    edit = {"time": "2021-03-03T00:00:00Z", "summary": "a typo"}
    said = one(tmp_path, score=-3, pin=True, edit=edit, user={"picture": "https://x.example/a"})
    assert sorted(said.lost.values()) == [1, 1, 1, 3]


def fetched(address):
    coded = base64.urlsafe_b64encode(address.encode()).decode()
    return f"https://remark.example/api/v1/img?src={coded}"


def test_fetched_picture_gets_its_own_address_back(tmp_path):
    own = "https://pictures.example/tea.png?a=1&b=2"
    said = one(tmp_path, orig="", text=f'<p><img src="{fetched(own)}"></p>')
    assert said.html == '<p><img src="https://pictures.example/tea.png?a=1&amp;b=2"></p>'
    assert one(tmp_path, orig=f"![]({fetched(own)})").markdown == f"![]({own})"


@pytest.mark.parametrize("address", ["javascript:alert(1)", 'https://x.example/"><script>', "\xff"])
def test_odd_address_of_a_picture_stays_what_it_was(tmp_path, address):
    text = f"![]({fetched(address)})"
    assert one(tmp_path, orig=text).markdown == text


def test_picture_kept_by_the_old_system_is_named(tmp_path):
    assert one(tmp_path, orig="![](https://remark.example/api/v1/picture/u/1.png)").named


def test_backup_without_packing_or_head_is_read(tmp_path):
    path = tmp_path / "backup.json"
    path.write_text(remark42_lines({}, {}).partition("\n")[2])
    assert [said.id for said in read(path)] == ["r1", "r2"]


@pytest.mark.parametrize(
    "odd",
    [
        {"time": "soon"},
        {"time": 12},
        {"time": "9999-12-31T23:59:59.999999999-23:59"},
        {"score": 10**400},
        {"score": "3"},
        {"pid": None},
        {"orig": None, "text": None},
        {"orig": "a\u0000b \ud800"},
        {"user": {"name": None, "id": 7, "picture": []}},
        {"locator": {}},
        {"edit": [1]},
    ],
)
def test_odd_values_refuse_nothing(tmp_path, odd):
    assert len(read(remark42_backup(tmp_path / "b.gz", odd, {}))) == 2


def test_nested_without_end_is_refused(tmp_path):
    path = tmp_path / "b.json"
    path.write_text(remark42_lines({}) + '{"id":' + "[" * 200_000)
    with pytest.raises(DiscussionError, match="line 3"):
        Remark42(path)


LINES = remark42_lines({}, {}).encode()


BROKEN = {
    "cut": (gzip.compress(LINES)[:-9], "is packed, and broken"),
    "scratched": (gzip.compress(LINES)[:40] + b"\x99" * 40, "is packed, and broken"),
    "a half line": (LINES[:-30], "line 3"),
    "no JSON": (LINES.replace(b'"pid": ""', b'"pid": oh', 1), "line 2"),
    "Latin-1": (LINES.replace(b"Ann", b"\xe4nn", 1), "UTF-8"),
    "UTF-16": ("{}".encode("utf-16"), "UTF-8"),
    "nothing": (b"", "is empty"),
    "numbers": (b"[1, 2]", "not in braces"),
    "other JSON": (b'{"a": 1}', "not a backup of Remark42"),
    "XML": (b"<xml/>", "line 1"),
    "zeros at its end": (LINES + b"\0\0", "line 4"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_file_is_refused_in_a_sentence(tmp_path, kind):
    content, said = BROKEN[kind]
    path = tmp_path / "backup"
    path.write_bytes(content)
    with pytest.raises(DiscussionError, match=said):
        Remark42(path)


def test_real_backup_has_the_counts_of_its_description(shared):
    backup = Remark42(shared / "data" / "remark42" / "backup-notes-20231105.gz")
    said = list(backup.said())
    assert len(said) == 20
    assert sum(bool(one.left_out) for one in said) == 2
    assert sum(bool(one.parent) for one in said) == 7
    assert len({one.page for one in said}) == 5
    assert Counter(one.status for one in said if one.named) == {"pending": 2}
    assert [page.name for page in backup.pages()] == ["https://notes.example.org/gone-for-good/"]
    assert json.dumps([one.markdown for one in said]).count("```python") == 1
