"""Filters of lists in the admin, headed by what Django's "By …" does not fit."""

from typing import Any

from django.contrib import admin
from django.utils.translation import pgettext_lazy


class WhenFilter(admin.DateFieldListFilter):  # type: ignore[misc]
    template = "admin/filter_when.html"


class WhomFilter(admin.RelatedOnlyFieldListFilter):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = pgettext_lazy("in “By …”", "whom")
