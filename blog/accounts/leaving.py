"""Taking leave: what somebody wrote is handed over, and nothing lets them in any more.

The account stays, closed, as the history of essays and comments names it. Other apps say what
somebody has to hand over, and hand it over, by the two signals.
"""

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model, logout
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.views.decorators.debug import sensitive_post_parameters

from blog.lib.constraints import explain

from .forms import Throttled, begin
from .letters import name_of
from .models import Attempt, Invitation
from .owners import LAST_OWNER, is_last_owner, wait_for_turn
from .session import take_second_steps

# Sent with `user`; a receiver returns sentences on what there is to hand over, and who could take
# it, as (sentences, people).
hands_over = Signal()
# Sent with `user`, `heir` and `everything`, in the transaction in which somebody leaves.
leaves = Signal()


def title_for(request, user):
    """Return the title of the page and the words of its button."""
    if request.user == user:
        return pgettext("oneself", "Take leave")
    return pgettext("somebody else", "Take leave")


class LeaveForm(Throttled, forms.Form):
    ALL, UNSEEN = "all", "unseen"

    heir = forms.ModelChoiceField(
        None, label=_("Hand over to"), empty_label=_("Choose somebody"), required=False
    )
    what = forms.ChoiceField(
        label=_("What is handed over"),
        choices=[
            (ALL, _("All of it. Readers see the other name over it from then on.")),
            (UNSEEN, _("What readers do not see yet. What is published keeps the name it has.")),
        ],
        initial=ALL,
        widget=forms.RadioSelect,
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args, request, user, heirs, has_something, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.label_suffix = ""
        if has_something:
            self.fields["heir"].queryset = heirs
            self.fields["heir"].label_from_instance = name_of
            self.fields["heir"].required = True
        else:
            del self.fields["heir"], self.fields["what"]
        if request.user == user:
            self.fields["password"].help_text = _("So that nobody leaves for you.")

    def clean_password(self):
        attempt = begin(self.request, self.request.user.get_username(), Attempt.Outcome.FAILED)
        if not self.request.user.check_password(self.cleaned_data["password"]):
            raise ValidationError(_now("This is not your password."))
        attempt.delete()

    @property
    def everything(self):
        return self.cleaned_data.get("what") != self.UNSEEN


class LeaveView:
    """The page on which somebody leaves, or is let go by an owner."""

    def __init__(self, admin):
        self.admin = admin

    def of_somebody(self, request, number):
        user = self.admin.get_object(request, str(number))
        if not request.user.has_perm("auth.change_user"):
            raise PermissionDenied
        if user is None:
            raise Http404
        if not self.admin.has_change_permission(request, user):
            raise PermissionDenied
        return self.show(request, user)

    @method_decorator(sensitive_post_parameters())
    def show(self, request, user):
        said, heirs = what_there_is(user)
        given = {"request": request, "user": user, "heirs": heirs, "has_something": bool(said)}
        form = LeaveForm(request.POST or None, **given)
        last = is_last_owner(user)
        if not last and form.is_valid():
            try:
                leave(user, heir=form.cleaned_data.get("heir"), everything=form.everything)
            except IntegrityError as error:
                form.add_error(None, explain(error))
            except ValidationError as error:
                form.add_error("heir" if "heir" in form.fields else None, error)
            else:
                return self.done(request, user)
        context = {
            **self.admin.admin_site.each_context(request),
            "title": title_for(request, user),
            "form": form,
            "person": user,
            "name": name_of(user),
            "own": request.user == user,
            "last": LAST_OWNER if last else "",
            "said": said,
            "heirs": heirs.exists() if said else True,
            "opts": self.admin.opts,
        }
        status = 429 if form.is_bound and form.wait else 200
        return TemplateResponse(request, "admin/auth/user/leave.html", context, status=status)

    def done(self, request, user):
        if request.user == user:
            logout(request)
            said = _now("You have left. Thank you for what you wrote.")
            where = reverse("admin:login")
        else:
            self.admin.log_change(request, user, pgettext("history of an account", "Left."))
            said = _now("%(name)s has left.") % {"name": name_of(user)}
            where = reverse("admin:auth_user_changelist")
        messages.success(request, said)
        return redirect(where)


def what_there_is(user):
    """Return sentences on what somebody has to hand over, and the people who could take it."""
    sentences, people = [], get_user_model().objects.none()
    for _receiver, (said, who) in hands_over.send(get_user_model(), user=user):
        if said:
            sentences += said
            people = who
    return sentences, people.exclude(pk=user.pk)


def leave(user, *, heir, everything=True):
    """Hand over what somebody has and close their account.

    Every session of theirs ends, as each holds a digest of the password. Raises LastOwnerError.
    """
    with transaction.atomic():
        wait_for_turn()
        leaves.send(get_user_model(), user=user, heir=heir, everything=everything)
        user.groups.clear()
        user.user_permissions.clear()
        take_second_steps(user)
        user.identities.all().delete()
        for invited in Invitation.objects.open().filter(by=user):
            invited.revoke()
        user.is_active = user.is_staff = user.is_superuser = False
        user.email = ""
        user.set_unusable_password()
        user.save()
