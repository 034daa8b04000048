"""`make docs`: writes the tables of docs/theme.md from blog/ops/themes/promise.py."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from blog.ops.themes.promise import EVERYWHERE, PROMISES, TAGS  # noqa: E402

PAGE = ROOT / "docs" / "theme.md"
BEGIN, END = "<!-- templates: written by `make docs` -->", "<!-- end of templates -->"


def listed(words):
    """Return names with what they are, a line each."""
    return [f"- `{name}`: {said}" for name, said in words.items()]


def in_one(words):
    """Return the same in one line."""
    return "; ".join(f"`{name}`{f' ({said})' if said else ''}" for name, said in words.items())


def tables():
    frame = PROMISES["base.html"]
    parts = ["### In every template", "", *listed(EVERYWHERE), "", "### Blocks of base.html", ""]
    parts += [*listed(frame.blocks), "", "### Each template", ""]
    parts += ["Pages have the blocks of base.html, and those listed here.", ""]
    for name, (said, blocks, variables) in PROMISES.items():
        words = [f"- **{name}**: {said}."]
        if blocks and name != "base.html":
            words.append(f"Blocks: {in_one(blocks)}.")
        if variables and variables is not EVERYWHERE:
            words.append(f"Variables: {in_one(variables)}.")
        parts.append(" ".join(words))
    parts += ["", "### Tags and filters", ""]
    for library, words in TAGS.items():
        parts += [f"`{{% load {library} %}}`:", "", *listed(words), ""]
    return "\n".join(parts)


def written(page):
    """Return the page with the tables that belong to the promise."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
