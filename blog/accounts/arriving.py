"""Two ways in by a secret link: an invitation, and a new password for one that was forgotten.

A link is kept secret: its page is stored nowhere, and no other site learns its address. Looking at
it changes nothing. What a page says is the same whether there is an account or not.
"""

from functools import wraps

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import SetPasswordForm, UserCreationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from blog.lib.constraints import refused_in_words
from blog.lib.rates import network_of
from blog.lib.whereabouts import COMMAND
from blog.markup.names import name_of_person
from blog.web.door import storable_fields

from .devices import remember_device
from .letters import HOURS, name_of, tokens
from .models import Attempt, Invitation
from .roles import OWNERS, SENTENCES, called, in_order
from .tasks import mail_new_passwords

# Names that look like the site's own voice. They are refused as those are that others have.
RESERVED = {
    *("admin", "administrator", "editor", "everyone", "moderator", "owner", "postmaster"),
    *("root", "site", "staff", "support", "system", "webmaster"),
}
NOT_TO_BE_HAD = _("This sign-in name cannot be had. Choose another one.")
# Accounts of one e-mail address that are mailed.
MOST_ACCOUNTS = 3


def secret_page(view):
    """Make a view keep its address secret, and safe to send a password to."""

    @wraps(view)
    def wrapped(self, request, *args, **kwargs):
        if request.method == "POST":
            request.POST = storable_fields(request.POST)
        response = view(self, request, *args, **kwargs)
        # Not "no-referrer": then browsers would not say that a form comes from this site.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return method_decorator((sensitive_post_parameters(), csrf_protect, never_cache))(wrapped)


