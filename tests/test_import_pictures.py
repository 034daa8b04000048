"""Files of a folder that imported texts show: found safely, and brought into the library once."""

import os
from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage
from pictures import QUARTERS, quarters, saved

from blog.posts.models import Image, Recording
from blog.transfer.media_folder import MediaFolder
from blog.transfer.pictures import Pictures
from blog.transfer.report import Report

PNG = saved(quarters(QUARTERS), "PNG")


@pytest.fixture
def folder(tmp_path):
    """Return a folder like `uploads`, beside which something lies that is nobody's business."""
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.png").write_bytes(PNG)
    root = tmp_path / "uploads"
    (root / "2020" / "05").mkdir(parents=True)
    return root


def put(folder, *names, content=PNG):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def found(folder, address, beside=None, **given):
    path = MediaFolder(folder, **given).find(address, beside)
    return path and str(path.relative_to(folder))


class TestFinding:
    def test_every_spelling_of_an_address_finds_its_file(self, folder):
        names = ["2020/05/red.png", "2020/05/green leaf.jpg", "2020/05/bl\u00e5b\u00e6r.gif"]
        names += ["2020/05/50%25.png", "2020/05/a#b.png", "top.png", "2020/05/e\u0301.png"]
        put(folder, *names)
        base = "https://words.example.org/wp-content/uploads"
        spellings = {
            f"{base}/2020/05/red.png": names[0],
            "//words.example.org/blog/wp-content/uploads/2020/05/red.png?w=640#x": names[0],
            "/wp-content/uploads/2020/05/red.png": names[0],
            "https://i0.wp.com/words.example.org/wp-content/uploads/2020/05/red.png?w=1": names[0],
            "2020/05/./x/../red.png": names[0],
            f"{base}/2020/05/green%20leaf.jpg?w=640": names[1],
            f"{base}/2020/05/green leaf.jpg": names[1],
            f"{base}/2020/05/bl%C3%A5b%C3%A6r.gif": names[2],
            f"{base}/2020/05/bl%25C3%25A5b%25C3%25A6r.gif": names[2],
            f"{base}/2020/05/bla\u030ab\u00e6r.gif": names[2],
            f"{base}/2020/05/\u00e9.png": names[6],
            f"{base}/2020/05/50%2525.png": names[3],
            f"{base}/2020/05/50%25.png": names[3],
            f"{base}/2020/05/a%23b.png": names[4],
            "2020/05/a#b.png": names[4],
            f"{base}/top.png": names[5],
        }
        assert {each: found(folder, each) for each in spellings} == spellings

    def test_a_smaller_name_finds_the_original(self, folder):
        put(folder, "a/x.jpg", "a/y-scaled.jpg", "a/z.jpg", "a/z-300x200.jpg")
        asked = ["a/x-300x200.jpg", "a/x-scaled.jpg", "a/y-1024x768.jpg", "a/y.jpg"]
        wanted = ["a/x.jpg", "a/x.jpg", "a/y-scaled.jpg", "a/y-scaled.jpg"]
        assert [found(folder, each) for each in asked] == wanted
        assert found(folder, "a/z-300x200.jpg") == "a/z-300x200.jpg"
        assert found(folder, "a/z-300x200.jpg", originals=True) == "a/z.jpg"

    def test_nothing_outside_is_found(self, folder):
        put(folder, "2020/05/red.png")
        (folder / "out.png").symlink_to(folder.parent / "secret.png")
        (folder / "far").symlink_to(folder.parent / "elsewhere")
        (folder / "loop").symlink_to(folder / "loop")
        (folder / "in.png").symlink_to("2020/05/red.png")
        os.mkfifo(folder / "pipe.png")
        secret = str(folder.parent / "secret.png")
        tricks = ["../secret.png", "..%2fsecret.png", "%2e%2e/secret.png", "2020/../../secret.png"]
        tricks += ["out.png", "far/secret.png", "loop/x.png", "loop", "pipe.png", "2020", "", "/"]
        tricks += [secret, f"file://{secret}", f"https://x.example/{quote(secret)}", "..", "%00"]
        tricks += ["https://[/red.png", "a\0.png", "/".join("a" * 5000), "\ud800.png", "x" * 9000]
        assert {each: found(folder, each) for each in tricks} == dict.fromkeys(tricks)
        assert found(folder, "in.png") == "in.png"

    def test_relative_addresses_begin_beside_the_text(self, folder):
        put(folder, "posts/one/near.png", "posts/near.png", "images/far.png")
        beside = folder / "posts" / "one"
        assert found(folder, "near.png", beside) == "posts/one/near.png"
        assert found(folder, "./near.png", beside) == "posts/one/near.png"
        assert found(folder, "../../images/far.png", beside) == "images/far.png"
        assert found(folder, "/images/far.png", beside) == "images/far.png"
        assert found(folder, "../../../secret.png", beside) is None
        assert found(folder, "https://blog.example/near.png") is None

    def test_a_bare_name_is_no_place(self, folder):
        put(folder, "logo.png")
        assert found(folder, "https://x.example/wp-content/uploads/logo.png") == "logo.png"
        assert found(folder, "https://x.example/2020/05/logo.png") is None


