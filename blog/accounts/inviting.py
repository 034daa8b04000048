"""The page on which owners invite people, and see what became of it."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blog.lib.figures import figure
from blog.lib.listing import listed
from blog.lib.numbers import number_in
from blog.lib.readonly import GoesAlong

from .invitation import MAY_INVITE, MOST_MAILS, MOST_OPEN, MOST_TO_ONE, VALID_FOR
from .models import Invitation
from .people import Groups
from .roles import called, groups_given_by, in_order
from .tasks import mail_invitation

# Invitations that the page lists.
LISTED = 50
MAIL_AGAIN_AFTER = timedelta(minutes=10)


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("The link is mailed there. Without one, you copy it and send it yourself."),
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        given = {"required": True, "error_messages": {"required": _("Choose at least one.")}}
        self.fields["groups"] = Groups(by=by, **given)
        if not settings.MAIL_IS_SET_UP:
            del self.fields["email"]

    def clean(self):
        given = super().clean()
        if Invitation.objects.open().count() >= MOST_OPEN:
            said = ngettext(
                "%(count)s invitation waits already. Take some back before you make more.",
                "%(count)s invitations wait already. Take some back before you make more.",
                MOST_OPEN,
            )
            self.add_error(None, said % {"count": figure(MOST_OPEN)})
        if (email := given.get("email")) and (said := too_many_mails(email)):
            self.add_error("email", said)
        return given

    def save(self):
        invited = Invitation.objects.create(by=self.by, email=self.cleaned_data.get("email", ""))
        invited.groups.set(self.cleaned_data["groups"])
        return invited


def too_many_mails(email):
    """Return why no further invitation is mailed there now; "" if one may be."""
    lately = Invitation.objects.filter(asked_at__gt=timezone.now() - timedelta(days=1))
    if lately.filter(email__iexact=email).count() >= MOST_TO_ONE:
        return _now("This address was invited several times today. Send the link yourself.")
    if lately.count() >= MOST_MAILS:
        return _now("Many invitations were mailed today. Leave this empty, and send the link.")
    return ""


@admin.register(Invitation)
class InvitationAdmin(GoesAlong, admin.ModelAdmin):
    """One page: whom to invite, and below it the invitations with their links."""

    def has_module_permission(self, request):
        return request.user.has_perm(MAY_INVITE)

    def has_view_permission(self, request, obj=None):
        return obj is None and request.user.has_perm(MAY_INVITE)

    def changelist_view(self, request, extra_context=None):
        if not request.user.has_perm(MAY_INVITE):
            raise PermissionDenied
        if request.method != "POST":
            return self.show(request, InviteForm(by=request.user))
        for name, act in (("revoke", self.revoke), ("mail", self.mail_again)):
            if name in request.POST:
                return self.on_one(request, name, act)
        form = InviteForm(request.POST, by=request.user)
        if not form.is_valid():
            return self.show(request, form)
        with transaction.atomic():
            invited = form.save()
            if invited.email:
                self.mail(invited)
        said = (
            _now("The invitation is on its way.")
            if invited.email
            else _now("Send them the link below.")
        )
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(f"{request.path}#i{invited.pk}")

    def on_one(self, request, name, act):
        """Do something with an open invitation that the person who asks could have made."""
        number = number_in(request.POST[name])
        invited = Invitation.objects.open().filter(pk=number).first() if number else None
        if invited is None or not may_handle(request.user, invited):
            self.message_user(
                request, _now("This invitation is not open any more."), messages.ERROR
            )
        else:
            act(request, invited)
        return HttpResponseRedirect(request.path)

    def revoke(self, request, invited):
        invited.revoke()
        said = _now("The invitation is taken back. Its link works no more.")
        self.message_user(request, said, messages.SUCCESS)

    def mail_again(self, request, invited):
        said = too_many_mails(invited.email)
        if invited.asked_at and invited.asked_at > timezone.now() - MAIL_AGAIN_AFTER:
            said = _now("It was mailed a moment ago. Wait ten minutes, or send the link yourself.")
        if said or not (invited.email and settings.MAIL_IS_SET_UP):
            self.message_user(request, said or _now("No mail is sent."), messages.ERROR)
            return
        with transaction.atomic():
            self.mail(invited)
        self.message_user(request, _now("The invitation is on its way."), messages.SUCCESS)

    def mail(self, invited):
        invited.record(asked_at=timezone.now(), error="")
        mail_invitation.enqueue(invited.pk)

    def show(self, request, form):
        context = {
            **self.admin_site.each_context(request),
            "title": _("Invitations"),
            "form": form,
            "is_set_up": settings.MAIL_IS_SET_UP,
            "days": VALID_FOR.days,
            "invitations": described(request.user),
        }
        response = TemplateResponse(request, "admin/accounts/invitation/list.html", context)
        response.headers["Referrer-Policy"] = "same-origin"
        return response


def may_handle(user, invited):
    """Whether somebody may give all that an invitation gives: its link is as good as that."""
    return set(invited.groups.all()) <= set(groups_given_by(user))


def described(user):
    """Return the newest invitations that somebody may see the links of, open ones first."""
    open_ones = list(Invitation.objects.open().prefetch_related("groups")[:LISTED])
    closed = Invitation.objects.closed().select_related("used_by").prefetch_related("groups")
    given = set(groups_given_by(user))
    found = [each for each in [*open_ones, *closed[:LISTED]] if {*each.groups.all()} <= given]
    for each in found:
        each.roles = listed(called(group) for group in in_order(each.groups.all()))
    return found
