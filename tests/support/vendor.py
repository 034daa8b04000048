"""`make vendor`: renews the scripts of others that stand in static/js/vendor, from npm's registry.

To take a new version, change it here, run this, read what changed, and run the tests in Chromium.
npm checks what it fetches against the registry's sum; the file names its version and its licence.
"""

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "js" / "vendor"
# Name, version, the file of the package, its licence's file, and what makes a module of it.
PACKAGES = [
    (
        "idiomorph",
        "0.8.0",
        "dist/idiomorph.min.js",
        "LICENSE",
        "export { Idiomorph };",
    ),
]


def text_of(package, version, file, licence, ending):
    """Return what our file of a package holds."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{package}@{version}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            source, terms = (
                packed.extractfile(f"package/{name}").read().decode().strip()
                for name in (file, licence)
            )
    head = "\n".join(f" * {line}".rstrip() for line in terms.splitlines())
    return f"/*!\n * {package} {version}, {file}\n *\n{head}\n */\n{source}\n{ending}\n"


if __name__ == "__main__":
    VENDOR.mkdir(exist_ok=True)
    for package, *rest in PACKAGES:
        (VENDOR / f"{package}.js").write_text(text_of(package, *rest))
        sys.stdout.write(f"{package} {rest[0]}\n")
