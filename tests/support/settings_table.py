"""`make docs`: writes the table of settings in docs/configure.md from .env.example.

.env.example describes each setting and its default; a test compares it with blog/settings.py.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "configure.md"
BEGIN, END = "<!-- settings: written by `make docs` -->", "<!-- end of settings -->"


def sections(text):
    """Yield each section's title and its settings, as (name, default, description).

    A comment is said of all the variables that follow it until an empty line or the next comment.
    """
    title, rows, said = "Where settings are", [], []
    for line in [*text.splitlines(), "# ---"]:
        if line.startswith("# ---"):
            if rows:
                yield title, rows
            title, rows, said = line.removeprefix("# ---").strip(), [], []
        elif found := re.fullmatch(r"#?([A-Z0-9_]+)=(.*)", line):
            rows.append((found[1], found[2], " ".join(said)))
        elif line.startswith("# "):
            if rows and rows[-1][2] == " ".join(said):
                said = []
            said.append(line.removeprefix("# "))
        else:
            said = []


def table(text):
    """Return the sections as Markdown."""
    parts = []
    for title, rows in sections(text):
        parts += [f"## {title}", "", "| Variable | Default | |", "|---|---|---|"]
        last = None
        for name, default, said in rows:
            # Several settings may share one description.
            words = said.replace("|", "\\|") if said != last else "as above"
            shown = f"`{default}`" if default else ""
            parts.append(f"| `{name}` | {shown} | {words if said else ''} |")
            last = said
        parts.append("")
    return "\n".join(parts)


def written(page, example):
    """Return the page with the table that belongs to this .env.example."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table(example)}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(), (ROOT / ".env.example").read_text()))
