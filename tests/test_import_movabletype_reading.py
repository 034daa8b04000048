"""Movable Type's form as lines: where its parts begin, and files of every encoding."""

import io
import re
import time
from datetime import UTC
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from old_blogs import mt_comment, mt_entry

from blog.posts.models import Post
from blog.transfer.movable_type.fields import Said, checked, filled, moment, tags_in
from blog.transfer.movable_type.reading import Lines, MovableTypeError, Part, parts

pytestmark = pytest.mark.xdist_group("import_old")


def read(source, encoding=""):
    data = source if isinstance(source, bytes) else source.encode()
    return list(parts(Lines(io.BytesIO(data), Path("export.txt"), encoding)))


TEXTS = [
    "a\n-----\nb",
    "Heading\n--------\n\nText",
    "-----\n-----",
    "a\n-----\n\nBODY: b",
    "a\n-----\nCOMMENT:\nno field follows",
    "a\n-----\nBODY:\nof which there is one already",
    "a\n--------\nTITLES: b",
    "----\n------\n-------",
    "a\n ----- \nb",
    "AUTHOR: x\nTITLE: y",
    "a\n--------\n-----\nb",
]


@pytest.mark.parametrize("text", TEXTS)
def test_hyphens_that_begin_no_part_are_text(text):
    post, said = read(mt_entry(f"BODY:\n{text}", mt_comment(text)))
    assert post.texts == {"BODY": text}
    assert (said.kind, said.text) == ("COMMENT", text)


def test_entry_without_its_last_hyphens_ends_all_the_same():
    source = mt_entry("BODY:\nOne").removesuffix("-----\n--------\n")
    first, second = read(f"{source}--------\n{mt_entry('BODY:' + chr(10) + 'Two')}")
    assert (first.texts["BODY"], second.texts["BODY"]) == ("One", "Two")


def test_file_that_breaks_off_keeps_what_it_has():
    (post,) = read("TITLE: Clay\n-----\nBODY:\nHalf a")
    assert (post["TITLE"], post.texts["BODY"]) == ("Clay", "Half a")


def test_empty_lines_around_marks_mean_nothing():
    source = mt_entry("BODY:\nOne", mt_comment("Two"))
    post, said = read(re.sub(r"^(-----|--------)$", r"\n\1\n\n", source, flags=re.M))
    assert (post.texts["BODY"], said.text) == ("One", "Two")


def test_address_after_the_date_is_no_text():
    said = "COMMENT:\nAUTHOR: Bo\nDATE: 05/06/2011\nEMAIL: bo@example.org\nURL: is a word here"
    _post, part = read(mt_entry("BODY:\nOne", said))
    assert isinstance(part, Part)
    assert part.fields["EMAIL"] == "bo@example.org"
    assert part.text == "URL: is a word here"


def test_part_of_another_name_is_read_as_such():
    (post,) = read(mt_entry("METADATA:\nx\ny"))
    assert post.texts == {"METADATA": "x\ny"}


ENCODINGS = {
    "utf-8": "",
    "utf-8-sig": "",
    "utf-16": "",
    "cp1252": "",
    "shift_jis": "shift_jis",
    "euc-jp": "euc-jp",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_reads_the_same(encoding, end):
    words = "caf\u00e9 \u2019" if encoding.startswith(("utf", "cp")) else "\u8336 \u3061\u3083"
    source = mt_entry(f"BODY:\n{words}\n\nx", title=words).replace("\n", end)
    (post,) = read(source.encode(encoding), ENCODINGS[encoding])
    assert (post["TITLE"], post.texts["BODY"]) == (words, f"{words}\n\nx")


def test_lines_of_two_encodings_in_one_file_are_read():
    source = "TITLE: caf\u00e9\n-----\nBODY:\n".encode() + "caf\u00e9 \x81".encode("latin-1")
    lines = Lines(io.BytesIO(source), Path("x"))
    (post,) = parts(lines)
    assert (post["TITLE"], post.texts["BODY"]) == ("caf\u00e9", "caf\u00e9 \x81")
    assert lines.odd == [4]


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("01/31/2008 11:59:59 PM", "2008-01-31T23:59:59"),
        ("02/01/2008 12:00:00 AM", "2008-02-01T00:00:00"),
        ("02/01/2008 12:00:00 PM", "2008-02-01T12:00:00"),
        ("03/01/2008 17:00:00", "2008-03-01T17:00:00"),
        ("3/1/2008", "2008-03-01T00:00:00"),
        ("2008-03-01 17:00:00", "2008-03-01T17:00:00"),
        ("13/13/2008 01:00:00", None),
        ("01/01/0000 01:00:00", None),
        ("99999999/1/1", None),
        ("", None),
    ],
)
def test_dates_of_12_and_24_hours_are_read(said, at):
    found = moment(said, UTC)
    assert (found and found.strftime("%Y-%m-%dT%H:%M:%S")) == at


def test_tags_in_quotes_keep_their_spaces_and_commas():
    assert tags_in("tea,\"two words\", 'a, b',茶,,it's") == [
        "tea",
        "two words",
        "a, b",
        "茶",
        "it's",
    ]


def test_pattern_leaves_no_address_without_its_values():
    said = Said("red_clay", "", None)
    assert filled(checked("%b.html"), said) == "/red_clay.html"
    assert filled(checked("%y/%b.html"), said) == ""
    assert filled(checked("/:category/:basename/"), said) == ""


REFUSED = {
    b"": "is empty",
    b"PK\x03\x04x": "is compressed",
    b"<?xml version='1.0'?><rss/>": "is not the text",
    b"Dear reader,\nhello": "line 1 is not a field",
    b"SUBJECT: x\n-----\nBODY:\nx": "line 1 begins no entry",
    b"\n\n\n": "is empty",
    b"--------\n--------\n": "holds no entries",
    b"TITLE: x\n" + b"".join(b"X%d: y\n" % n for n in range(600)): "too many fields",
}


@pytest.mark.django_db
@pytest.mark.parametrize("source", REFUSED)
def test_file_of_another_form_is_refused(tmp_path, source):
    path = tmp_path / "export.txt"
    path.write_bytes(source)
    with pytest.raises(CommandError, match=REFUSED[source]):
        call_command("import_movabletype", path)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"time_zone": "Mars/Base"}, "is not a time zone"),
        ({"encoding": "hex"}, "cannot be read as hex"),
        ({"encoding": "nope"}, "cannot be read as nope"),
        ({"encoding": "ascii"}, "cannot be read as ascii"),
    ],
)
def test_option_that_means_nothing_is_refused(tmp_path, given, said):
    path = tmp_path / "export.txt"
    path.write_text(mt_entry("BODY:\n茶"))
    with pytest.raises(CommandError, match=said):
        call_command("import_movabletype", path, **given)
    assert not Post.objects.exists()


@pytest.mark.parametrize("piece", ["-----\n", "--------\n", "\n", "A: b\n", "COMMENT:\n", "\r"])
def test_hostile_lines_cost_little(piece):
    source = mt_entry("BODY:\n" + piece * (100_000 // len(piece)), mt_comment("x"))
    start = time.process_time()
    read(source)
    assert time.process_time() - start < 3


def test_endless_line_is_refused(monkeypatch):
    monkeypatch.setattr("blog.transfer.movable_type.reading.MOST", 100_000)
    with pytest.raises(MovableTypeError, match="more than"):
        read("TITLE: " + "x" * 300_000)
