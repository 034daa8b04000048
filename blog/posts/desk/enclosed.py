"""Pictures that come with the form of the desk, from browsers without scripts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import ngettext

from blog.media.pictures.headers import accepted

from .access import may_upload
from .keeping import kept_file
from .pasting import refusal

# The form's field, and recordings that can be chosen in it.
FIELD = "pictures"
RECORDINGS = "audio/mpeg,audio/mp4,audio/x-m4a,audio/ogg,video/mp4,video/quicktime,video/webm"


def offered():
    """Return the types of files that a browser offers for the field."""
    return f"{accepted()},{RECORDINGS}"


def take_enclosed(desk, request):
    """Keep each picture of a form; show the lines for the text, and why one was not added."""
    files = request.FILES.getlist(FIELD)
    if not files or not may_upload(desk, request):
        return
    lines = []
    for file in files:
        try:
            lines.append(kept_file(file, request.user).markdown)
        except ValidationError as error:
            desk.message_user(request, refusal(file, error), messages.ERROR)
    if lines:
        said = ngettext(
            "Put this line where the picture belongs, and what it shows between [ and ].",
            "Put these lines where the pictures belong, and what they show between [ and ].",
            len(lines),
        )
        shown = format_html('{} <span class="lines">{}</span>', said, "\n\n".join(lines))
        desk.message_user(request, shown)
