"""What readers read of an essay, and in which language."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.lib.languages import MOST, same, site_language, tag_of
from blog.markup import plain_text
from blog.markup.direction import of_language, of_site

# By the names of their fields, in Post, Revision and Text.
WORDS = ("title", "standfirst", "body", "lang")
# Characters of the first words of an essay without a standfirst.
OPENING = 200


def check_language(value):
    if value and tag_of(value) is None:
        raise ValidationError(
            _("“%(tag)s” is not a language tag. Write one such as de, pt-BR or zh-Hant."),
            "invalid",
            params={"tag": value},
        )


class HasWords(models.Model):
    """Mixed into Post: its words as a whole, and their language where it is not the site's."""

    lang = models.CharField(
        _("language"),
        max_length=MOST,
        blank=True,
        validators=[check_language],
        help_text=_("A tag such as de, pt-BR or zh-Hant. Empty, it is the site’s."),
    )

    class Meta:
        abstract = True

    def have_words(self, text):
        """Have the words of a text; its tags and its address are set elsewhere."""
        for name in WORDS:
            setattr(self, name, getattr(text, name))

    @property
    def opening(self):
        """Its first words, where a list read them (blog.posts.lists)."""
        return opening(self.start)

    def text_differs(self, other):
        return any(getattr(self, name) != getattr(other, name) for name in WORDS)

    def check_language(self):
        try:
            check_language(self.lang)
        except ValidationError as error:
            raise ValidationError({"lang": error.messages}) from error

    @property
    def own_language(self):
        return (self.lang and tag_of(self.lang)) or ""

    @property
    def language(self):
        return self.own_language or site_language()

    @property
    def other_language(self):
        """The language where it is another than that of the page around it, else ""."""
        own = self.own_language
        return "" if not own or same(own, site_language()) else own

    @property
    def direction(self):
        """The value of `dir` for its title: its own where its language turns, else by its words."""
        language = self.other_language
        if not language:
            return "auto"
        own = of_language(language)
        return "auto" if own == of_site() else own


def opening(html):
    """Return the first words of a text, cut between two; `html` may end anywhere."""
    if html.rfind("<") > html.rfind(">"):
        html = html[: html.rfind("<")]
    words = plain_text(html)
    if len(words) <= OPENING:
        return words
    cut = words[:OPENING].rsplit(None, 1)[0]
    # Scripts without spaces have no place to cut at.
    return f"{cut if len(cut) > OPENING / 2 else words[: OPENING - 2]} …"
