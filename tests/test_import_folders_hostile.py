"""Folders that were made to do harm: nothing runs, nothing leaves the folder, all is said."""

import os

import pytest
from backups import output_of

from blog.posts.models import Post
from blog.transfer.folders.front_matter import split
from blog.transfer.folders.importing import import_folder
from blog.transfer.folders.literals import javascript_values, python_values
from blog.transfer.folders.tree import LARGEST_TEXT, joined
from blog.transfer.folders.values import moment, site_zone
from blog.transfer.folders.yaml_data import DataError, read_yaml

BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(9 * [f'*{before}'])}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
REFUSED = {
    BOMB: "more than 20 aliases",
    'a: !!python/object/apply:os.system ["x"]': "asks for an object",
    "a: !ruby/object:Gem {}": "asks for an object",
    "a: &a [*a]": "an anchor that is not there",
    "[" * 100: "nested too deeply",
    "a: b\n---\nc: d": "more than one document",
    "? [a]\n: b": "a key that is not text",
    'a: "b': "line 1: found unexpected end of stream",
}


def test_yaml_that_is_more_than_data_is_refused():
    for source, why in REFUSED.items():
        with pytest.raises(DataError, match=why):
            read_yaml(source)


def test_yaml_is_read_as_it_is_typed():
    said = "a: no\nb: 010\nc: ~\nd: '~'\ne: 2020-01-01\nf: &x {g: 1.10}\nh: {<<: *x, i: [j]}"
    assert read_yaml(said) == {
        "a": "no", "b": "010", "c": None, "d": "~", "e": "2020-01-01", "f": {"g": "1.10"},
        "h": {"g": "1.10", "i": ["j"]},
    }  # fmt: skip


def test_settings_are_read_and_never_run():
    source = "A = 'x'\nB = A\nC = __import__('os').getcwd()\nraise SystemExit\nD = [('a', 'b')]"
    assert python_values(source) == {"A": "x", "B": "x", "D": [("a", "b")]}
    assert python_values("A = (") == {}
    assert javascript_values("const a = {b: ['c', 1], 'd': true}; // e\nlet f = null;") == {
        "a": {"b": ["c", "1"], "d": True}, "f": None,
    }  # fmt: skip
    for source in (
        "const a = b();",
        "a()",
        "const a = `${b}`;",
        "const a = [1",
        "const a = '\\x41'",
    ):
        with pytest.raises(DataError):
            javascript_values(source)


def test_paths_never_lead_out():
    assert joined("content/post", "../x.png") == "content/x.png"
    assert joined("content", "../../etc/passwd") is None
    assert joined("content", "/../../etc/passwd") is None


def test_dates_of_all_kinds():
    zone = site_zone()
    for said, meant in {
        "2020-01-31 22:30:00 -0500": "2020-02-01 03:30",
        "2017-07-01 10:00:00 UTC+02:00": "2017-07-01 08:00",
        "2017-08-01 00:00:00 UTC": "2017-08-01 00:00",
        "2021-03-05T23:30:00.5-05:00": "2021-03-06 04:30",
        "2020-07-01 09:00 Europe/Berlin": "2020-07-01 07:00",
        "Tue, 03 Mar 2020 10:00:00 +0100": "2020-03-03 09:00",
        "2020/5/6": "2020-05-06 00:00",
    }.items():
        found = moment(said, zone)
        assert f"{found.astimezone(site_zone()):%Y-%m-%d %H:%M}" == meant, said
    for said in (
        "2020-13-01",
        "soon",
        "0001-01-01",
        "2020-01-01 25:00",
        "2020-01-01 Nowhere/At",
        "",
    ):
        assert moment(said, zone) is None, said


@pytest.mark.django_db
def test_hostile_folder_gives_what_is_good_in_it(tmp_path):
    folder, outside = tmp_path / "blog", tmp_path / "secret.md"
    (folder / "_posts").mkdir(parents=True)
    outside.write_text("---\ntitle: Secret\n---\nSecret.")
    (folder / "_config.yml").write_text(BOMB)
    for name, text in {
        "bomb": f"---\n{BOMB}---\nBomb.",
        "bytes": "---\ntitle: \udcff\n---\nBytes.",
        "long": "---\ntitle: Long\n---\n" + "x" * LARGEST_TEXT,
        "good": "---\ntitle: Good\nimage: ../../secret.png\n---\n"
        "![a](../../../../etc/passwd) ![b](/etc/hostname) {{< x >}} {% include ../../secret.md %}",
    }.items():
        path = folder / "_posts" / f"2020-01-01-{name}.md"
        path.write_text(text, errors="surrogateescape")
    (folder / "_posts" / "2020-01-02-link.md").symlink_to(outside)
    (folder / "_posts" / "away").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "_posts" / "2020-01-03-pipe.md")
    report = import_folder(folder)
    assert [post.title for post in Post.objects.all()] == ["Good"]
    said = "\n".join(report.lines(limit=None))
    for word in (
        "bomb.md: The YAML has more than",
        "bytes.md: It is not in UTF-8",
        "long.md: It is",
    ):
        assert word in said
    assert "link.md: it is a link that leads elsewhere" in said
    assert "root:" not in Post.objects.get().body
    assert "Secret." not in Post.objects.get().body


@pytest.mark.django_db
def test_what_is_no_blog_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert "Cannot see which program made" in output_of("import_markdown", tmp_path)
    assert output_of("import_markdown", tmp_path / "no") == f"{tmp_path / 'no'} is not a folder."


def test_a_rule_at_the_top_is_no_front_matter():
    for text in ("---\nWords.", "{ not json", "Words: more\nof them", ""):
        assert split(text).body == text
