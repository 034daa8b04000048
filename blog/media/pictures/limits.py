"""How large a picture may be, by what unpacking it takes, and the sentences that say so."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.media.names import LARGEST_SIDE

from .headers import Header

# A picture's file. A JPEG of a hundred million pixels has up to 60 MB.
BYTES = 80_000_000
# What reading one picture may take beside what the process has.
MEMORY = 300 * 2**20
# The pixels of any picture, and of all frames of a moving one together.
PIXELS, MOVING = 100_000_000, 100_000_000
FRAMES = 2_000
# What opening a file takes, with a margin, and how often the whole file is in memory.
OVERHEAD, READ_WHOLE = 8 * 2**20, {"WEBP": 2, "AVIF": 2, "HEIC": 2}
# Each scan of a JPEG is work on all its pixels. Ten are usual.
SCANS = 64
KINDS = {
    "JPEG": gettext_lazy("a JPEG"),
    "PNG": gettext_lazy("a PNG"),
    "GIF": gettext_lazy("a GIF"),
    "WEBP": gettext_lazy("a WebP"),
    "AVIF": gettext_lazy("an AVIF"),
    "HEIC": gettext_lazy("a HEIC"),
}


def check_bytes(size: int) -> None:
    """Raise ValidationError for a file that is too long."""
    if size > BYTES:
        message = _("This file has %(size)s MB; %(most)s are the most. Make the picture smaller.")
        said = {"size": number_format(size / 1e6, 1), "most": number_format(BYTES // 1_000_000)}
        raise ValidationError(message % said)


def check(header: Header, size: int) -> None:
    """Raise ValidationError for a picture that would take too much, with the limit of its kind."""
    pixels = header.width * header.height
    room = MEMORY - OVERHEAD - READ_WHOLE.get(header.kind, 0) * size
    most = min(PIXELS, max(1, int(room / header.pixel)))
    if pixels > most:
        moves, scans = header.frames > 1, header.scans and most < PIXELS
        kind = _("a progressive JPEG") if scans else KINDS[header.kind]
        message = _(
            "This picture has %(width)d × %(height)d pixels; %(most)d million are the most for "
            "%(kind)s. Make it smaller."
        )
        if moves:
            message = _(
                "This picture moves and has %(width)d × %(height)d pixels; %(most)d million are "
                "the most for one that moves. Make it smaller."
            )
        said = {"width": header.width, "height": header.height, "kind": kind}
        raise ValidationError(message % (said | {"most": max(1, most // 1_000_000)}))
    check_frames(header, pixels)


def check_frames(header: Header, pixels: int) -> None:
    """Raise ValidationError for a picture that moves for too long."""
    if header.frames > FRAMES:
        message = ngettext(
            "This picture moves for too long: it has %(frames)s frame, and %(most)s are the most. "
            "Make it shorter.",
            "This picture moves for too long: it has %(frames)s frames, and %(most)s are the most. "
            "Make it shorter.",
            header.frames,
        )
        raise ValidationError(
            message
            % {
                "frames": number_format(header.frames, force_grouping=True),
                "most": number_format(FRAMES, force_grouping=True),
            }
        )
    if header.frames > 1 and header.frames * pixels > MOVING:
        message = ngettext(
            "This picture moves for too long: it has %(frames)d frame of %(width)d × %(height)d "
            "pixels; %(most)d million in all are the most. Make it shorter or smaller.",
            "This picture moves for too long: it has %(frames)d frames of %(width)d × %(height)d "
            "pixels; %(most)d million in all are the most. Make it shorter or smaller.",
            header.frames,
        )
        said = {"width": header.width, "height": header.height, "frames": header.frames}
        raise ValidationError(message % (said | {"most": MOVING // 1_000_000}))


def times_for(header: Header, size: tuple[int, int]) -> int:
    """Return how many times smaller a picture of this size is copied: less where there is room."""
    pixels, longest = size[0] * size[1], max(size)
    fine = max(1, longest // (LARGEST_SIDE * 3 // 2))
    fits = header.pixel * pixels + 8 * pixels / fine**2 < MEMORY
    return fine if fits else max(1, longest // LARGEST_SIDE)
