"""What the site's menus are offered: pages, and the tags of essays."""

from django.utils.translation import gettext as _

from blog.lib.alphabets import place_of
from blog.lib.base_path import without_base
from blog.site.links import offers, samples

from .models import Post, Tag

# Of each, in a list to choose from.
MOST = 200


@without_base()
def offered():
    pages = Post.objects.published().pages().order_by("title").only("title", "path")
    tags = Tag.objects.public().order_by("name")[:MOST]
    return [
        *((page.get_absolute_url(), page.title) for page in by_name(pages[:MOST], "title")),
        *((tag.get_absolute_url(), tag.name) for tag in by_name(tags, "name")),
    ]


def by_name(rows, field):
    return sorted(rows, key=lambda row: place_of(getattr(row, field)))


@without_base()
def newest():
    """Return the newest essay, for a look to be tried on."""
    essay = Post.objects.published().essays().only("path").first()
    return essay and (essay.get_absolute_url(), _("Try it on the newest essay"))


offers.append(offered)
samples.append(newest)
