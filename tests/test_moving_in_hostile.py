"""What is sent to the admin's page can be anything: refused in a sentence, or harmless."""

import gzip
import io
import stat
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest
from moving import PAGE, act, stand_in, tried, zipped
from wordpress_exports import COMMENT, export_xml, item_xml

from blog.posts.models import Post
from blog.transfer import unpacking
from blog.transfer.importers import IMPORTERS, Importer
from blog.transfer.report import Report
from blog.transfer.unpacking import IntakeError, parts_of

pytestmark = pytest.mark.django_db

GOOD = export_xml(item_xml(COMMENT))
LINK = (stat.S_IFLNK | 0o777) << 16
DEVICE = (stat.S_IFCHR | 0o777) << 16


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path, monkeypatch):
    stand_in(monkeypatch)
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()


@pytest.fixture
def refused(admin_client, settings, tmp_path):
    """Return the sentence that the page says; nothing stays of what was unpacked."""

    def refused(content, name="blog.zip", **fields):
        move = tried(admin_client, content, name, **fields)
        assert move.state == "refused", move.state
        assert "Nothing was brought here." in admin_client.get(f"{PAGE}{move.pk}/").text
        assert move.said.endswith(".")
        assert str(tmp_path) not in move.said
        assert [path for path in settings.DATA_DIR.rglob("*") if path.is_file()] == []
        assert not Post.objects.exists()
        return move.said

    return refused


@pytest.fixture
def folder(monkeypatch):
    """Have an importer that takes a folder and notes what is in it."""
    seen = []

    def run(source, **how):
        seen.extend(sorted(str(path.relative_to(source.path)) for path in source.path.rglob("*")))
        return Report(dry_run=True)

    taking = Importer(name="A folder", help="", endings=(".zip",), run=run, takes_folder=True)
    monkeypatch.setitem(IMPORTERS, "any", taking)
    return seen


def test_entity_bombs_are_refused(refused):
    lots = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    bomb = GOOD.replace("<rss", f"<!DOCTYPE rss [{lots}]><rss", 1).replace("Hello", "&e8;")
    outside = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    reading = GOOD.replace("<rss", f"{outside}<rss", 1).replace("Hello", "&x;")
    for content in (bomb, reading, gzip.compress(bomb.encode()), zipped(("a.xml", bomb))):
        name = "blog.xml" if isinstance(content, str) else "blog.gz"
        name = "blog.zip" if content[:2] == b"PK" else name
        assert "DOCTYPE" in refused(content, name)


def test_broken_export_says_line_and_its_own_name(refused):
    said = refused(GOOD.replace("</item>", "</itme>"), "my blog.xml")
    assert said.startswith("my blog.xml is not well-formed XML at line 1, column ")


@pytest.mark.parametrize("name", ["bomb.gz", "bomb.zip"])
def test_what_unpacks_to_too_much_is_refused(refused, monkeypatch, name):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 3_000_000)
    zeros = b"0" * 20_000_000
    packed = gzip.compress(zeros) if name.endswith("gz") else zipped(("a.xml", zeros))
    assert "more than 3 MB" in refused(packed, name)


def test_archive_that_lies_about_sizes_is_counted(refused, monkeypatch, folder):
    """All its entries are the same bytes, and say that they hold little."""
    monkeypatch.setattr(unpacking, "MOST_BYTES", 3_000_000)
    many = zipped(*((f"{n}.md", b"0" * 1_000_000) for n in range(9)))
    lying = many.replace(struct.pack("<L", 1_000_000), struct.pack("<L", 10))
    for packed, said in ((many, "more than 3 MB"), (lying, "damaged")):
        assert said in refused(packed, kind="any")
    assert folder == []


WRONG_PATHS = [
    *("../evil", "a/../../evil", "/etc/evil", "C:/evil", "c:evil", "a\\..\\..\\evil", "..", "./x"),
    *("a//b", "x\x07y", "a/\u202eb", "d/" * 50 + "x", "n" * 300, "é" * 200),
]


def test_paths_that_lead_elsewhere_are_refused(refused, folder, tmp_path):
    for path in WRONG_PATHS:
        with pytest.raises(IntakeError, match="A file cannot have the path"):
            parts_of(path)
    said = refused(zipped(("posts/a.md", b"x"), ("../../../evil", b"x")), kind="any")
    assert "A file cannot have the path “../../../evil”" in said
    assert not list(tmp_path.rglob("evil"))


