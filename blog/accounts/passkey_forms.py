"""The forms that passkeys come in: a script puts the browser's answer into a hidden field."""

import hashlib
import logging

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.constraints import refused_in_words
from blog.markup.names import name_of_person

from .ceremony import ALONE, CONFIRM, added, check, key_of, read
from .forms import SetUpForm, Throttled, begin, refuse_without_provider
from .models import Attempt, Passkey
from .session import note

logger = logging.getLogger(__name__)

MOST = 20  # passkeys of one account
NO_ANSWER = _("The browser sent no passkey. Scripts have to be on for it.")


def answer_field(**more):
    """Return the field; its name has "token" in it, so a failed form gives it back to nobody."""
    given = {"widget": forms.HiddenInput, "error_messages": {"required": NO_ANSWER}}
    return forms.CharField(strip=False, **given | more)


def answered(request, text, purpose, user=None):
    """Return the passkey of a right answer, and the attempt noted for it; raises ValidationError.

    Attempts with a passkey that is not known here count for themselves and for their network.
    """
    answer = read(text, "AuthenticationResponse")
    with_key = Passkey.objects.of_here().filter(credential_id=answer.id)
    known = user or next((key.user for key in with_key.select_related("user")), None)
    unknown = f"passkey {hashlib.sha256(answer.raw_id).hexdigest()}"
    name = known.get_username() if known else unknown
    attempt = begin(request, name, Attempt.Outcome.WRONG_PASSKEY)
    try:
        with transaction.atomic():
            key = key_of(answer, user)
            check(answer, key, request, purpose, user)
            if not (key.user.is_active and key.user.is_staff):
                raise ValidationError(_now("This account may not sign in here."), code="closed")
    except ValidationError as error:
        if error.code == "copied":
            attempt.settle(Attempt.Outcome.COPIED)
            said = _now("Passkey “%(name)s” was refused: its counter did not grow.")
            note(key.user, said % {"name": key.name})
            logger.warning(
                "Passkey %d of account %d was refused: its counter did not grow, so there may be "
                "a copy of it",
                key.pk,
                key.user_id,
            )
        raise
    return key, attempt


class AloneForm(Throttled, forms.Form):
    """Signs in by a passkey and nothing else."""

    passkey_token = answer_field()

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_passkey_token(self):
        given = self.cleaned_data["passkey_token"]
        self.key, self.attempt = answered(self.request, given, ALONE)
        refuse_without_provider(self.key.user)
        return given


class ByPasskeyForm(Throttled, forms.Form):
    """Takes a passkey of this person as the second step."""

    passkey_token = answer_field()

    def __init__(self, *args, request, user, purpose, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user, self.purpose = request, user, purpose

    def clean_passkey_token(self):
        given = self.cleaned_data["passkey_token"]
        answered(self.request, given, self.purpose, self.user)[1].delete()
        return given


class ConfirmForm(Throttled, forms.Form):
    """Asks a person who is signed in for their password once more, or for one of their passkeys."""

    password = SetUpForm.base_fields["password"]
    passkey_token = answer_field(required=False)

    def __init__(self, *args, request, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.fields["password"].required = False
        self.label_suffix = ""

    def clean(self):
        password = self.cleaned_data.get("password")
        if token := self.cleaned_data.get("passkey_token"):
            answered(self.request, token, CONFIRM, self.user)[1].delete()
        elif password:
            attempt = begin(self.request, self.user.get_username(), Attempt.Outcome.FAILED)
            if not self.user.check_password(password):
                self.add_error("password", _now("This is not your password."))
            else:
                attempt.delete()
        elif not self.errors:
            self.add_error("password", self.what_first())

    def what_first(self):
        if self.user.has_usable_password():
            return _now("Give your password first.")
        return _now(
            "Your account has no password, which this is confirmed with. Set one first, by "
            "“Forgot your password?” on the sign-in page."
        )


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Its name"),
        max_length=64,
        help_text=_("So that you know it later, such as Phone or Key on my ring."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean_name(self):
        if not (name := name_of_person(self.cleaned_data["name"])):
            raise ValidationError(_now("Give it a name that you know it by."))
        return name


class AddForm(Throttled, NameForm):
    """A new passkey. Its challenge was made for somebody who had proved who they are."""

    passkey_token = answer_field()

    def __init__(self, *args, request, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean(self):
        given = self.cleaned_data
        if self.errors:
            return
        if Passkey.objects.filter(user=self.user).count() >= MOST:
            said = _now("An account has %(most)d passkeys at most. Remove one first.")
            raise ValidationError(said % {"most": MOST})
        try:
            with refused_in_words():
                self.key = added(given["passkey_token"], self.request, self.user, given["name"])
                self.key.save()
        except ValidationError as error:
            raise ValidationError(error.messages) from error  # at none of the form's own fields
