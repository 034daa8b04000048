"""The folder of a copy: what is written into it, and what is taken away again.

Only files that an earlier run wrote are changed or removed. Which these are stands in a folder of
its own within, the mark that the copy is ours; a file is noted there before it is made.
"""

import contextlib
import errno
import fcntl
import os
import tempfile

from django.utils.translation import gettext as _

from .places import folded, number_of

OWN = ".postil-copy"
AT_ONCE = 1 << 20


class CopyError(Exception):
    """The copy was not made, or not all of it. The message is one translated sentence."""


class Blocked(Exception):
    """A file cannot be where a folder is, nor a folder where a file is."""


class Folder:
    """`written`, `same` and `removed` count files; `strangers` are somebody's own in the way.

    `twins` differ from others in capitals alone.
    """

    def __init__(self, root, said=None):
        self.root, self.own = root, root / OWN
        self.said = said or (lambda place: None)
        self.before, self.now, self.folded, self.reserved = set(), set(), set(), set()
        self.written = self.same = self.removed = 0
        self.strangers, self.twins = [], []

    @contextlib.contextmanager
    def open(self):
        """Take the folder, or refuse it: then nothing in it was touched."""
        self._check_is_ours()
        self.own.mkdir(parents=True, exist_ok=True)
        with (self.own / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CopyError(_("A copy is being written there already.")) from None
            for half in self.own.glob("half-*"):
                half.unlink()
            self.tells_case = self._tells_case()
            for place in self._listed():
                self.before.add(number_of(place))
            with (self.own / "files.new").open("a", encoding="utf-8") as self.journal:
                yield self

    def _check_is_ours(self):
        root = self.root
        if root.exists() and not root.is_dir():
            raise CopyError(_("%(folder)s is a file: name a folder.") % {"folder": root})
        if root.is_dir() and not self.own.is_dir() and any(root.iterdir()):
            raise CopyError(
                _("%(folder)s holds something else than a copy of this site: name a new folder.")
                % {"folder": root}
            )

    def _tells_case(self):
        """Whether `A` and `a` are two files here."""
        (self.own / "Case").touch()
        found = (self.own / "case").exists()
        (self.own / "Case").unlink()
        return not found

    def _listed(self):
        """Yield the places of all files that earlier runs wrote, or began to write."""
        for name in ("files", "files.new"):
            if (self.own / name).exists():
                with (self.own / name).open(encoding="utf-8", errors="replace") as lines:
                    yield from (line.rstrip("\n") for line in lines)

    # --- Writing ------------------------------------------------------------------------------

    def write(self, place, content):
        """Have a file hold these bytes; return whether it is there (and it is ours)."""
        return self._put(place, lambda path: self._is_same(path, content), lambda: [content])

    def write_pieces(self, place, length, pieces):
        """The same of a file too large for memory, whose name says its content."""
        return self._put(place, lambda path: path.stat().st_size == length, pieces)

    def copy(self, of, place):
        """Have a file hold what another in the copy does."""
        source = self.root / of
        return self._put(place, lambda path: is_alike(source, path), lambda: pieces_of(source))

    def reserve(self, place):
        """Keep a place for `write_large`: no other file is written there."""
        self.reserved.add(number_of(folded(place)))

    def write_large(self, place, pieces):
        """Have a file of a reserved place hold these pieces of text, too many for memory."""
        aside = self.own / "aside"
        with aside.open("w", encoding="utf-8", errors="surrogatepass") as file:
            file.writelines(pieces)
        try:
            self._put(
                place,
                lambda path: is_alike(aside, path),
                lambda: pieces_of(aside),
                is_reserved=True,
            )
        finally:
            aside.unlink()

    def has(self, place):
        return number_of(place) in self.now

    def _put(self, place, is_same, pieces, *, is_reserved=False):
        key, alike = number_of(place), number_of(folded(place))
        if key in self.now:
            return True
        if not is_reserved and (alike in self.reserved or folded(place).startswith(f"{OWN}/")):
            return False
        if alike in self.folded:
            self.twins.append(place)
            if not self.tells_case:
                return False
        path = self.root / place
        try:
            is_there = path.is_file() and not path.is_symlink()
        except OSError:
            is_there = False
        if is_there and is_same(path):
            self._note(place, key, alike)
            self.same += 1
            return True
        if os.path.lexists(path) and not path.is_dir() and key not in self.before:
            self.strangers.append(place)
            return False
        self._make_room(path)
        self._note(place, key, alike)
        self._replace(path, pieces())
        self.written += 1
        self.said(place)
        return True

    def _note(self, place, key, alike):
        self.now.add(key)
        self.folded.add(alike)
        self.journal.write(f"{place}\n")
        if key not in self.before:
            self.journal.flush()

    @staticmethod
    def _is_same(path, content):
        return path.stat().st_size == len(content) and path.read_bytes() == content

    def _replace(self, path, pieces):
        """Write a file aside; it takes its place once it is whole."""
        with tempfile.NamedTemporaryFile(dir=self.own, prefix="half-", delete=False) as half:
            try:
                for piece in pieces:
                    half.write(piece)
                half.close()
                os.chmod(half.name, 0o644)
                os.replace(half.name, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(half.name)
                raise

    def _make_room(self, path):
        """Make the folders above a file; what an earlier run had in their place goes."""
        if path.is_dir():
            self._clear(path)
            if path.is_dir():
                raise Blocked(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            for above in path.parents:
                place = self._place(above)
                if above.is_file() and self._is_left_over(place):
                    above.unlink()
                    path.parent.mkdir(parents=True, exist_ok=True)
                    return
            raise Blocked(path) from None

    def _clear(self, folder):
        for path in [*folder.rglob("*")]:
            if path.is_file() and self._is_left_over(self._place(path)):
                path.unlink()
                self._prune(path.parent)

    def _is_left_over(self, place):
        key = number_of(place)
        return key in self.before and key not in self.now

    def _place(self, path):
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else ""

    # --- What is gone -------------------------------------------------------------------------

    def finish(self):
        """Remove what earlier runs wrote and this one did not, and keep the list of this one."""
        self.journal.flush()
        kept = set()
        with (self.own / "list").open("w", encoding="utf-8") as lines:
            for place in self._listed():
                key = number_of(place)
                if key in kept:
                    continue
                if key in self.now:
                    kept.add(key)
                    lines.write(f"{place}\n")
                elif self.tells_case or number_of(folded(place)) not in self.folded:
                    self._remove(place)
        os.replace(self.own / "list", self.own / "files")
        self.journal.close()
        (self.own / "files.new").unlink()

    def _remove(self, place):
        path = self.root / place
        if path.is_file() or path.is_symlink():
            path.unlink()
            self.removed += 1
            self._prune(path.parent)

    def _prune(self, folder):
        while folder != self.root and folder != self.own:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def pieces_of(path):
    with path.open("rb") as file:
        while piece := file.read(AT_ONCE):
            yield piece


def is_alike(one, other):
    """Whether two files hold the same bytes."""
    if one.stat().st_size != other.stat().st_size:
        return False
    return all(a == b for a, b in zip(pieces_of(one), pieces_of(other), strict=True))


def cannot_be_named(error):
    """Whether a file system says that it takes no file of this name."""
    return error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ)
