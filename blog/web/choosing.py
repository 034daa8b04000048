"""The field that a picture is chosen in, in forms that send it in one request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.forms.widgets import Script
from django.utils.translation import gettext as _

from blog.lib.listing import sentences
from blog.media.pictures.headers import accepted


def most_at_once() -> str:
    """Return the sentence that says how large the files of a form may be (limits.py)."""
    most = settings.IMAGE_BYTES // 1_000_000
    return str(_("At most %(most)d MB, all files together.") % {"most": most})


class PictureInput(forms.FileInput):  # type: ignore[misc]
    """Takes pictures. A script says what is too large: limits.py refuses such a form unread."""

    class Media:
        js = (Script("js/admin/too-large.js", type="module"),)

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        said = sentences([_("This is too large."), most_at_once()])
        own = {"data-most": settings.IMAGE_BYTES, "data-too-large": said}
        return {"accept": accepted()} | dict(super().build_attrs(base_attrs, extra_attrs)) | own
