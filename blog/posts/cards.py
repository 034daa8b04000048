"""Makes what essays are shown with elsewhere: a card of the title, or a smaller copy as JPEG.

Jobs call it (tasks.py), never a request: until a file is there, no page names it.
"""

import re
from functools import cache
from io import BytesIO

from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image as Pixels

from blog.media.cards import HEIGHT, WIDTH, name_of_site_card
from blog.media.cards.drawing import Colours, card, site_card
from blog.media.names import name_of
from blog.media.pictures.preparing import Prepared
from blog.media.storing import store
from blog.site.reading import site
from blog.web.stylesheet import joined

from .models import Image, Post
from .models.when_shared import MOST, is_card

COLOUR = re.compile(r"--(paper|ink|soft|rule):\s*light-dark\(\s*(#[0-9a-f]{6})\b", re.IGNORECASE)
# Where a stylesheet of the owner says none.
COLOURS = {"paper": "#fcfcfa", "ink": "#1c1e21", "soft": "#5a5f66", "rule": "#dd8f88"}
# Of a copy: networks want less than half a megabyte.
QUALITY = 82


def make(number, *, again=False):
    """Make what this essay is shown with, unless it is there; return what came of it.

    With `again` it is made though it should be there.
    The second look after the commit is for `drop`, which may have taken away a file that two
    essays of one title need.
    """
    post = Post.objects.select_related("picture").filter(pk=number).first()
    source = post.needed_for_sharing() if post else ""
    if again and post and not source:
        source = post.shared_from
    if not source:
        # Its picture is shown as it is; an earlier version did not say so.
        Post.objects.filter(pk=number, shared_name="").settle_shared()
        return "nothing to make"
    try:
        made = prepared_card(post.title) if is_card(source) else smaller(source)
    except FileNotFoundError:
        return "its picture is gone"
    store(made)
    with transaction.atomic():
        post = Post.objects.select_related("picture").select_for_update(of=("self",)).get(pk=number)
        if source not in (post.needed_for_sharing(), post.shared_from):
            return "changed"  # and another job is to come
        old = post.shared_name if post.shared_from else ""
        wanted = post.wanted_when_shared()
        Post.objects.filter(pk=number).update(
            shared_name=made.name, shared_from=source, shared_alt=wanted.alt[:500]
        )
    store(made)
    make_site_card()
    if old and old != made.name:
        drop(old)
    return "made"


def drop(name):
    """Delete a card or copy that no essay is shown with any more; return what came of it."""
    if is_needed(name):
        return "still shown"
    default_storage.delete(name)
    for number in Post.objects.filter(shared_name=name).values_list("pk", flat=True):
        # Another essay took it meanwhile: it is the same file.
        Post.objects.filter(pk=number, shared_name=name).update(shared_name="", shared_from="")
        make(number)
    return "deleted"


def is_needed(name):
    shown = Post.objects.filter(shared_name=name) | Post.objects.filter(shared_from=name)
    return shown.exists() or Image.objects.filter(file=name).exists()


def missing():
    """Return the number of each essay that needs a card, a copy or a look, as after an upgrade.

    That is also a card from before a change of the site's name or of its look. They are all read
    first: while it reads, SQLite lets nobody write to what others have written to since.
    """
    posts = Post.objects.filter(published_at__isnull=False, withdrawn_at=None).order_by("pk")
    read = posts.select_related("picture").defer("body", "annotated_html").iterator(50)
    return [post.pk for post in read if post.needed_for_sharing() or not post.shared_name]


def made():
    """Return the number of each essay that is shown with a card or copy."""
    return list(Post.objects.exclude(shared_from="").order_by("pk").values_list("pk", flat=True))


def make_site_card(*, again=False):
    """Make the card of the site itself, whose name its pages know, unless it is there."""
    name = name_of_site_card(site().title, site().tagline)
    if again:
        default_storage.delete(name)
    if not default_storage.exists(name):
        content = site_card(site().title, site().tagline, colours(), site().language)
        store(Prepared(name, content, WIDTH, HEIGHT))


def prepared_card(title):
    content = drawn(title)
    return Prepared(name_of(content, WIDTH, HEIGHT, "png"), content, WIDTH, HEIGHT)


def drawn(title):
    """Return a card of this site as PNG."""
    return card(title, site().title, colours(), site().language)


def colours():
    """Return the colours of cards: those that readers have by day."""
    chosen = site().colours_by_day
    return Colours(**own_colours() | {name: chosen[name] for name in COLOURS if chosen})


@cache
def own_colours():
    """Return the colours of the site's own stylesheet."""
    return COLOURS | dict(COLOUR.findall(joined()))


def smaller(name):
    """Return a picture as a JPEG that networks take; of a moving one, its first frame."""
    with default_storage.open(name) as file, Pixels.open(file) as image:
        image.draft("RGB", (2 * MOST, 2 * MOST))
        pixels = image.convert("RGBA")
    pixels.thumbnail((MOST, 2 * MOST))
    page = Pixels.new("RGB", pixels.size, colours().paper)
    page.paste(pixels, mask=pixels)
    out = BytesIO()
    page.save(out, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return Prepared(name_of(out.getvalue(), *page.size, "jpg"), out.getvalue(), *page.size)
