"""The comment form: its limits, and what it says about a missing or wrong field."""

from django import forms
from django.conf import settings
from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blog.lib.figures import figure
from blog.lib.lines import with_plain_breaks
from blog.lib.numbers import LARGEST
from blog.markup import MarkupError, one_line, render_comment, trimmed, without_unwanted
from blog.markup.names import clean_name, is_seen
from comments.mail.notifications import mailable
from comments.models import URL_LENGTH, Comment
from comments.text.duplicates import normalise

# The longest name, in characters, and e-mail address, in bytes (RFC 5321, section 4.5.3.1, without
# the angle brackets).
NAME_LENGTH, EMAIL_BYTES = 200, 254

# A name longer than this is refused before invisible characters are removed.
MOST_GIVEN = 1000
# A text more than this many times longer than its limit is refused before it is cleaned, because
# the time for cleaning grows with its length.
MOST_TIMES = 4


# A text may have this many bytes of UTF-8 for each character of its limit, which is enough for most
# scripts; emoji and a few scripts take four.
BYTES_EACH = 3


# How many times longer than its limit a comment may become when it is normalised. Ordinary texts do
# not become longer.
WRITTEN_OUT = 2


def check_length(text, limit):
    """Raise ValidationError if a text has more characters than `limit`, or too many bytes.

    Every stored character counts, combining marks and invisible ones too.
    """
    if (over := len(text) - limit) > 0:
        said = ngettext(
            "This is %(over)s character over the limit of %(limit)s.",
            "This is %(over)s characters over the limit of %(limit)s.",
            over,
        )
    elif (over := len(text.encode()) - limit * BYTES_EACH) > 0:
        limit *= BYTES_EACH
        said = ngettext(
            "This is %(over)s byte over the limit of %(limit)s. Emoji and some letters take four "
            "bytes each.",
            "This is %(over)s bytes over the limit of %(limit)s. Emoji and some letters take four "
            "bytes each.",
            over,
        )
    else:
        return
    raise forms.ValidationError(said % {"over": figure(over), "limit": figure(limit)})


class TextField(forms.CharField):
    """Removes NUL like other control characters; Django's field refuses the text instead."""

    def to_python(self, value):
        return super().to_python(value).replace("\0", "")


