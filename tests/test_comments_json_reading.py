"""The documented form of comments is strict, and says which entry is wrong."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from comment_exports import entry, json_file

from blog.transfer import json_stream
from blog.transfer.discussions.comments_json import CommentsJson
from blog.transfer.discussions.said import DiscussionError


def read(path):
    return list(CommentsJson(path).said())


def one(tmp_path, **changes):
    (said,) = read(json_file(tmp_path / "c.json", entry(**changes)))
    return said


def test_comment_has_what_its_fields_say(tmp_path):
    said = one(tmp_path, id=7, parent="6", email="ann@example.org", url="https://ann.example/")
    assert (said.id, said.parent, said.page) == ("7", "6", "https://old.example/on-margins/")
    assert (said.name, said.email, said.url) == ("Ann", "ann@example.org", "https://ann.example/")
    assert (said.markdown, said.html, said.status) == ("Well *said*.", "", "approved")
    assert said.at == datetime(2021, 3, 2, 8, 15, tzinfo=UTC)


def test_words_come_as_html_or_plain_text_too(tmp_path):
    assert one(tmp_path, markdown=None, html="<p>x</p>").html == "<p>x</p>"
    plain = one(tmp_path, markdown=None, text="a < b\nc\n\nd")
    assert plain.html == "<p>a &lt; b<br>c</p><p>d</p>"


def test_html_counts_where_markdown_has_tags(tmp_path):
    html = "<p>cp &lt;path&gt;</p>"
    assert one(tmp_path, markdown="cp <path>", html=html).html == html
    assert one(tmp_path, markdown="a < b", html="<p>a &lt; b</p>").markdown == "a < b"


def test_comment_without_a_status_waits(tmp_path):
    assert one(tmp_path, status=None).status == "pending"


@pytest.mark.parametrize("at", [1614672900, 1614672900.0, "2021-03-02T09:15:00+01:00"])
def test_time_may_be_seconds_or_have_a_zone(tmp_path, at):
    assert one(tmp_path, at=at).at == datetime(2021, 3, 2, 8, 15, tzinfo=UTC)


def test_time_without_a_zone_is_by_the_site_s_clock(tmp_path, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    assert one(tmp_path, at="2021-03-02 09:15:00").at == datetime(2021, 3, 2, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("form", ["list", "lines", "with a mark"])
def test_list_and_lines_are_the_same(tmp_path, form):
    rows = [json.dumps(entry(id=str(number))) for number in range(3)]
    path = tmp_path / "c.json"
    content = {
        "list": f"[{','.join(rows)}]",
        "lines": "\r\n\n".join(rows),
        "with a mark": f"\ufeff [\n{', '.join(rows)}\n]\n",
    }
    path.write_text(content[form], encoding="utf-8")
    assert [said.id for said in read(path)] == ["0", "1", "2"]


def test_entries_longer_than_a_piece_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(json_stream, "_AT_ONCE", 7)
    path = json_file(tmp_path / "c.json", entry(name="ü" * 300), entry(id="2"))
    assert [said.name for said in read(path)] == ["ü" * 300, "Ann"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"page": None}, "“page” is missing"),
        ({"page": " "}, "“page” is missing"),
        ({"id": None}, "“id” is missing"),
        ({"id": ["1"]}, "“id” should be text"),
        ({"name": {"first": "Ann"}}, "“name” should be text"),
        ({"email": True}, "“email” should be text"),
        ({"text": "x"}, "“text” stands beside another text"),
        ({"at": "yesterday"}, "“at” is not a time .*: “yesterday”"),
        ({"at": 1e300}, "“at” is not a time"),
        ({"at": True}, "“at” is not a time"),
        ({"edited": []}, "“edited” is not a time"),
        ({"status": "public"}, "“status” is none of .*: “public”"),
        ({"status": ["approved"]}, "“status” is none of"),
        ({"likes": "3"}, "“likes” should be a whole number"),
    ],
)
def test_wrong_field_is_named_with_its_entry(tmp_path, changes, said):
    path = tmp_path / "c.json"
    path.write_text("[\n" + json.dumps(entry()) + ",\n" + json.dumps(entry(id="2") | changes) + "]")
    rows = json.loads(path.read_text())
    rows[1] = {name: value for name, value in rows[1].items() if value is not None}
    path.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "]")
    with pytest.raises(DiscussionError, match=rf"entry 2 \(line 3\): {said}"):
        read(path)


def test_id_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(DiscussionError, match=r"entry 3 .*“1” stood before"):
        read(json_file(tmp_path / "c.json", entry(), entry(id="2"), entry(id=1)))


def test_many_faults_are_named_at_once_but_not_all(tmp_path):
    rows = [entry(id=str(number), at="?") for number in range(50)]
    with pytest.raises(DiscussionError) as refused:
        read(json_file(tmp_path / "c.json", *rows))
    assert str(refused.value).count("is not a time") == 10


def test_unknown_fields_are_named_and_counted(tmp_path):
    rows = entry(mood="good"), entry(id="2", mood="bad", title="On margins")
    ((heading, lines),) = CommentsJson(json_file(tmp_path / "c.json", *rows)).unreadable().items()
    assert "not known" in heading
    assert lines == ["“mood”: 2"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("[]", "holds no comments"),
        ("[", "line 1"),
        ("[{}, {", "line 1"),
        ("[\n{]", "line 2"),
        ('[\n{"page": "/a", "id": 1, "at": NaN}]', "entry 1 .*not a time"),
        ("[1]", "line 1: it is not in braces"),
        ('"text"', "line 1: it is not in braces"),
        ("[{}] more", "something follows its end"),
        pytest.param('{"a": ' + "[" * 100_000, "nests too deep", id="deep"),
        pytest.param('[{"at": ' + "9" * 5000 + "}]", "too large", id="a long number"),
        ("page,id,name\n1,2,3\n", "line 1"),
    ],
)
def test_broken_file_is_refused_with_its_line(tmp_path, content, said):
    (tmp_path / "c.json").write_text(content)
    with pytest.raises(DiscussionError, match=said):
        read(tmp_path / "c.json")


def test_object_without_end_is_not_read_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(json_stream, "MOST", 200_000)
    (tmp_path / "c.json").write_text('[{"name": "' + "x" * 3_000_000)
    with pytest.raises(DiscussionError, match="too large"):
        read(tmp_path / "c.json")


def test_export_s_own_comments_are_read(tmp_path):
    own = {
        "id": 3,
        "essay": "/2021/03/on-margins/",
        "kind": "comment",
        "status": "trash",
        "in_reply_to": 2,
        "received": "2021-03-02T08:15:00+00:00",
        "name": "Ann",
        "body": "Well *said*.",
        "body_html": "<p>Well <em>said</em>.</p>",
        "reasons": [],
        "passage_start": None,
    }
    path = json_file(tmp_path / "c.json", own, own | {"id": 4, "kind": "webmention", "body": ""})
    said, mention = read(path)
    assert (said.page, said.parent, said.status) == ("/2021/03/on-margins/", "2", "trash")
    assert said.markdown == "Well *said*."
    assert mention.left_out == "a mention and no comment"
    assert CommentsJson(path).unreadable() == {}


def thread(*comments):
    return {"id": "/on-margins/", "title": "On margins", "comments": list(comments)}


def test_threads_as_isso_imports_them_are_read(tmp_path):
    said = {"id": 0, "author": "Ann", "text": "Well.", "created": "2021-03-02 08:15:00"}
    first, second = read(json_file(tmp_path / "c.json", thread(said, said | {"text": "Again."})))
    assert (first.page, first.name, first.markdown) == ("/on-margins/", "Ann", "Well.")
    assert (first.at, first.status) == (datetime(2021, 3, 2, 8, 15, tzinfo=UTC), "approved")
    assert first.id != second.id


@pytest.mark.parametrize("wrong", [thread("x"), thread({"text": 1}), {"comments": []}])
def test_wrong_thread_is_refused(tmp_path, wrong):
    with pytest.raises(DiscussionError, match="entry 1"):
        read(json_file(tmp_path / "c.json", wrong))


def test_real_threads_have_the_counts_of_their_description(shared):
    said = read(shared / "data" / "disqus" / "isso-generic.json")
    assert [one.page for one in said] == ["/posts/0001/", "/posts/0007/"]
    assert said[0].url == "http://www.tigerspice.com"


def test_export_of_an_earlier_version_has_its_counts(shared):
    said = read(shared / "data" / "postil-export" / "comments.json")
    counts = Counter(one.status for one in said if not one.left_out)
    assert counts == {"approved": 39, "pending": 3, "spam": 2, "trash": 3}
    assert sum(bool(one.left_out) for one in said) == 6
