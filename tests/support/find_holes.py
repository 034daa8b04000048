"""`make lint`: looks up known holes in the tested versions, and secrets that were committed.

What cannot be looked up, as without a network, is said and no failure: a check that depends on
somebody else's server must not stop anyone's work. A hole or a secret that is found is one.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LOCKED = [ROOT / "deploy" / name for name in ("requirements.txt", "requirements-dev.txt")]
# Seconds for all look-ups together.
PATIENCE = 60


def find_holes():
    """Return the sentences about known holes; says on the way what could not be looked up."""
    command = [BIN / "pip-audit", "--disable-pip", "--require-hashes", "--timeout", "5"]
    command += ["--progress-spinner", "off", "--format", "json"]
    command += [part for path in LOCKED for part in ("--requirement", path)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        packages = json.loads(run.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        print("Known holes: not looked up, for the package index did not answer.")
        return []
    known = [package for package in packages if "vulns" in package]
    print(f"Known holes: {len(known)} of {len(packages)} packages looked up.")
    return [
        f"{package['name']} {package['version']} has {hole['id']}; "
        f"fixed in {', '.join(hole['fix_versions']) or 'no version yet'}."
        for package in known
        for hole in package["vulns"]
    ]


def find_secrets():
    """Return what looks like a key or a token in any file of the repository.

    Words such as password="…" are left to ruff's S105 to S107, which know tests from code.
    """
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    command = [BIN / "detect-secrets-hook", "--no-verify", "--exclude-files", "^deploy/require"]
    command += ["--disable-plugin", "KeywordDetector", "--disable-plugin", "BasicAuthDetector"]
    run = subprocess.run(
        [*command, *filter(None, files)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [run.stdout] if run.returncode else []


if __name__ == "__main__":
    found = find_secrets() + find_holes()
    sys.exit("\n".join(found) if found else 0)