class CommentForm(forms.Form):
    body = TextField(required=False, strip=False, widget=forms.Textarea)
    name = TextField(required=False)
    email = TextField(required=False)
    url = TextField(required=False)
    notify = forms.BooleanField(required=False)
    remember = forms.BooleanField(required=False)
    parent = forms.IntegerField(
        required=False, error_messages={"invalid": _("Press Post again to answer the essay.")}
    )
    token = TextField(required=False)
    # Hidden from people and assistive technology: only a program fills it in.
    subject = TextField(required=False)

    def __init__(self, *args, post, too_soon=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.post = post
        # Then the text is only given back, so it is not rendered.
        self.too_soon = too_soon

    @property
    def to_fix(self):
        """The number of errors, in words."""
        count = len(self.errors)
        few = [
            _("One thing to fix."),
            _("Two things to fix."),
            _("Three things to fix."),
            _("Four things to fix."),
        ]
        return few[min(count, 4) - 1]

    @property
    def offers_mail(self):
        return settings.MAIL_IS_SET_UP

    def clean(self):
        given = self.cleaned_data
        if self.offers_mail and given.get("notify") and "email" in given:
            if not given["email"]:
                self.add_error("email", _("Add your address, so that replies can reach you."))
            elif not mailable(given["email"]):
                self.add_error("email", _("No mail can be sent to this address."))
        return given

    def clean_body(self):
        body = with_plain_breaks(self.cleaned_data["body"])
        if self.too_soon:
            return body
        if len(body) > settings.COMMENT_LENGTH * MOST_TIMES:
            check_length(body, settings.COMMENT_LENGTH)
        body = trimmed(without_unwanted(body))
        if not is_seen(body):
            raise forms.ValidationError(_("Write something first."))
        check_length(body, settings.COMMENT_LENGTH)
        # The normalised text is stored too, and U+FDFA, for example, becomes eighteen characters.
        if len(normalise(body)) > settings.COMMENT_LENGTH * WRITTEN_OUT:
            said = _("Too many characters in this stand for whole words. Write some of them out.")
            raise forms.ValidationError(said)
        try:
            render_comment(body)
        except MarkupError as error:
            raise forms.ValidationError(str(error)) from error
        return body

    def clean_name(self):
        # Cut first, because the time for cleaning grows with the length.
        name = clean_name(self.cleaned_data["name"][:MOST_GIVEN])
        if not is_seen(name):
            raise forms.ValidationError(_("Add a name, or a nickname."))
        if len(name) > NAME_LENGTH or len(self.cleaned_data["name"]) > MOST_GIVEN:
            raise forms.ValidationError(_("This name is too long. Use at most 200 characters."))
        check_length(name, NAME_LENGTH)
        return name

    def clean_email(self):
        is_long = len(self.cleaned_data["email"]) > EMAIL_BYTES * MOST_TIMES
        email = "" if is_long else one_line(self.cleaned_data["email"])
        if not (is_long or email):
            return ""
        if is_long or len(email.encode()) > EMAIL_BYTES:
            said = ngettext(
                "This address is too long. Use at most %(bytes)s byte.",
                "This address is too long. Use at most %(bytes)s bytes.",
                EMAIL_BYTES,
            )
            raise forms.ValidationError(said % {"bytes": figure(EMAIL_BYTES)})
        try:
            EmailValidator()(email)
        except forms.ValidationError as error:
            if email.endswith("@"):
                said = _("This address stops after the @. It should look like anna@example.org.")
            else:
                said = _("This is not an e-mail address. It should look like anna@example.org.")
            raise forms.ValidationError(said) from error
        return email

    def clean_url(self):
        is_long = len(self.cleaned_data["url"]) > URL_LENGTH * MOST_TIMES
        url = "" if is_long else one_line(self.cleaned_data["url"])
        if not (is_long or url):
            return ""
        if "://" not in url:
            url = f"https://{url}"
        if is_long or len(url.encode()) > URL_LENGTH:
            said = ngettext(
                "This web address is too long. Use at most %(bytes)s byte.",
                "This web address is too long. Use at most %(bytes)s bytes.",
                URL_LENGTH,
            )
            raise forms.ValidationError(said % {"bytes": figure(URL_LENGTH)})
        try:
            URLValidator(schemes=["http", "https"])(url)
        except forms.ValidationError as error:
            said = _("This is not a web address. It should look like https://example.org.")
            raise forms.ValidationError(said) from error
        return url

    def clean_parent(self):
        number = self.cleaned_data["parent"]
        if number is None:
            return None
        parents = Comment.objects.approved().written().filter(post=self.post)
        parent = parents.filter(pk=number).first() if 0 < number <= LARGEST else None
        if parent is None:
            raise forms.ValidationError(
                _("The comment you answer was removed. Press Post again to answer the essay.")
            )
        return parent


class NoteForm(CommentForm):
    """The form for a note beside words, which are among `choices`, or named as these are."""

    beside = TextField(required=False)

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.order_fields(["beside"])

    def clean_beside(self):
        """Return the choice, even if the essay has changed around it."""
        value = self.cleaned_data["beside"]
        if not value:
            raise forms.ValidationError(_("Choose the words to write beside."))
        choice = self.choices.named(value)
        if choice is None:
            said = _("The essay has changed since you chose these words. Choose them again.")
            raise forms.ValidationError(said)
        return choice


class DraftNoteForm(NoteForm):
    """The form for a note on a draft: words, a name, and an address if its author may need one."""

    url = notify = remember = parent = None
