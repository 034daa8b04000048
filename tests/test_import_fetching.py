"""`--fetch`: files of the old blog by the one door to the network, each once, within limits."""

import pytest
from pictures import QUARTERS, quarters, saved
from wordpress_exports import bring, item_xml

from blog.net.fetch import FetchError
from blog.net.response import Headers, Response
from blog.posts.models import Image, Post
from blog.transfer import fetching
from blog.transfer.fetching import Fetching

__all__ = ["bring"]  # fixtures

pytestmark = pytest.mark.django_db

PNG = saved(quarters(QUARTERS), "PNG")
UPLOADS = "http://old.example/wp-content/uploads/"


class Door:
    """Answers with a picture where the address says so, and remembers what was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, url, *, accept, limit, deadline):
        self.asked.append(url)
        if "away" in url:
            raise FetchError("unreachable", "Nobody answers.")
        status = 200 if "red" in url or "large" in url else 404
        return Response(url, status, Headers([]), PNG, "large" in url)


def essay(*names):
    images = "".join(f'<img src="{UPLOADS}{name}" alt="{name[:3]}">' for name in names)
    return item_xml(content=f"{images} <img src='https://other.example/red.png'>")


def test_files_are_fetched_once_and_marked_where_they_cannot_be_had(bring, tmp_path):
    door = Door()
    names = "2020/r%C3%A9d red.png", "gone.png", "large.png", "2020/r%C3%A9d red.png?w=3"
    text = bring(essay(*names), fetch=Fetching(tmp_path / "fetched", door))
    asked = [f"{UPLOADS}{name}" for name in ("2020/r%C3%A9d%20red.png", "gone.png", "large.png")]
    assert sorted(door.asked) == sorted(asked)
    assert "gone.png: It answers 404." in text
    assert "large.png: It is too large to be fetched." in text
    body, image = Post.objects.get().body, Image.objects.get()
    assert body.count(image.get_absolute_url()) == 2
    assert body.count("(missing file: ") == 2
    assert "https://other.example/red.png" in body
    # Another run finds it in the folder.
    again = Door()
    Post.objects.all().delete()
    bring(essay(names[0]), fetch=Fetching(tmp_path / "fetched", again))
    assert again.asked == []


def test_a_dry_run_fetches_nothing(bring, tmp_path):
    door = Door()
    text = bring(essay("red.png"), fetch=Fetching(tmp_path / "fetched", door), dry_run=True)
    assert door.asked == []
    assert "Files that would be fetched (1):\n  /wp-content/uploads/red.png" in text
    assert not (tmp_path / "fetched").exists()


def test_a_blog_that_is_gone_is_left_alone(bring, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_FAILURES", 3)
    door = Door()
    names = [f"away{number}.png" for number in range(9)]
    bring(essay(*names), fetch=Fetching(tmp_path / "fetched", door))
    assert len(door.asked) == 3


def test_no_address_leads_out_of_the_folder(bring, tmp_path):
    door = Door()
    tricks = ["../../../red.png", "%2e%2e/%2e%2e/%2e%2e/%2e%2e/red.png", "..%2f..%2f..%2fred.png"]
    bring(essay(*tricks), fetch=Fetching(tmp_path / "fetched", door))
    assert {path.parts[len(tmp_path.parts)] for path in tmp_path.rglob("*.png")} <= {"fetched"}


def test_nothing_is_fetched_unasked(bring, monkeypatch):
    monkeypatch.setattr(fetching, "fetch", None)
    text = bring(essay("red.png"))
    assert "Files that stayed behind: import it again with wp-content/uploads (1):" in text
