"""The queue's filters: by status, and by origin (network, browser, address, site or name)."""

from ipaddress import ip_address

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.lib.numbers import number_in
from comments.models import Comment


class StatusFilter(admin.SimpleListFilter):
    """Shows what waits by default, but all statuses for a search or an origin."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        self.searching = bool(request.GET.get("q") or request.GET.get("from"))
        return [("all", pgettext_lazy("comments of every status", "All")), *Comment.Status.choices]

    @property
    def chosen(self):
        return self.value() or ("all" if self.searching else Comment.Status.PENDING)

    def queryset(self, request, queryset):
        return queryset if self.chosen == "all" else queryset.filter(status=self.chosen)

    hidden = True  # the tabs above the list show it


def from_network(value):
    """Return the condition for a network as stored, or for one address."""
    if "/" in value:
        return Q(network=value)
    try:
        return Q(address=str(ip_address(value)))
    except ValueError:
        return Q(pk=None)


def from_browser(value):
    """Return the condition for the browser of this comment; its key is not put into addresses."""
    if (number := number_in(value)) is None:
        return Q(pk=None)
    key = Comment.objects.filter(pk=number).exclude(browser="").values("browser")
    return Q(browser__in=key)


class OriginFilter(admin.SimpleListFilter):
    """Everything from one network, browser, e-mail address, website, name or campaign."""

    title = _("origin")
    parameter_name = "from"

    def lookups(self, request, model_admin):
        return [("any", "")]  # Django ignores a filter without lookups

    def queryset(self, request, queryset):
        kind, _colon, value = (self.value() or "").partition(":")
        by = {
            "email": Q(email__iexact=value),
            "network": from_network(value),
            "browser": from_browser(value),
            "site": Q(url__icontains=value) | Q(source__icontains=value) | Q(body__icontains=value),
            "name": Q(name=value, email=""),
            "campaign": Q(campaign=value),
        }
        return queryset.filter(by.get(kind, Q())) if value else queryset

    hidden = True  # links in a row set it