def test_links_and_devices_are_refused(refused, folder):
    for kind in (LINK, DEVICE):
        packed = zipped(("etc", b"/etc/passwd"), external_attr=kind)
        assert "“etc” is a link and no file" in refused(packed, kind="any")
    assert "is a link" in refused(zipped(("a.xml", b"/etc/passwd"), external_attr=LINK))


def test_absurd_counts_are_refused_before_they_are_read(refused, folder, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_FILES", 50)
    assert "more than 50 files" in refused(zipped(*((f"{n}", b"") for n in range(60))), kind="any")
    # An ending that tells of a list of 300 MB, which is never read.
    ending = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 300_000_000, 0, 0)
    assert "more than 50 files" in refused(b"PK\3\4" + ending, kind="any")


def test_same_name_twice_is_refused(refused, folder):
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped(("a.md", b"1"), ("a.md", b"2"))
    assert "stands twice" in refused(twice, kind="any")
    assert "stands twice" in refused(zipped(("a", b"1"), ("a/b", b"2")), kind="any")


def test_damaged_and_locked_archives_are_refused(refused, folder):
    good = zipped(("a.md", b"word " * 500))
    broken = bytearray(good)
    broken[60] ^= 0xFF
    locked = bytearray(good)
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.index(mark) + at] |= 1
    rare = good.replace(b"\x08\0", b"\x0e\0")  # LZMA, which may ask for gigabytes
    assert "packed in a rare way" in refused(rare, kind="any")
    assert "needs a password" in refused(bytes(locked), kind="any")
    for packed in (good[:-30], bytes(broken), b"PK\3\4", b"no archive", good[:10] + good[-90:]):
        assert refused(packed, kind="any") == (
            "The archive is damaged. Pack it again, then send it again."
        )
    assert "damaged" in refused(gzip.compress(GOOD.encode())[:-20], "blog.gz")


def test_archive_with_no_or_two_exports_is_refused(refused):
    assert "holds 0 files that end in .xml" in refused(zipped(("a.txt", b"x")))
    assert "holds 2 files" in refused(zipped(("a.xml", GOOD), ("b.xml", GOOD)))


def test_random_changes_of_an_archive_break_nothing(tmp_path):
    """It is unpacked into its folder or refused in a sentence, whatever byte is another."""
    good = zipped(("posts/a.md", b"words " * 20), ("posts/b/c.md", b"more"))
    path = tmp_path / "x.zip"
    for number in range(0, len(good), 2):
        changed = bytearray(good)
        changed[number] ^= 1 << (zlib.crc32(b"%d" % number) % 8)
        path.write_bytes(changed)
        folder = tmp_path / f"{number}"
        folder.mkdir()
        with suppress(IntakeError):
            unpacking.unpack_all(path, folder)
    folders = {f"{number}" for number in range(0, len(good), 2)}
    assert {each.name for each in tmp_path.iterdir()} == {"data", "x.zip"} | folders


def test_good_folder_is_unpacked(admin_client, folder):
    packed = zipped(("site/", b""), ("site/posts/a.md", b"x"), ("__MACOSX/._a", b"x"))
    assert tried(admin_client, packed, "blog.zip", kind="any").state == "tried"
    assert folder == ["posts", "posts/a.md"]


def test_serialised_objects_in_meta_do_nothing(admin_client):
    """PHP would wake them; here they are text that is left where it is."""
    evil = 'O:8:"EvilCode":1:{s:4:"file";s:11:"/etc/passwd";}'
    meta = f"<wp:postmeta><wp:meta_key>x</wp:meta_key><wp:meta_value>{evil}</wp:meta_value>"
    export = GOOD.replace("</item>", f"{meta}</wp:postmeta></item>")
    assert act(admin_client, tried(admin_client, export), "bring").state == "done"
    assert "EvilCode" not in Post.objects.get().body


def test_names_that_are_markup_are_shown_as_text(admin_client):
    move = tried(admin_client, GOOD, "<script>alert(1)<x>.xml")
    for page in (PAGE, f"{PAGE}{move.pk}/"):
        assert "<script>alert" not in admin_client.get(page).text


def test_zip64_of_a_long_list_is_refused(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", b"")
    ending = file.getvalue()
    listed = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 10**9, 10**10, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(ending) - 22, 1)
    path = tmp_path / "x.zip"
    path.write_bytes(ending[:-22] + listed + locator + ending[-22:])
    with pytest.raises(IntakeError, match="more than 20,000 files"):
        unpacking.unpack_all(path, tmp_path)
