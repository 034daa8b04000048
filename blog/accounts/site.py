"""The admin's way in: a password, counted; a second step where there is one; then a session.

Nobody is signed in before both steps are done, so nothing else on the site has to ask for the
second. Between them the session holds who is half way in, for ten minutes.
"""

import time
from functools import wraps

import segno
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.views import LoginView
from django.core.signing import BadSignature
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import user_has_device

from blog.site.reading import site as current_site
from blog.web.door import takes_storable_text
from blog.web.errors import signed_out
from blog.web.staff_language import speak

from .arriving import Arriving
from .devices import read_link_token, remember_device
from .forms import CodeForm, SetUpForm, SignInForm, TakeAwayForm
from .leaving import LeaveView
from .models import Attempt, RecoveryCode

# The session's keys: who gave a password and no code yet, and whether a second step was taken.
HALF_WAY, TOOK_SECOND_STEP = "half_way", "took_second_step"
HALF_WAY_AGE = 600  # seconds
# Of a session begun at the provider (oidc/views.py): whose, and where that is ended there.
SIGNED_IN_BY = "signed_in_by"

careful = (sensitive_post_parameters(), csrf_protect, never_cache)


class SignIn(LoginView):
    next_page = "admin:index"

    def form_valid(self, form):
        self.request.session.pop(SIGNED_IN_BY, None)
        return begin_session(self.request, form.get_user(), form.attempt, self.get_success_url())

    def form_invalid(self, form):
        return slowed(super().form_invalid(form), form)


class Site(Arriving, admin.AdminSite):
    def get_urls(self):
        return [
            path("invitation/<str:token>/", self.invitation, name="invitation"),
            path("leave/", self.admin_view(self.leave), name="leave"),
            path("new-password/<str:token>/", self.new_password, name="new_password"),
            path("second-step/", self.second_step, name="second_step"),
            path("second-step/set-up/", self.set_up, name="set_up_second_step"),
            path("second-step/take-away/", self.take_away, name="take_away_second_step"),
            path("let-in/<str:token>/", self.let_in, name="let_in"),
            *super().get_urls(),
        ]

    def admin_view(self, view, cacheable=False):
        """Have every view of the admin behind one door (see blog.web.door).

        What somebody wrote whose session ended is given back: after signing in, nothing of it would
        be left.
        """
        behind = super().admin_view(takes_storable_text(view), cacheable)

        @wraps(behind)
        def door(request, *args, **kwargs):
            speak(request)
            is_lost = request.method == "POST" and not self.has_permission(request)
            page = signed_out(request) if is_lost else None
            return page or behind(request, *args, **kwargs)

        return door

    # Named as the site is called now. Django's own are fixed at the start.
    @property
    def site_header(self):
        return current_site().title

    site_title = site_header

    def has_permission(self, request):
        # People who signed in before it was required have to sign in again.
        enough = settings.STAFF_SECOND_STEP != "required" or request.session.get(TOOK_SECOND_STEP)
        return super().has_permission(request) and bool(enough)

    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        return self.sign_in_page(request, extra_context)

    def sign_in_page(self, request, extra_context=None):
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "passwords_for_all": settings.OIDC_PASSWORDS == "everyone",
        }
        if "next" not in request.GET and "next" not in request.POST:
            context["next"] = reverse("admin:index")
        request.current_app = self.name
        return SignIn.as_view(
            extra_context=context | (extra_context or {}),
            authentication_form=SignInForm,
            template_name="admin/login.html",
        )(request)

    def logout(self, request, extra_context=None):
        """Sign out here, then lead on to the provider's page for that where it has one.

        By a page that goes on by itself: after a form, browsers follow to this site alone.
        """
        leave = (request.session.get(SIGNED_IN_BY) or {}).get("leave")
        response = super().logout(request, extra_context)
        if not leave or request.method != "POST":
            return response
        context = {**self.each_context(request), "title": _("Signed out"), "leave": leave}
        context |= {"provider": settings.OIDC_NAME}
        response = TemplateResponse(request, "admin/oidc/signed_out.html", context)
        response.headers["Refresh"] = f"0; url={leave}"
        return response

    @method_decorator(careful)
    def second_step(self, request):
        """Ask a person who gave the right password for their code."""
        user, half = half_way(request)
        if user is None:
            return redirect("admin:login")
        form = CodeForm(request.POST or None, request=request, user=user)
        if form.is_valid():
            return arrive(request, user, half)
        context = {**self.each_context(request), "title": _("Two-step sign-in"), "form": form}
        return slowed(TemplateResponse(request, "admin/second_step.html", context), form)

    @method_decorator(careful)
    def set_up(self, request):
        """Show the key of a new second step, and take it once the app shows its code."""
        user, half = half_way(request)
        if user is not None and user_has_device(user):
            # A password alone must not put another key in the place of the one there is.
            return redirect("admin:second_step")
        signed_in = user is None
        if signed_in:
            if not self.has_permission(request):
                return redirect("admin:login")
            user = request.user
        form = SetUpForm(request.POST or None, request=request, user=user, ask_password=signed_in)
        context = {
            **self.each_context(request),
            "title": _("Two-step sign-in"),
            "form": form,
            "signed_in": signed_in,
        }
        if form.is_valid():
            onward = reverse("admin:index")
            if signed_in:
                request.session[TOOK_SECOND_STEP] = True
            else:
                onward = arrive(request, user, half).url
                context |= self.each_context(request)
            context |= {"codes": form.codes, "onward": onward}
            response = TemplateResponse(request, "admin/recovery_codes.html", context)
            remember_device(request, response, user.get_username())
            return response
        # What comes of `segno` holds no style and no script, so our policy lets it be.
        code = segno.make(form.device.config_url, error="m")
        context |= {
            "picture": mark_safe(code.svg_inline(scale=5, border=4, dark="#000", light="#fff")),  # noqa: S308
            "key": spaced(form.device.config_url),
            "is_set_up": signed_in and user_has_device(user),
            "codes_left": RecoveryCode.objects.filter(user=user).count(),
            "may_take_away": signed_in and settings.STAFF_SECOND_STEP != "required",
        }
        return slowed(TemplateResponse(request, "admin/set_up_second_step.html", context), form)

    @method_decorator(careful)
    def take_away(self, request):
        if not self.has_permission(request):
            return redirect("admin:login")
        if settings.STAFF_SECOND_STEP == "required":
            return redirect("admin:set_up_second_step")
        form = TakeAwayForm(request.POST or None, request=request, user=request.user)
        if form.is_valid():
            messages.success(request, _("Two-step sign-in is switched off."))
            return redirect("admin:set_up_second_step")
        context = {**self.each_context(request), "title": _("Two-step sign-in"), "form": form}
        return slowed(TemplateResponse(request, "admin/take_away_second_step.html", context), form)

    def leave(self, request):
        """Let somebody leave by themselves."""
        user = get_user_model().objects.get(pk=request.user.pk)
        return LeaveView(self.get_model_admin(get_user_model())).show(request, user)

    def begin_session(self, request, user, attempt):
        return begin_session(request, user, attempt, reverse("admin:index"))

    @method_decorator(never_cache)
    def let_in(self, request, token):
        """Make this browser one its owner is known in, by a link from `manage.py let_in`.

        A guessed link is answered with a page and no message, which would write a session.
        """
        response = redirect("admin:login")
        try:
            remember_device(request, response, read_link_token(token))
        except BadSignature:
            context = {**self.each_context(request), "title": _("This link has run out.")}
            return TemplateResponse(request, "admin/link_has_run_out.html", context, status=410)
        return response