@pytest.mark.django_db
class TestBringing:
    def bring(self, folder, **given):
        report = Report()
        return report, Pictures(report, MediaFolder(folder), **given)

    def test_the_same_bytes_are_kept_once(self, folder):
        put(folder, "a/x.png", "b/y.png")
        report, pictures = self.bring(folder)
        one = pictures.markdown("a/x.png", "here", alt="A [red] one", title='It "is"')
        two = pictures.bring("b/y.png", "there", alt="Other words")
        image = Image.objects.get()
        assert one == f'![A \\[red\\] one](/media/{image.file.name} "It &quot;is&quot;")'
        assert (two, image.alt) == (image, "A [red] one")
        assert default_storage.exists(image.file.name)
        assert report.notes == {}

    def test_what_is_missing_is_marked_and_noted_once(self, folder):
        report, pictures = self.bring(folder)
        for _each in range(2):
            line = pictures.markdown("/u/lost (1).jpg?w=3", "Essay, line 7", alt="Gone")
        assert line == "[Gone (missing file: lost (1).jpg)](/u/lost%20%281%29.jpg?w=3)"
        assert [*report.notes.values()] == [["Essay, line 7: /u/lost (1).jpg?w=3"]]

    def test_what_is_refused_says_why(self, folder):
        put(folder, "a/paper.pdf", content=b"%PDF-1.4")
        put(folder, "a/broken.png", content=PNG[:60])
        report, pictures = self.bring(folder)
        assert pictures.bring("a/paper.pdf", "here") is None
        assert pictures.bring("a/broken.png", "here") is None
        (lines,) = report.notes.values()
        assert lines[0].startswith("here: a/paper.pdf: This image cannot be read")
        assert lines[1].startswith("here: a/broken.png: This file is damaged")

    def test_a_dry_run_says_the_same_and_keeps_nothing(self, folder):
        own = saved(quarters([*QUARTERS[1:], (1, 2, 3)]), "PNG")  # no other test keeps it
        put(folder, "a/x.png", content=own)
        _report, dry = self.bring(folder, dry_run=True)
        said = dry.markdown("a/x.png", "here", alt="Red")
        assert not Image.objects.exists()
        assert not default_storage.exists(said.partition("/media/")[2].rstrip(")"))
        _report, wet = self.bring(folder)
        assert wet.markdown("a/x.png", "here", alt="Red") == said

    def test_a_sound_leaves_its_file_alone(self, folder, sound):
        put(folder, "a/talk.mp3", content=sound)
        _report, pictures = self.bring(folder)
        made = pictures.bring("a/talk.mp3", "here")
        assert made == Recording.objects.get()
        assert made.title == "talk"
        assert (folder / "a/talk.mp3").read_bytes() == sound

    def test_elsewhere_is_asked_for_what_is_not_there(self, folder):
        put(folder, "a/x.png")
        asked = []
        _report, pictures = self.bring(folder, elsewhere=asked.append)
        pictures.bring("a/x.png", "here")
        pictures.bring("a/y.png", "here")
        assert asked == ["a/y.png"]


@pytest.fixture
def sound():
    """Return an MP3 of ten silent frames, with a name in it."""
    frame = b"\xff\xfb\x90\x64" + bytes(413)
    return b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + frame * 10
