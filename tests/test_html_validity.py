"""Every public page, and each of the admin, passes the Nu checker (validator.w3.org/nu).

It is a Java program: a command `vnu`, the jar that the environment variable VNU_JAR names, or the
one that tests/support/install_peers installed.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from admin_pages import admin_pages
from django.test import RequestFactory
from trials import some_of

from blog.posts.models import Post, SharedDraft, Text
from blog.transfer.demo import load_demo
from blog.web.errors import server_error, unavailable
from comments.models import Comment, DraftNote, ThreadPage
from comments.rendering.choices import Choices

INSTALLED = Path.home() / ".cache/postil-peers/node_modules/vnu-jar/build/dist/vnu.jar"
# It ends before a thorough compiler or several collectors would pay.
QUICK_START = "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m"
# What browsers know for years and its checker of CSS does not yet: @property, anchors, and marks.
NEWER_CSS = re.compile(
    "CSS: (?:Unrecognized at-rule “@property”|“anchor-|“(?:top|inset-inline-end)”: Parse Error)"
    "|CSS: “inset-block”: “anchor\\(|CSS: Parse Error.*ighlight\\(beside",
    re.DOTALL,
)
PAGES = {
    "/": 200,
    "/2026/11/room-in-the-margin/": 200,
    "/2026/10/everything-you-can-write/": 200,
    "/2026/10/everything-you-can-write/comments/2/": 200,
    "/2026/10/everything-you-can-write/notes/": 200,
    "/2026/10/everything-you-can-write/notes/hidden/": 200,
    "/2026/09/ten-minutes-a-day/": 200,
    "/2025/11/sorry-for-the-slow-reply/": 200,
    "/2026/03/a-sentence-with-somewhere-to-go/": 410,
    "/archive/": 200,
    "/2026/": 200,
    "/2026/11/": 200,
    "/tags/": 200,
    "/tags/marginalia/": 200,
    "/search/": 200,
    "/search/?q=margin": 200,
    "/search/?q=xyzzy": 200,
    "/about/": 200,
    "/nowhere/": 404,
    "/draft/shared/": 200,
    "/draft/revoked/": 410,
    "/draft/shared/notes/": 200,
    "/draft/shared/notes/?exact=Words": 200,
    "/draft/revoked/notes/": 410,
    "/admin/posts/post/preview/": 200,
}

UPLOAD = f"/media/{'0f' * 16}-2560x1707"
PICTURES = (
    f"![](/media/x.png)\n\n![A]({UPLOAD}.jpg){{.wide}}\n\n![]({UPLOAD}.moving.webp) "
    f'![B]({UPLOAD}.png "Two")'
)


@pytest.fixture
def checker():
    if command := shutil.which("vnu"):
        return [command]
    jar = Path(os.environ.get("VNU_JAR", INSTALLED))
    if not (jar.exists() and shutil.which("java")):
        pytest.skip("the Nu HTML checker is not installed")
    return ["java", *QUICK_START, "-jar", str(jar)]


@pytest.fixture
def demo(db):
    """The demo, with one thread long enough for a second page and one essay withdrawn.

    The same essay has notes beside words of each kind of block, and beside all of it.
    """
    load_demo()
    post = Post.objects.get(slug="everything-you-can-write")
    for choice in Choices(post.body_html).all:
        note = Comment(post=post, name="Lou", body=f"On {choice.value}", status="approved")
        note.stand_at(choice.selector)
        note.save(refresh=False)
    for number in range(ThreadPage.COMMENTS):
        Comment(post=post, name="Lou", body=f"No. {number}", status="approved").save(refresh=False)
    ThreadPage.objects.refresh(post)
    Post.objects.get(slug="a-sentence-with-somewhere-to-go").withdraw()
    draft = Post(title="Draft", author=post.author)
    draft.save()
    text = Text(title="Draft", standfirst="Why.", tags=("Tools",))
    link = SharedDraft.objects.share(draft, text, "<p>Words.</p>", by=draft.author)
    now = link.made_at
    note = DraftNote(post=draft, name="A", body="B", passage="Words.")
    note.save()
    note.answer("C", draft.author)
    SharedDraft(post=draft, token="revoked", expires_at=now, revoked_at=now).save()
    SharedDraft.objects.filter(pk=link.pk).update(token="shared", notes="all")


@pytest.mark.long
@pytest.mark.usefixtures("demo")
def test_every_page_and_the_admins_are_valid_html(checker, client, admin_client, tmp_path):
    """In one test, for the checker takes a second and a half to start, and the demo two."""
    found = {}
    for path, status in PAGES.items():
        body = f"C.[^c]\n\n{PICTURES}\n\n[^c]:"
        written = {"title": "A", "tags": "B", "body": body}
        is_preview = path.endswith("/preview/")
        found[path] = admin_client.post(path, written) if is_preview else client.get(path)
        assert found[path].status_code == status, path
    found["the 500 page"] = server_error(RequestFactory().get("/"))
    sent = {"body": "<b>\nWords", "name": "Lou", "url": ""}
    found["the 503 page"] = unavailable(RequestFactory().post("/", sent))
    admins = {place: admin_client.get(f"/admin/{place}") for place in some_of(admin_pages(), 15)}
    assert {answer.status_code for answer in admins.values()} == {200}
    assert not admins.keys() & found.keys()
    # Of the stock admin's own markup there are warnings, such as of slashes that end its tags.
    wrong = [
        said
        for said in said_of(found | admins, checker, tmp_path)
        if said[0] in found or said[1] == "error"
    ]
    assert wrong == []


def said_of(found, checker, folder):
    """Return what the checker says of these pages."""
    for number, response in enumerate(found.values()):
        (folder / f"{number}.html").write_bytes(response.content)
    run = subprocess.run(
        [*checker, "--format", "json", "--stdout", "--exit-zero-always", str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    names = [*found]
    return [
        (
            names[int(Path(message["url"]).stem)],
            message.get("subType", message["type"]),
            message["message"],
            message.get("extract"),
        )
        for message in json.loads(run.stdout)["messages"]
        if not NEWER_CSS.match(f"{message['message']} {message.get('extract')}")
    ]
