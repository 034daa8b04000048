"""What is forked from the process that waits is as what Python starts, but for what is imported."""

import json
import os
import signal
import subprocess
import sys

import pytest
import warm

SAY = """
import json, os, signal, sys
handled = {name: str(signal.getsignal(getattr(signal, name))) for name in ("SIGINT", "SIGPIPE")}
said = {
    "arguments": [sys.argv, sys.orig_argv, __name__], "paths": sys.path, "flags": str(sys.flags),
    "variables": dict(os.environ), "folder": os.getcwd(), "files": os.listdir("/proc/self/fd"),
    "parent": os.getppid(), "leads": os.getpgrp() == os.getpid(), "handled": handled,
    "read": sys.stdin.readline(),
}
print(json.dumps(said))
print("failed", file=sys.stderr)
sys.exit(3)
"""
pytestmark = pytest.mark.server


@pytest.mark.parametrize("group", [None, 0], ids=["of the tests", "of its own"])
def test_forked_process_is_as_a_started_one(tmp_path, group):
    given = {
        "args": [sys.executable, "-c", SAY, "one", "two"],
        "env": os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONUNBUFFERED": "1", "OWN": "1"},
        "process_group": group,
        "cwd": tmp_path,
    }
    pipes = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.PIPE) | {"text": True}
    assert warm.can_be_forked(given["args"], given["env"]) == (sys.platform == "linux")
    found = []
    for kind in (subprocess.Popen, warm.Process):
        with kind(**given, **pipes) as process:
            said, failed = process.communicate("A line\nAnother")
        found.append((process.returncode, json.loads(said), failed))
    assert found[0] == found[1]
    assert found[0][1]["parent"] == os.getpid()


def test_killed_process_is_known_as_killed():
    forked = warm.Process([sys.executable, "-c", "import time; time.sleep(60)"])
    forked.kill()
    assert forked.wait(30) == -signal.SIGKILL


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONHASHSEED", "LC_ALL"])
def test_process_with_variables_for_python_is_started(name):
    command = [sys.executable, "-c", "pass"]
    assert not warm.can_be_forked(command, os.environ | {name: "another"})
