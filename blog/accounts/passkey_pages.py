"""The pages of passkeys: to sign in with one, and each person's own, to add, name and remove."""

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django_otp import devices_for_user, user_has_device

from .ceremony import ADD, ALONE, CONFIRM, STEP, options_to_add, options_to_use
from .devices import remember_device
from .models import Passkey, RecoveryCode
from .passkey_forms import AddForm, AloneForm, ConfirmForm, NameForm
from .session import (
    SIGNED_IN_BY,
    TOOK_SECOND_STEP,
    arrive,
    careful,
    half_way,
    let_in,
    may_lose,
    note,
    slowed,
)
from .where import host, origin, why_none


def offered():
    """Return the origin at which a page may offer signing in by passkey; "" where it may not."""
    return origin() if not why_none() and Passkey.objects.of_here().exists() else ""


class Passkeys:
    """The pages, mixed into the admin's site."""

    def passkey_urls(self):
        return [
            path("passkey/", self.passkey_sign_in, name="passkey_sign_in"),
            path("passkey/<str:purpose>/", self.passkey_options, name="passkey_options"),
            path("passkeys/", self.admin_view(self.passkeys), name="passkeys"),
            path("passkeys/add/", self.add_passkey, name="add_passkey"),
            path("passkeys/<int:number>/", self.admin_view(self.rename_passkey), name="passkey"),
            path(
                "passkeys/<int:number>/remove/",
                self.admin_view(self.remove_passkey),
                name="remove_passkey",
            ),
        ]

    def page(self, request, name, form=None, **more):
        """Answer with one of these pages."""
        context = {**self.each_context(request), "title": _("Passkeys"), "form": form, **more}
        context |= {"why_none": why_none(), "passkey_origin": origin(), "host": host()}
        response = TemplateResponse(request, f"admin/passkeys/{name}.html", context)
        return slowed(response, form) if hasattr(form, "wait") else response

    @method_decorator(careful)
    def passkey_sign_in(self, request):
        """Sign in somebody who has a passkey, whose device checked that it is them."""
        given = request.POST if request.method == "POST" else None
        form = AloneForm(given, request=request)
        onward = request.POST.get("next", "")
        hosts = {request.get_host()}
        if not url_has_allowed_host_and_scheme(onward, hosts, request.is_secure()):
            onward = reverse("admin:index")
        if form.is_valid():
            request.session.pop(SIGNED_IN_BY, None)
            return let_in(request, form.key.user, form.attempt, onward, second_step=True)
        if request.method != "POST":
            return redirect("admin:login")
        return self.page(request, "sign_in", form, next=onward)

    @method_decorator((*careful, require_POST))
    def passkey_options(self, request, purpose):
        """Say, as JSON, what a script is to ask the browser's passkeys."""
        if why := why_none():
            return JsonResponse({"error": why}, status=400)
        if purpose == ALONE:
            return JsonResponse(options_to_use(request, ALONE))
        user, _half = half_way(request)
        signed_in = user is None and self.has_permission(request)
        if purpose == STEP and user:
            return JsonResponse(options_to_use(request, STEP, user))
        if purpose == CONFIRM and signed_in:
            return JsonResponse(options_to_use(request, CONFIRM, request.user))
        if purpose == ADD and signed_in:
            form = ConfirmForm(request.POST, request=request, user=request.user)
            if not form.is_valid():
                said = [str(error) for errors in form.errors.values() for error in errors]
                return slowed(JsonResponse({"error": " ".join(said)}, status=400), form)
            return JsonResponse(options_to_add(request, request.user))
        if purpose == ADD and user and not user_has_device(user):
            return JsonResponse(options_to_add(request, user))
        if purpose not in (STEP, CONFIRM, ADD):
            raise Http404
        said = _("You are not signed in any more. Load this page again, and sign in.")
        return JsonResponse({"error": said}, status=403)

    @method_decorator(require_safe)
    def passkeys(self, request):
        mine = Passkey.objects.filter(user=request.user)
        codes = RecoveryCode.objects.filter(user=request.user).count()
        return self.page(request, "list", keys=mine, codes_left=codes)

    @method_decorator(careful)
    def add_passkey(self, request):
        """Take a new passkey, of somebody signed in or of one who has to have a second step."""
        user, half = half_way(request)
        if user is not None and user_has_device(user):
            # A password alone must not put another key beside the one there is.
            return redirect("admin:second_step")
        signed_in = user is None
        if signed_in:
            if not self.has_permission(request):
                return redirect("admin:login")
            user = request.user
        may = not why_none()
        form = AddForm(request.POST if may and request.POST else None, request=request, user=user)
        if form.is_valid():
            return self.passkey_added(request, user, half, form.key)
        more = {"signed_in": signed_in}
        more["has_keys"] = signed_in and Passkey.objects.of_here().filter(user=user).exists()
        more["confirm"] = ConfirmForm(request=request, user=user)
        return self.page(request, "add", form, **more)

    def passkey_added(self, request, user, half, key):
        """Go on after a passkey was added: with recovery codes, where there are none yet."""
        note(user, _("Passkey “%(name)s” added.") % {"name": key.name})
        if half:
            response = arrive(request, user, half)
        else:
            request.session[TOOK_SECOND_STEP] = True
            response = redirect("admin:passkeys")
        if RecoveryCode.objects.filter(user=user).exists():
            said = _("The passkey “%(name)s” is added. You can sign in with it from now on.")
            messages.success(request, said % {"name": key.name})
            return response
        context = {
            **self.each_context(request),
            "title": _("Passkeys"),
            "codes": RecoveryCode.objects.renew(user),
            "onward": response.url,
        }
        page = TemplateResponse(request, "admin/recovery_codes.html", context)
        remember_device(request, page, user.get_username())
        return page

    def rename_passkey(self, request, number):
        key = get_object_or_404(Passkey, user=request.user, pk=number)
        form = NameForm(request.POST or None, initial={"name": key.name})
        if form.is_valid():
            before, key.name = key.name, form.cleaned_data["name"]
            key.save(update_fields=["name"])
            said = _("Passkey “%(before)s” is called “%(name)s” now.")
            note(request.user, said % {"before": before, "name": key.name})
            messages.success(request, said % {"before": before, "name": key.name})
            return redirect("admin:passkeys")
        return self.page(request, "rename", form, key=key)

    @method_decorator(sensitive_post_parameters())
    def remove_passkey(self, request, number):
        key = get_object_or_404(Passkey, user=request.user, pk=number)
        if not may_lose(request.user, key):
            said = _(
                "This site asks for a second step, and this is your only one. Add another first."
            )
            messages.error(request, said)
            return redirect("admin:passkeys")
        form = ConfirmForm(request.POST or None, request=request, user=request.user)
        if form.is_valid():
            key.delete()
            if not user_has_device(request.user):
                RecoveryCode.objects.filter(user=request.user).delete()
            note(request.user, _("Passkey “%(name)s” removed.") % {"name": key.name})
            said = _(
                "The passkey “%(name)s” is removed here, and signs nobody in any more. Delete it "
                "on your device as well."
            )
            messages.success(request, said % {"name": key.name})
            return redirect("admin:passkeys")
        more = {"key": key, "is_last": list(devices_for_user(request.user)) == [key]}
        more["has_keys"] = Passkey.objects.of_here().filter(user=request.user).exists()
        return self.page(request, "remove", form, **more)
