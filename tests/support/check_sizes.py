"""`make lint`: what is too long to be read at once: functions, modules, and lines of templates."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTION, MODULE, TEMPLATE_LINE = 40, 400, 120


def tracked(*patterns):
    command = ["git", "ls-files", "-z", *patterns]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in found.split("\0") if name and (ROOT / name).exists()]


def long_functions(path, source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines, more than {FUNCTION}."


def long_modules(path, source):
    lines = source.count("\n")
    if lines > MODULE:
        yield f"{path}: {lines} lines, more than {MODULE}."


def long_lines(path, source):
    for number, line in enumerate(source.splitlines(), 1):
        if len(line) > TEMPLATE_LINE:
            yield f"{path}:{number}: {len(line)} characters, more than {TEMPLATE_LINE}."


def too_long():
    for path in tracked("blog/*.py", "comments/*.py"):
        if "migrations" not in path.parts:
            source = (ROOT / path).read_text()
            yield from long_functions(path, source)
            yield from long_modules(path, source)
    for path in tracked("templates"):
        yield from long_lines(path, (ROOT / path).read_text())


if __name__ == "__main__":
    found = list(too_long())
    sys.exit("\n".join(found) if found else 0)
