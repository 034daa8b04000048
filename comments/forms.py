"""The comment form: what it takes, and what it says where something is missing."""

import unicodedata

from django import forms
from django.conf import settings
from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blog.markup import MarkupError, one_line, render_comment
from blog.markup.gates import without_unwanted

from .duplicates import without_piles
from .mail.notifications import mailable
from .models import URL_LENGTH, Comment

# Characters that show nothing: a text of these alone says nothing.
INVISIBLE = ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn")


def length_of(text):
    """Return how many characters a person would count: marks on a letter are part of it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return sum(unicodedata.category(c) not in ("Mn", "Me", "Cf") for c in text)


class CommentForm(forms.Form):
    body = forms.CharField(required=False, strip=True, widget=forms.Textarea)
    name = forms.CharField(required=False)
    email = forms.CharField(required=False)
    url = forms.CharField(required=False)
    notify = forms.BooleanField(required=False)
    remember = forms.BooleanField(required=False)
    parent = forms.IntegerField(
        required=False, error_messages={"invalid": _("Press Post again to answer the essay.")}
    )
    token = forms.CharField(required=False)
    # No person and no assistive technology meets this field; who fills it in is a program.
    subject = forms.CharField(required=False)

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        self.post = post
        # Django refuses NUL with words of its own; here it is taken out like other controls.
        for field in self.fields.values():
            field.validators = [
                v for v in field.validators if type(v).__name__ != "ProhibitNullCharactersValidator"
            ]

    @property
    def to_fix(self):
        """Return how many things stand in the way, in words."""
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
        body = without_piles(without_unwanted(self.cleaned_data["body"])).strip()
        if not any(unicodedata.category(c) not in INVISIBLE for c in body):
            raise forms.ValidationError(_("Write something first."))
        over = length_of(body) - settings.COMMENT_LENGTH
        if over > 0:
            said = ngettext(
                "This is %(over)s character over the limit of %(limit)s.",
                "This is %(over)s characters over the limit of %(limit)s.",
                over,
            )
            limit = f"{settings.COMMENT_LENGTH:,}"
            raise forms.ValidationError(said % {"over": f"{over:,}", "limit": limit})
        try:
            render_comment(body)
        except MarkupError as error:
            raise forms.ValidationError(str(error)) from error
        return body

    def clean_name(self):
        name = one_line(self.cleaned_data["name"])
        if not any(unicodedata.category(c) not in INVISIBLE for c in name):
            raise forms.ValidationError(_("Add a name, or a nickname."))
        if len(name) > 200:
            raise forms.ValidationError(_("This name is too long. Use at most 200 characters."))
        return name

    def clean_email(self):
        email = one_line(self.cleaned_data["email"])
        if not email:
            return ""
        try:
            EmailValidator()(email)
            if len(email) > 254:  # RFC 5321, section 4.5.3.1, less the angle brackets
                raise forms.ValidationError("")
        except forms.ValidationError as error:
            if email.endswith("@"):
                said = _("This address stops after the @. It should look like anna@example.org.")
            else:
                said = _("This is no e-mail address. It should look like anna@example.org.")
            raise forms.ValidationError(said) from error
        return email

    def clean_url(self):
        url = one_line(self.cleaned_data["url"])
        if not url:
            return ""
        if "://" not in url:
            url = f"https://{url}"
        try:
            URLValidator(schemes=["http", "https"])(url)
            if len(url) > URL_LENGTH:
                raise forms.ValidationError("")
        except forms.ValidationError as error:
            said = _("This is no web address. It should look like https://example.org.")
            raise forms.ValidationError(said) from error
        return url

    def clean_parent(self):
        number = self.cleaned_data["parent"]
        if number is None:
            return None
        # The database takes no larger number.
        parents = Comment.objects.approved().written().filter(post=self.post)
        parent = parents.filter(pk=number).first() if 0 < number < 2**63 else None
        if parent is None:
            raise forms.ValidationError(
                _("The comment you answer is no longer here. Press Post again to answer the essay.")
            )
        return parent
