"""The documentation is complete and up to date; `make test-docs` runs its commands."""

import re
from pathlib import Path

import pytest
import settings_table
from run_docs import BLOCK
from test_settings import variables_read

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_settings_table_matches_env_example():
    page = settings_table.PAGE.read_text()
    example = (ROOT / ".env.example").read_text()
    assert settings_table.written(page, example) == page, "make docs"


def test_settings_table_describes_each_setting_once():
    rows = re.findall(r"^\| `([A-Z_]+)` \| .* \| (.*) \|$", settings_table.PAGE.read_text(), re.M)
    assert sorted(name for name, _said in rows) == sorted(variables_read())
    assert [name for name, said in rows if not said] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_each_link_between_the_pages_leads_somewhere(page):
    for place in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in place and not place.startswith("/media/"):  # an example
            assert (page.parent / place).exists(), place


def test_no_page_holds_the_marks_of_a_conflict():
    marks = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)
    assert [page.name for page in PAGES if marks.search(page.read_text())] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_skipped_command_blocks_have_a_reason(page):
    """Every fence of the two kinds is one that `make test-docs` sees."""
    fences = re.findall(r"^ *```(?:sh|env|bash|console|shell)\b", page.read_text(), re.M)
    seen = [block for block in BLOCK.finditer(page.read_text()) if block["kind"]]
    assert len(fences) == len(seen)
