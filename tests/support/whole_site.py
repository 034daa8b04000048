"""A site with everything, and its export, made once in a run."""

import io

import prepared
from backups import output_of, site_in, with_the_demo
from conftest import on
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pixels

from blog.media.files import put
from blog.media.names import name_of
from blog.posts.models import Forward, Image, OldAddress, Post, Profile, Revision, Tag
from blog.site.models import SiteVersion
from comments.models import Comment, ThreadPage, Unplaced
from comments.rendering.places import Selector

HOSTILE = "=cmd|' /C calc'!A0 ]]> </wp:comment_content> <?php ?> \x0b \u2028 “ü” 🪶"


def fill():
    """On a site with the demo, one of everything that the demo has not."""
    author = get_user_model().objects.create_user("lou", "lou@example.org", first_name="Lou")
    tag = Tag.objects.create(name="Äpfel & Birnen", slug="äpfel-birnen")
    for number, changes in enumerate(
        [
            {
                "title": HOSTILE,
                "body": f"# {HOSTILE}\n\nLine one  \nline two.[^1]\n\n[^1]: A note.\n\n"
                "`{{< x >}} {% y %} {{ z }} {{</* x */>}}`",
            },
            {
                "title": "Über Ränder",
                "slug": "über-ränder",
                "standfirst": "Eins: “zwei”.",
                "body": "Room for a note, room to think.",
            },
            {"title": "Ein Entwurf", "published_at": None},
            {"title": "Später", "published_at": on(2199)},
            {"title": "Zurückgezogen", "withdrawn_at": on(2026, 3)},
            {"title": "Impressum", "kind": "page", "comments_open": False, "notes": "known"},
            {"title": "界" * 150, "slug": "界" * 150},
        ]
    ):
        given = {"body": "Room.", "author": author, "published_at": on(2026, 1, 1 + number)}
        post = Post(**given | changes)
        post.save()
        post.tags.add(tag)
    post = Post.objects.get(slug="über-ränder")
    for path in ("?p=4711", "2001/02/alt", "blog/ränder.php"):
        OldAddress.objects.create(path=path, post=post)
    first = Comment(post=post, name="=1+1", email="a@example.org", body=HOSTILE, status="approved")
    first.save()
    for changes in (
        {"body": "* a\n* b\n\n`x < y`  \nnew line", "parent": first, "status": "approved"},
        {"body": "By the author.", "author": author, "name": "Lou", "status": "approved"},
        {"body": "Buy", "status": "spam"},
        {"body": "Gone", "status": "trash"},
        {"body": "Waits", "url": "https://example.org/?a=1&b=2"},
        {
            "kind": "webmention", "source": "https://example.org/reply", "title": "A reply",
            "name": "Ada", "body": "She says.", "status": "approved",
        },
        {"body": "Beside words.", "passage": "a note", "status": "approved"},
        {
            "kind": "webmention", "source": "https://example.org/note", "body": "Indeed.",
            "passage": "room to think", "reaction": "reply", "published_at": on(2026, 2),
            "also": [Selector("a note").quoted() | {"state": ""}], "status": "approved",
        },
        {
            "kind": "webmention", "source": "https://example.org/like", "reaction": "like",
            "published_at": on(2026, 3), "parent": first, "status": "approved",
        },
    ):  # fmt: skip
        Comment(**{"post": post, "name": "Ada"} | changes).save()
    ThreadPage.objects.follow_essay(post)
    default_storage.save("2026/harbour.png", ContentFile(b"\x89PNG"))


def picture(colour):
    """Keep a picture; return its name."""
    out = io.BytesIO()
    Pixels.new("RGB", (90, 60), colour).save(out, "PNG")
    name = name_of(out.getvalue(), 90, 60, "png")
    put(name, out.getvalue())
    return name


def fill_the_rest():
    """What the demo and `fill` have not: files, versions, states, settings."""
    lou = get_user_model().objects.get(username="lou")
    shown, unused = picture("red"), picture("blue")
    Image.objects.create(file=shown, alt="A red one", width=90, height=60, uploaded_by=lou)
    Image.objects.create(file=unused, width=90, height=60, uploaded_at=on(2025))
    post = Post.objects.get(slug="ten-minutes-a-day")
    post.announces_links, post.picture = False, Image.objects.get(file=shown)
    post.body += f"\n\n![Red](/media/{shown})\n\nA note, later."
    post.save()
    text = Revision.objects.newest(post).text._replace(body="Not published yet.", tags=("neu",))
    Revision.objects.keep(post, text, by=lou, kind=Revision.Kind.SAVED)
    gone = Post(title="Weggeworfen", body="Nicht gut.", author=lou)
    gone.save()
    gone.throw_away()
    tag = Tag.objects.get(slug="äpfel-birnen")
    tag.slug = "obst"
    tag.save()
    Forward.objects.keep("category/obst", tag.get_absolute_url())
    Unplaced.objects.create(
        origin="isso:#1", page="/gone/", addresses=["/gone/"], status="spam", name="Lou",
        email="lou@example.org", markdown="*Gone*", created_at=on(2020), kept_at=on(2026),
    )  # fmt: skip
    said = Comment.objects.get(body="Beside words.")
    Comment.objects.filter(pk=said.pk).update(edited=True, judged_at=on(2026, 4), reasons=["link"])
    ThreadPage.objects.refresh(said.post)
    profile = Profile(user=lou, bio="I *write*.", picture=post.picture)
    profile.full_clean()
    profile.save()
    menu = [["/about/", "Who"], ["https://example.org/", ""]]
    words = {"comment_words": "Be *kind*.", "comment_words_html": "<p>Be <em>kind</em>.</p>"}
    SiteVersion(title="Margins", masthead=menu, **words).save()


def make(folder):
    """Make the site in `site`, and what it exports in `out`."""
    folder.mkdir()
    with_the_demo(folder / "site")
    with site_in(folder / "site"):
        fill()
        fill_the_rest()
        said = output_of("export", folder / "out")
    assert "17 essays and pages" in said


def export():
    """Return the folder of the export."""
    return prepared.once("whole-site", make) / "out"
