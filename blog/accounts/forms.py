"""The forms of signing in. Each notes an attempt before it checks anything."""

import binascii

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django_otp import devices_for_user, user_has_device
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from blog.lib.rates import network_of

from .devices import device_of
from .models import Attempt, RecoveryCode
from .owners import owners

CODE_FIELD = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
WRONG_CODE = _(
    "This code is not the right one. A code works once, for half a minute: type the one your app "
    "shows now. If it never fits, see that your phone’s clock is right."
)


def begin(request, name, outcome):
    """Note an attempt; raises ValidationError with how long to wait when it came too soon."""
    attempt = Attempt.objects.begin(
        name=name,
        network=network_of(request.META.get("REMOTE_ADDR", "")),
        device=device_of(request, name),
        outcome=outcome,
    )
    if attempt.wait:
        minutes = -(-attempt.wait // 60)
        said = ngettext(
            "Too many sign-ins failed, for this name or from this network, so this one was not "
            "checked. Wait %(count)s minute, then try again.",
            "Too many sign-ins failed, for this name or from this network, so this one was not "
            "checked. Wait %(count)s minutes, then try again.",
            minutes,
        )
        error = ValidationError(said % {"count": minutes}, code="wait")
        error.wait = attempt.wait
        raise error
    return attempt


def refuse_without_provider(user):
    """Raise ValidationError for who may come in by a provider of OpenID Connect alone."""
    for_all = not settings.OIDC_ISSUER or settings.OIDC_PASSWORDS == "everyone"
    if not (for_all or owners().filter(pk=user.pk).exists()):
        said = _now("Only owners sign in without %(provider)s. Sign in there.")
        raise ValidationError(said % {"provider": settings.OIDC_NAME})


class Throttled:
    """What the view asks of a form that was refused."""

    @property
    def wait(self):
        """Seconds to wait; 0 when the form was refused for something else."""
        return max(
            (
                getattr(error, "wait", 0)
                for errors in self.errors.as_data().values()
                for error in errors
            ),
            default=0,
        )


class SignInForm(Throttled, AdminAuthenticationForm):
    def clean(self):
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name is not None and password:
            self.attempt = begin(self.request, name, Attempt.Outcome.FAILED)
            super().clean()  # raises where name and password do not belong together
            self.attempt.settle(Attempt.Outcome.PASSWORD)
            refuse_without_provider(self.get_user())
        return self.cleaned_data


class CodeForm(Throttled, forms.Form):
    """The second step: a code from the app, or one of the recovery codes."""

    code = forms.CharField(
        label=pgettext_lazy("one-time code", "Code"),
        max_length=40,
        widget=forms.TextInput(attrs=CODE_FIELD),
    )

    def __init__(self, *args, request, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_code(self):
        code = self.cleaned_data["code"]
        attempt = begin(self.request, self.user.get_username(), Attempt.Outcome.WRONG_CODE)
        digits = "".join(code.split())
        with transaction.atomic():
            right = any(
                device.verify_token(digits)
                for device in devices_for_user(self.user, for_verify=True)
            ) or RecoveryCode.objects.use(self.user, code)
        if not right:
            raise ValidationError(WRONG_CODE)
        attempt.delete()  # the attempt with the password is the one that succeeded
        return code


class SetUpForm(Throttled, forms.Form):
    """A new second step: its key, signed, and a code that shows the app has it.

    The key travels in the form, so that looking at the page changes nothing. `password` is asked
    of the person who is signed in, so that a screen left open gives nobody a key of their own.
    """

    key = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=pgettext_lazy("one-time code", "Code"),
        max_length=20,
        widget=forms.TextInput(attrs=CODE_FIELD | {"autofocus": False}),
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args, request, user, ask_password, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.signer = signing.TimestampSigner(salt=f"accounts.key.{user.pk}")
        self.fields["key"].initial = self.signer.sign(default_key())
        self.had = TOTPDevice.objects.filter(user=user).first()
        if not ask_password:
            del self.fields["password"]

    @property
    def device(self):
        """The device as it would be, with the key this form carries."""
        signed = self["key"].value()
        try:
            key = self.signer.unsign(signed, max_age=3600)
            binascii.unhexlify(key)
        except (signing.BadSignature, binascii.Error):
            signed = self.fields["key"].initial
            key = self.signer.unsign(signed)
        return TOTPDevice(user=self.user, name="app", key=key, confirmed=True)

    def clean_key(self):
        try:
            return self.signer.unsign(self.cleaned_data["key"], max_age=3600)
        except signing.BadSignature:
            self.data = self.data.copy()
            self.data["key"] = self.fields["key"].initial
            raise ValidationError(
                _now("This page was open a long time. Scan the new picture, then type its code.")
            ) from None

    def clean(self):
        if "password" in self.fields and "password" in self.cleaned_data:
            attempt = begin(self.request, self.user.get_username(), Attempt.Outcome.FAILED)
            if not self.user.check_password(self.cleaned_data["password"]):
                self.add_error("password", _now("This is not your password."))
                return
            attempt.delete()
        if not self.errors:
            self.keep()

    def keep(self):
        """Put the new key in the place of the old one, if the app shows its code."""
        device = self.device
        with transaction.atomic():
            TOTPDevice.objects.filter(user=self.user).delete()
            device.save()
            if device.verify_token("".join(self.cleaned_data["code"].split())):
                self.codes = RecoveryCode.objects.renew(self.user)
            else:
                transaction.set_rollback(True)
                self.add_error("code", WRONG_CODE)


class TakeAwayForm(Throttled, forms.Form):
    password = SetUpForm.base_fields["password"]

    def __init__(self, *args, request, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_password(self):
        attempt = begin(self.request, self.user.get_username(), Attempt.Outcome.FAILED)
        if not self.user.check_password(self.cleaned_data["password"]):
            raise ValidationError(_now("This is not your password."))
        attempt.delete()
        TOTPDevice.objects.filter(user=self.user).delete()
        # Whether another second step stays, for which the recovery codes are as well.
        self.stays = user_has_device(self.user)
        if not self.stays:
            RecoveryCode.objects.filter(user=self.user).delete()