class ArrivalForm(UserCreationForm):
    """What somebody who was invited says of themselves."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("Readers see it over what you write."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("Mail about comments goes there, and a new password if you forget yours."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ["name", "username", "email", "password1", "password2"]

    class Meta(UserCreationForm.Meta):
        fields = ("username",)

    def __init__(self, *args, invited, **kwargs):
        super().__init__(*args, **kwargs)
        self.invited = invited
        if invited.email:  # who opened its link reads mail there
            del self.fields["email"]
        self.fields["username"].label = _("Sign-in name")
        self.fields["username"].help_text = _("Letters, figures and @ . + - _, without spaces.")
        self.fields["username"].widget.attrs["autofocus"] = False
        self.label_suffix = ""

    def clean_name(self):
        if not (name := name_of_person(self.cleaned_data["name"])):
            raise ValidationError(_now("Write the name as readers are to see it."))
        return name

    def clean_username(self):
        name = self.cleaned_data["username"]
        others = get_user_model().objects.filter(username__iexact=name)
        if name.casefold() in RESERVED or others.exists():
            self.invited.count_try()
            raise ValidationError(NOT_TO_BE_HAD)
        return name

    def _post_clean(self):
        self.instance.first_name = self.cleaned_data.get("name", "")
        self.instance.email = self.invited.email or self.cleaned_data.get("email", "")
        super()._post_clean()


def make_account(form):
    """Make the account, in the groups it was invited to; None if the invitation was used up."""
    invited = form.invited
    with transaction.atomic():
        user = form.save(commit=False)
        user.is_staff = True
        with refused_in_words():
            user.save()
        if not invited.use(user):
            transaction.set_rollback(True)
            return None
        user.groups.set(invited.groups.all())
    return user


class ForgotForm(forms.Form):
    who = forms.CharField(
        label=_("Your sign-in name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )


class Arriving:
    """The pages, mixed into the admin's site."""

    @secret_page
    def invitation(self, request, token):
        """Show what somebody is invited to, and make their account."""
        invited = Invitation.objects.by_token(token)
        if invited is None:
            return self.shut(request, "unknown", 404)
        if not invited.is_open:
            return self.shut(request, invited.state, 410, invited)
        if not invited.is_given:
            return self.shut(request, Invitation.State.REVOKED, 410, invited)
        if request.user.is_authenticated:
            status = 409 if request.method == "POST" else 200
            return self.shut(request, "signed-in", status, invited)
        by_password = settings.OIDC_PASSWORDS == "everyone" or not settings.OIDC_ISSUER
        by_password = by_password or invited.groups.filter(name=OWNERS).exists()
        form = ArrivalForm((by_password and request.POST) or None, invited=invited)
        if form.is_valid():
            try:
                user = make_account(form)
            except ValidationError:  # somebody else had the name a moment earlier
                form.add_error("username", NOT_TO_BE_HAD)
            else:
                if user is None:
                    return self.shut(request, Invitation.State.USED, 410, invited)
                return self.begin_session(request, user, None)
        groups = in_order(invited.groups.all())
        context = {
            **self.each_context(request),
            "title": _("You are invited"),
            "form": form,
            "invited": invited,
            "by": name_of(invited.by) if invited.by else "",
            "roles": [(called(group), SENTENCES.get(group.name, "")) for group in groups],
            "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "token": token,
            "by_password": by_password,
        }
        return TemplateResponse(request, "admin/arriving/invitation.html", context)

    def shut(self, request, why, status, invited=None):
        """Say why an invitation is of no use here, and what to do."""
        context = {
            **self.each_context(request),
            "title": _("This invitation"),
            "why": str(why),
            "invited": invited,
            "by": name_of(invited.by) if invited and invited.by else "",
        }
        return TemplateResponse(request, "admin/arriving/shut.html", context, status=status)

    @secret_page
    def forgot(self, request):
        """Take the name of somebody who forgot their password; the answer is always the same."""
        form = ForgotForm(request.POST or None)
        context = {**self.each_context(request), "title": _("A new password"), "form": form}
        context |= {"is_set_up": settings.MAIL_IS_SET_UP}
        context |= {"hours": HOURS, "command": f"{COMMAND} changepassword"}
        page = "admin/arriving/forgot.html"
        if not (settings.MAIL_IS_SET_UP and form.is_valid()):
            return TemplateResponse(request, page, context)
        attempt = ask(form.cleaned_data["who"], request)
        if not attempt.wait:
            return TemplateResponse(request, "admin/arriving/asked.html", context)
        minutes = -(-attempt.wait // 60)
        said = ngettext(
            "Too many new passwords were asked for from this network. Wait %(count)s minute, then "
            "ask again.",
            "Too many new passwords were asked for from this network. Wait %(count)s minutes, then "
            "ask again.",
            minutes,
        )
        form.add_error("who", said % {"count": minutes})
        response = TemplateResponse(request, page, context, status=429)
        response.headers["Retry-After"] = str(attempt.wait)
        return response

    @secret_page
    def new_password(self, request, token):
        """Set a new password by a link from a mail, which then works no more."""
        with transaction.atomic():
            user = asking(token, locked=request.method == "POST")
            context = {**self.each_context(request), "title": _("A new password")}
            if user is None:
                page = "admin/arriving/ran_out.html"
                return TemplateResponse(request, page, context, status=410)
            form = SetPasswordForm(user, request.POST or None)
            form.label_suffix = ""
            if not form.is_valid():
                context |= {"form": form, "name": user.get_username()}
                return TemplateResponse(request, "admin/arriving/new_password.html", context)
            # It ends every session of theirs: each holds a digest of the password it began with.
            form.save()
            # Who opened its link reads mail there.
            Invitation.objects.typed_by(user).update(email=user.email)
        messages.success(request, _now("Your new password is set. Sign in with it."))
        response = redirect("admin:login")
        # So that strangers who used up the account's tries keep nobody out who reads its mail.
        remember_device(request, response, user.get_username())
        return response


def ask(who, request):
    """Note that somebody forgot their password, and have a job mail the accounts they mean."""
    meant = Q(username=who) | Q(email__iexact=who)
    people = get_user_model().objects.filter(meant, is_active=True, is_staff=True)
    found = list(people.order_by("pk")[:MOST_ACCOUNTS])
    with transaction.atomic():
        attempt = Attempt.objects.ask(
            name=found[0].get_username() if found else "",
            typed=who,
            network=network_of(request.META.get("REMOTE_ADDR", "")),
        )
        if not attempt.wait:
            mail_new_passwords.enqueue(attempt.pk, [user.pk for user in found])
    return attempt


def asking(token, *, locked):
    """Return whom a link for a new password was mailed to, if it still works; else None."""
    number, _dot, proof = token.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    people = get_user_model().objects.filter(pk=int(number), is_active=True, is_staff=True)
    user = (people.select_for_update() if locked else people).first()
    return user if user and tokens.check_token(user, proof) else None
