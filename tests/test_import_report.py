"""The report of an import stays small, is kept as JSON, and can be read in full all the same."""

from io import StringIO

import pytest
from django.core.management import call_command
from wordpress_exports import COMMENT, export_xml, item_xml

from blog.transfer.course import Stretches
from blog.transfer.report import HEADINGS, LONGEST, MOST, Report


def test_report_is_bounded_whatever_it_is_told():
    report = Report()
    for number in range(3 * MOST):
        report.note("Left out", f"{number} " + "x" * 3 * LONGEST)
        report.note(f"Heading {number}", "y")
    lines = report.notes["Left out"]
    assert (len(lines), lines.count) == (MOST, 3 * MOST)
    assert max(map(len, lines)) == LONGEST
    assert len(report.notes) == HEADINGS + 1
    assert sum(lines.count for lines in report.notes.values()) == 6 * MOST


def test_report_comes_back_from_json_the_same():
    report = Report(dry_run=True)
    report.added.update(post=2, comment=3)
    report.refused["comment"] += 1
    for number in range(MOST + 7):
        report.note("Left out", f"{number}")
    again = Report.from_json(report.as_json())
    assert again == report
    assert list(again.lines()) == list(report.lines())
    assert "  37 more lines" in list(again.lines())


def test_sums_say_what_was_left_out_and_refused():
    report = Report()
    report.types.update(post=3, nav=1)
    report.added.update(post=1)
    report.skipped.update(post=1, other=1)
    report.refused.update(post=1)
    assert list(report.sums()) == [
        "Read 4 items: 3 posts, 1 other.",
        "Added: 1 post.",
        "Left out: 1 post, 1 other.",
        "Refused: 1 post.",
    ]


@pytest.mark.django_db
def test_command_prints_every_line_when_asked(tmp_path):
    comments = [COMMENT | {"comment_id": str(n), "comment_type": "note"} for n in range(70)]
    path = tmp_path / "export.xml"
    path.write_text(export_xml(item_xml(*comments)))
    printed = {}
    for verbosity in (1, 2):
        said = StringIO()
        call_command("import_wordpress", path, dry_run=True, stdout=said, verbosity=verbosity)
        printed[verbosity] = said.getvalue().count("of the type “note”")
    assert printed == {1: 20, 2: 70}


@pytest.mark.django_db
def test_stretches_save_by_the_clock():
    saved, now = [], iter(range(100))
    course = Stretches(lambda steps, report: saved.append(steps), clock=lambda: next(now) / 4)
    report = Report()
    with course.over(report):
        for _number in range(7):
            report.step()
    assert saved == [2, 4, 6, 7]
