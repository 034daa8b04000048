"""`check_addresses`: what each address of a list answers here, and how many lead nowhere."""

import gzip
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from blog.posts.models import OldAddress, Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def essay(write):
    post = write()
    OldAddress.objects.create(path="archives/5", post=post)
    return post


def check(tmp_path, content, *options):
    """Return what is printed, and the sentence it ends with where some lead nowhere."""
    path, said, ended = tmp_path / "list", StringIO(), ""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        call_command("check_addresses", path, *options, stdout=said)
    except CommandError as error:
        ended = str(error)
    return said.getvalue(), ended


def test_a_list_of_lines_says_what_each_answers(tmp_path, essay):
    here = essay.get_absolute_url()
    lines = (
        f"https://old.example{here}\n/archives/5/\n\n/archives/5/?utm=1\n/gone/\n# words\n/gone/#x"
    )
    said, ended = check(tmp_path, lines, "--all")
    assert f"200 {here}\n" in said
    assert f"200 /archives/5/ → {here}\n" in said
    assert "404 /gone/\n" in said
    assert "4 addresses. 404: 1, is here: 1, leads on: 2" in said
    assert ended == "1 of them leads nowhere."


def test_a_log_counts_what_was_answered(tmp_path, essay):
    line = (
        '192.0.2.1 - - [01/Jan/2024:00:00:00 +0000] "{} {} HTTP/1.1" {} 5 "https://r.example/" "x"'
    )
    asked = [("GET", "/archives/5/", 200), ("GET", "/never/", 404), ("POST", "/x/", 200)]
    asked += [("HEAD", "/archives/5/", 304), ("GET", "/b%C3%A9 ".strip(), 301)]
    log = gzip.compress("\n".join(line.format(*each) for each in asked).encode(), mtime=0)
    said, ended = check(tmp_path, log)
    assert said == "404 /b%C3%A9 → /b%C3%A9/\n2 addresses. 404: 1, leads on: 1\n"
    assert ended


def test_a_sitemap_in_one_line_is_read(tmp_path, essay):
    places = "".join(f"<url><loc> {each} </loc></url>" for each in ("https://o.example/archives/5",
                     "https://o.example/?p=1&amp;x=2"))  # fmt: skip
    said, _ended = check(tmp_path, f"<?xml version='1.0'?><urlset>{places}</urlset>", "--all")
    assert "200 /archives/5 → " in said
    assert "404 /?p=1&x=2" in said


def test_lists_without_addresses_are_refused(tmp_path):
    for content in (b"", b"\x00\xff\xfe", b"words\n", b"\x1f\x8bbroken"):
        _said, ended = check(tmp_path, content)
        assert "names no address" in ended or "cannot be read" in ended
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("check_addresses", tmp_path / "none")
    assert not Post.objects.exists()
