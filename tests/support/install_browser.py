"""Get a Chromium for the browser tests, where that is possible without asking anybody."""

import os
import shutil
import subprocess
import sys

# The first has no windows to draw, and takes a third of the time.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome")


def main() -> None:
    if any(shutil.which(name) for name in NAMES):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests.", flush=True)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        install = ["apt-get", "install", "-y", "-qq"]
        # The font is what the stylesheet names first that Debian has.
        subprocess.run([*install, "fonts-sil-charis"], **quiet)
        if subprocess.run([*install, SHELL], **quiet).returncode:
            subprocess.run([*install, "chromium"], **quiet)
    if not any(shutil.which(name) for name in NAMES):
        print("Asking Playwright for its own Chromium.", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


if __name__ == "__main__":
    main()
