"""What a mention does with the essay, by its author's own words: likes it, answers it, and when."""

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db import models
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from blog.markup.direction import turns

# People of one line who are shown, each with a day; the rest are counted.
MOST_SHOWN = 50


class Reacting(models.Model):
    """The part of Comment that says how a mention reacts; "" if it only mentions the essay."""

    class Reaction(models.TextChoices):
        NONE = "", _("mention")
        REPLY = "reply", pgettext_lazy("kind of mention", "reply")
        LIKE = "like", _("like")
        REPOST = "repost", _("repost")
        BOOKMARK = "bookmark", _("bookmark")

    # Those without words of their own, which are counted in a line.
    COUNTED = (Reaction.LIKE, Reaction.REPOST, Reaction.BOOKMARK)

    # Linkbacks only, as their source says.
    reaction = models.CharField(
        _("reaction"), max_length=10, choices=Reaction, blank=True, default="", db_default=""
    )
    published_at = models.DateTimeField(
        pgettext_lazy("when a mention was published", "published"), null=True, blank=True
    )

    class Meta:
        abstract = True

    @property
    def is_counted(self):
        return self.reaction in self.COUNTED

    @property
    def is_in_thread(self):
        """Whether the thread shows it, on a line of its own or with the one that it is about."""
        return self.kind == self.Kind.COMMENT or self.parent_id is not None

    @property
    def dated(self):
        """When it was written: a mention has a date of its own, if its source says so."""
        return self.published_at or self.created_at

    @property
    def deed(self):
        """What its author did, without a name; "" for a mention that only links here."""
        return {
            "reply": gettext("replied"),
            "like": gettext("liked this"),
            "repost": gettext("reposted this"),
            "bookmark": gettext("bookmarked this"),
        }.get(self.reaction, "")

    @property
    def sentence(self):
        """What its author did, as HTML with a link to the source."""
        name = format_html(
            '<a class="p-author h-card" href="{}" rel="nofollow ugc">{}</a>',
            self.source,
            in_bdi(self.shown_name),
        )
        said = {
            "reply": gettext("%(name)s replied"),
            "like": gettext("%(name)s liked this"),
            "repost": gettext("%(name)s reposted this"),
            "bookmark": gettext("%(name)s bookmarked this"),
        }
        return filled(said.get(self.reaction, "%(name)s"), name=name)


class Line(NamedTuple):
    """Reactions of one kind, oldest first."""

    reaction: str
    shown: list
    count: int

    @property
    def first(self):
        return self.shown[0]

    @property
    def rest(self):
        return self.count - len(self.shown)

    @property
    def sentence(self):
        """Whose reactions these are, by two names and a number."""
        names = [in_bdi(mention.shown_name) for mention in self.shown[:2]]
        others = self.count - 2
        said = {
            "like": (
                gettext("Liked by %(one)s and %(two)s"),
                ngettext(
                    "Liked by %(one)s, %(two)s and %(count)s other",
                    "Liked by %(one)s, %(two)s and %(count)s others",
                    others,
                ),
            ),
            "repost": (
                gettext("Reposted by %(one)s and %(two)s"),
                ngettext(
                    "Reposted by %(one)s, %(two)s and %(count)s other",
                    "Reposted by %(one)s, %(two)s and %(count)s others",
                    others,
                ),
            ),
            "bookmark": (
                gettext("Bookmarked by %(one)s and %(two)s"),
                ngettext(
                    "Bookmarked by %(one)s, %(two)s and %(count)s other",
                    "Bookmarked by %(one)s, %(two)s and %(count)s others",
                    others,
                ),
            ),
        }[self.reaction][others > 0]
        return filled(said, one=names[0], two=names[1], count=others)


def lines_of(mentions):
    """Return the counted reactions among these in lines, one for each kind."""
    order = list(Reacting.COUNTED)
    counted = [mention for mention in mentions if mention.is_counted]
    counted.sort(key=lambda mention: (order.index(mention.reaction), mention.dated, mention.pk))
    lines = []
    for reaction, its in groupby(counted, key=attrgetter("reaction")):
        its = list(its)
        lines.append(Line(reaction, its[:MOST_SHOWN], len(its)))
    return lines


def in_bdi(name):
    return format_html("<bdi>{}</bdi>", name) if turns(name) else format_html("{}", name)


def filled(sentence, **values):
    """Return a translated sentence, which is text, with values that are HTML in it."""
    return mark_safe(str(format_html("{}", sentence)) % values)  # noqa: S308 - escaped above
