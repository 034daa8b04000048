"""What docs/move-in-comments.md says of the documented form is what is read."""

import json
import re
import subprocess
import sys
from pathlib import Path

from blog.transfer.discussions.comments_json import KNOWN, CommentsJson

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "move-in-comments.md").read_text()


def test_example_is_read_whole(tmp_path):
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "c.json").write_text(example)
    reader = CommentsJson(tmp_path / "c.json")
    first, second = reader.said()
    assert (first.markdown, second.html) == ("Well *said*.", "<p>I agree.</p>")
    assert (second.parent, second.status) == ("old-17", "pending")
    assert None not in (first.at, second.at)
    assert reader.unreadable() == {}


def test_table_names_every_field():
    rows = re.findall(r"^\| (`[^|]+`) \|", PAGE, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == KNOWN


def test_script_makes_the_form_of_a_table(tmp_path):
    table = tmp_path / "old.csv"
    table.write_text(
        "\ufeffurl,nr,answer_to,who,mail,said,when,state\n"
        '/a/,1,,Ann,ann@example.org,"Well, said.\n\n""Two"" lines",2021-03-02 08:15,public\n'
        "/a/,2,1,Bo,,Agreed.,2021-03-02 09:15,odd\n"
    )
    command = [sys.executable, DOCS / "csv_to_comments.py", table]
    made = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    (tmp_path / "c.json").write_text(made.stdout)
    first, second = CommentsJson(tmp_path / "c.json").said()
    assert first.html == "<p>Well, said.</p><p>&quot;Two&quot; lines</p>"
    assert (first.id, first.page, first.status) == ("old-1", "/a/", "approved")
    assert (second.parent, second.status) == ("old-1", "pending")
    assert json.loads(made.stdout.splitlines()[1])["name"] == "Bo"