def begin_session(request, user, attempt, onward):
    """Sign in a person who gave a right password, or ask for the second step before."""
    if not (user_has_device(user) or settings.STAFF_SECOND_STEP == "required"):
        return let_in(request, user, attempt, onward)
    request.session.flush()
    request.session[HALF_WAY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "attempt": attempt.pk if attempt else None,
        "next": onward,
        "at": int(time.time()),
    }
    page = "second_step" if user_has_device(user) else "set_up_second_step"
    return redirect(f"admin:{page}")


def half_way(request):
    """Return who gave the right password here lately, and what is known of it; else two None."""
    half = request.session.get(HALF_WAY)
    if not half or time.time() - half["at"] > HALF_WAY_AGE:
        return None, None
    user = get_user_model().objects.filter(pk=half["user"], is_active=True, is_staff=True).first()
    if user is None or user.get_session_auth_hash() != half["hash"]:
        return None, None
    return user, half


def arrive(request, user, half):
    """Sign in a person who gave the right code."""
    attempt = Attempt.objects.filter(pk=half["attempt"]).first()
    request.session.pop(HALF_WAY)
    return let_in(request, user, attempt, half["next"], second_step=True)


def let_in(request, user, attempt, onward, *, second_step=False):
    """Begin a session, and say so if someone else seems to know the password."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[TOOK_SECOND_STEP] = second_step
    if attempt:
        if stopped := attempt.stopped_lately():
            said = ngettext(
                "Since you last signed in, someone typed your right password %d time and went no "
                "further. If that was not you, change it.",
                "Since you last signed in, someone typed your right password %d times and went "
                "no further. If that was not you, change it.",
                stopped,
            )
            messages.warning(request, said % stopped)
        attempt.settle(Attempt.Outcome.SUCCEEDED)
    response = HttpResponseRedirect(onward)
    remember_device(request, response, user.get_username())
    return response


def slowed(response, form):
    """Answer 429, with how long to wait, where a form was refused for coming too soon."""
    if form.is_bound and form.wait:
        response.status_code = 429
        response.headers["Retry-After"] = str(form.wait)
    return response


def spaced(url):
    """Return the key in a device's address in groups of four, for people who type it."""
    key = url.partition("secret=")[2].partition("&")[0]
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))
