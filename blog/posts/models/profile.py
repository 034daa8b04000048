"""What an author says of themselves, on the page of their essays."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from blog.markup import MarkupError, render_comment

from .queries import SEVERAL


class Profile(models.Model):
    """Of one account; its name is the account's own."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    bio = models.TextField(
        _("about you"),
        max_length=2000,
        blank=True,
        help_text=_("A few sentences, in the Markdown that comments have."),
    )
    bio_html = models.TextField(editable=False, blank=True)
    link = models.URLField(
        _("your own page"),
        max_length=300,
        blank=True,
        help_text=_("An address elsewhere. It is linked as yours, with rel=“me”."),
    )
    language = models.CharField(
        _("language of the admin"),
        max_length=20,
        blank=True,
        help_text=_("Readers get the site in its own."),
    )
    picture = models.ForeignKey(
        "posts.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="faces",
        verbose_name=_("picture"),
    )

    changes_pages = True

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("your page")
        default_permissions = ()

    def __str__(self):
        return self.user.get_username()

    def clean(self):
        try:
            self.bio_html = render_comment(self.bio) if self.bio.strip() else ""
        except MarkupError as error:
            raise ValidationError({"bio": str(error)}) from error


def has_several_authors():
    """Whether more than one account has written here (one query, of the ends of an index)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {SEVERAL}")
        return bool(cursor.fetchone()[0])
