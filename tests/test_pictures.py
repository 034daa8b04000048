"""From a file that somebody sent to a picture that looks right, or to a sentence."""

import fcntl
import io
import itertools
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from inputs import every
from pictures import (
    BLUE,
    GREEN,
    GREY,
    QUARTERS,
    RED,
    apng,
    bomb,
    chunk,
    gif,
    looks,
    png,
    quarters,
    saved,
)
from PIL import Image as Pixels
from PIL import features

from blog.media.pictures.preparing import prepare


def prepared(content, name="x"):
    return prepare(ContentFile(content, name=name))


def shown(content):
    """Return the picture that is kept of a file, with nothing but pixels."""
    kept = prepared(content)
    image = Pixels.open(io.BytesIO(kept.content))
    image.load()
    assert image.size == (kept.width, kept.height)
    assert not {"exif", "icc_profile", "xmp", "comment", "dpi"} & set(image.info)
    return image


def near(found, wanted, tolerance):
    return all(
        abs(one - other) <= tolerance
        for colour, right in zip(found, wanted, strict=True)
        for one, other in zip(colour, right, strict=True)
    )


def without_adobe(jpeg):
    """Return a JPEG without the segment that says its colours are turned around."""
    at = jpeg.index(b"\xff\xee")
    return jpeg[:at] + jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") :]


# --- Colours ----------------------------------------------------------------------------------

RGB = quarters(QUARTERS)
GREYS = [(20,) * 3, (90,) * 3, (160,) * 3, (240,) * 3]
SIXTEEN = [(value * 257 + 100,) for (value, _, _) in GREYS]
CLEAR = [(*RED, 255), (*GREEN, 128), (*BLUE, 0), (*GREY, 255)]
INKS = [(0, 255, 255, 0), (255, 0, 255, 0), (0, 0, 0, 0), (0, 0, 0, 255)]
INKED = [(255, 0, 0), (0, 255, 0), (255, 255, 255), (0, 0, 0)]
CMYK = quarters(INKS, mode="CMYK")
PALETTE = chunk(b"PLTE", bytes(sum(QUARTERS, ())))


def palette(**options):
    image = Pixels.new("P", (48, 32))
    image.putpalette(sum(QUARTERS, ()))
    image.paste(quarters([0, 1, 2, 3], mode="L"))
    return saved(image, "PNG", **options)


def l_to_rgb(values):
    return [(value,) * 3 for (value,) in values]


def looks_right():
    """Yield a name, a file, the colours it shows, and by how much each may differ."""
    yield "PNG, 8 bits", saved(RGB, "PNG"), QUARTERS, 0
    yield "PNG, 16 bits", png([[v * 257 for v in c] for c in QUARTERS], 16, 2), QUARTERS, 0
    yield "PNG, grey", png([(v,) for v, _, _ in GREYS], 8, 0), GREYS, 0
    yield "PNG, grey of 16 bits", png(SIXTEEN, 16, 0), GREYS, 1
    yield (
        "PNG, grey of 4 bits",
        png([(1,), (5,), (10,), (15,)], 4, 0),
        l_to_rgb([(17,), (85,), (170,), (255,)]),
        0,
    )
    yield (
        "PNG, grey of 2 bits",
        png([(0,), (1,), (2,), (3,)], 2, 0),
        l_to_rgb([(0,), (85,), (170,), (255,)]),
        0,
    )
    yield (
        "PNG, 1 bit",
        png([(0,), (1,), (1,), (0,)], 1, 0),
        l_to_rgb([(0,), (255,), (255,), (0,)]),
        0,
    )
    yield "PNG, palette", palette(), QUARTERS, 0
    yield "PNG, palette of 2 bits", png([(0,), (1,), (2,), (3,)], 2, 3, extra=PALETTE), QUARTERS, 0
    yield (
        "PNG that says sRGB's gamma",
        png(QUARTERS, 8, 2, extra=chunk(b"gAMA", struct.pack(">I", 45455))),
        QUARTERS,
        0,
    )
    yield (
        "PNG, linear",
        png([(55,) * 3] * 4, 8, 2, extra=chunk(b"gAMA", struct.pack(">I", 100000))),
        [(127,) * 3] * 4,
        1,
    )
    yield "JPEG", saved(RGB, "JPEG", quality=95, subsampling=0), QUARTERS, 9
    yield "JPEG, progressive", saved(RGB, "JPEG", quality=95, progressive=True), QUARTERS, 9
    yield "JPEG, grey", saved(quarters([20, 90, 160, 240], mode="L"), "JPEG"), GREYS, 4
    yield "JPEG, CMYK of Adobe", saved(CMYK, "JPEG", quality=95), INKED, 9
    turned = Pixels.merge("CMYK", [band.point(lambda v: 255 - v) for band in CMYK.split()])
    yield "JPEG, CMYK", without_adobe(saved(turned, "JPEG", quality=95)), INKED, 9
    yield "WebP", saved(RGB, "WEBP", quality=95), QUARTERS, 12
    yield "WebP, lossless", saved(RGB, "WEBP", lossless=True), QUARTERS, 0
    yield "GIF", saved(RGB.quantize(4), "GIF"), QUARTERS, 0


def looks_clear():
    """Yield the same of files with transparency."""
    clear = quarters(CLEAR, mode="RGBA")
    some = [(*RED, 255), (*GREEN, 255), (*BLUE, 0), (*GREY, 255)]
    grey = [(20, 20, 20, 255), (90, 90, 90, 128), (0, 0, 0, 0), (240, 240, 240, 255)]
    yield "PNG, RGBA", saved(clear, "PNG"), CLEAR, 0
    yield "PNG, RGBA of 16 bits", png([[v * 257 for v in c] for c in CLEAR], 16, 6), CLEAR, 0
    yield "PNG, grey and alpha", png([(20, 255), (90, 128), (160, 0), (240, 255)], 8, 4), grey, 0
    yield (
        "PNG, the same of 16 bits",
        png([(20 * 257, 65535), (90 * 257, 128 * 257), (0, 0), (240 * 257, 65535)], 16, 4),
        grey,
        0,
    )
    yield "PNG, palette with a clear colour", palette(transparency=2), some, 0
    yield "PNG, palette with alpha", palette(transparency=bytes([255, 128, 0, 255])), CLEAR, 0
    yield "PNG, RGB with a clear colour", saved(RGB, "PNG", transparency=BLUE), some, 0
    yield (
        "PNG, 16 bits with a clear colour",
        png(
            [[v * 257 for v in c] for c in QUARTERS],
            16,
            2,
            extra=chunk(b"tRNS", struct.pack(">3H", *(v * 257 for v in BLUE))),
        ),
        some,
        0,
    )
    four = [(17,) * 3 + (255,), (85,) * 3 + (255,), (170,) * 3 + (0,), (255,) * 4]
    yield (
        "PNG, grey of 4 bits with a clear one",
        png([(1,), (5,), (10,), (15,)], 4, 0, extra=chunk(b"tRNS", b"\0\x0a")),
        four,
        0,
    )
    deep = [(20,) * 3 + (255,), (90,) * 3 + (255,), (160,) * 3 + (0,), (240,) * 3 + (255,)]
    yield (
        "PNG, grey of 16 bits with a clear one",
        png(SIXTEEN, 16, 0, extra=chunk(b"tRNS", struct.pack(">H", *SIXTEEN[2]))),
        deep,
        1,
    )
    yield "WebP with alpha", saved(clear, "WEBP", lossless=True), CLEAR, 0
    clear_gif = quarters([0, 1, 2, 3], mode="L")
    indexed = Pixels.new("P", clear_gif.size)
    indexed.putpalette(sum(QUARTERS, ()))
    indexed.paste(clear_gif)
    yield "GIF with a clear colour", saved(indexed, "GIF", transparency=2), some, 0


def test_colours_look_right():
    wrong = []
    for what, content, wanted, tolerance in looks_right():
        found = looks(shown(content).convert("RGB"))
        if not near(found, wanted, tolerance):
            wrong.append(f"{what}: {found}")
    assert not wrong


def test_transparent_looks_right():
    wrong = []
    for what, content, wanted, tolerance in looks_clear():
        found = looks(shown(content).convert("RGBA"))
        # What is all clear has any colour.
        pairs = zip(found, wanted, strict=True)
        found = [right if right[3] == 0 == one[3] else one for one, right in pairs]
        if not near(found, wanted, tolerance):
            wrong.append(f"{what}: {found}")
    assert not wrong


# --- Turning, sizes and profiles --------------------------------------------------------------

# Where the file's quarters are seen, for each way that EXIF may say a camera was held.
TURNS = {
    0: [0, 1, 2, 3],
    1: [0, 1, 2, 3],
    2: [1, 0, 3, 2],
    3: [3, 2, 1, 0],
    4: [2, 3, 0, 1],
    5: [0, 2, 1, 3],
    6: [2, 0, 3, 1],
    7: [3, 1, 2, 0],
    8: [1, 3, 0, 2],
    9: [0, 1, 2, 3],
}


def held(orientation):
    exif = Pixels.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker of phones"
    exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()


@every("orientation, order", TURNS.items())
def test_picture_is_turned_as_the_camera_was_held(orientation, order):
    wanted = [QUARTERS[at] for at in order]
    for kind in ("PNG", "WEBP") if orientation % 4 else ("JPEG", "PNG", "WEBP"):
        options = {"quality": 95} if kind == "JPEG" else {"lossless": True}
        image = shown(saved(RGB, kind, exif=held(orientation), **options))
        assert image.size == ((32, 48) if orientation in (5, 6, 7, 8) else (48, 32))
        assert near(looks(image), wanted, 9), f"{kind}: {looks(image)}"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_turns_nothing():
    whole = held(6)
    for exif in (whole[:20], b"Exif\0\0" + bytes(40), whole.replace(b"MM\0*", b"XX\0*"), b"x" * 99):
        assert near(looks(shown(saved(RGB, "JPEG", quality=95, exif=exif))), QUARTERS, 9)


def test_large_picture_is_reduced_as_it_looks():
    for image, colours in (
        (RGB, QUARTERS),
        (RGB.quantize(4), QUARTERS),
        (quarters([20, 90, 160, 240], mode="L"), GREYS),
    ):
        large = image.resize((5200, 96), Pixels.Resampling.NEAREST)
        found = shown(saved(large, "PNG", compress_level=1))
        assert found.size == (2560, 47)
        assert near(looks(found.convert("RGB")), colours, 1)


def matrix_profile(gamma, space=b"RGB "):
    """Return an ICC profile with sRGB's red, green and blue, or its grey, and another gamma."""
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"

    def xyz(*values):
        return b"XYZ " + struct.pack(">I3i", 0, *(round(value * 65536) for value in values))

    white = xyz(0.9642, 1, 0.8249)
    tags = {b"wtpt": white, b"cprt": b"text\0\0\0\0\0\0\0\0", b"desc": b"desc" + bytes(90)}
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
        tags |= {b"rXYZ": xyz(0.4361, 0.2225, 0.0139), b"gXYZ": xyz(0.3851, 0.7169, 0.0971)}
        tags |= {b"bXYZ": xyz(0.1431, 0.0606, 0.7141)}
    table, data = b"", b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    body = struct.pack(">I", len(tags)) + table + data
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + body


def test_profile_is_converted_to_srgb():
    """Linear light of 55 in 255 is what sRGB calls 127: (55 / 255) ** (1 / 2.2) * 255, nearly."""
    linear, grey = matrix_profile(1), matrix_profile(1, b"GRAY")
    for mode, value, profile, wanted in (
        ("RGB", (55, 55, 55), linear, (128, 128, 128)),
        ("RGBA", (55, 55, 55, 128), linear, (128, 128, 128, 128)),
        ("L", 55, grey, 128),
        ("L", 55, linear, 55),  # a profile for other colours is as good as none
        ("RGB", (55, 55, 55), b"nonsense", (55, 55, 55)),
        ("RGB", (55, 55, 55), linear[:200], (55, 55, 55)),
    ):
        found = shown(saved(Pixels.new(mode, (8, 8), value), "PNG", icc_profile=profile))
        assert found.getpixel((4, 4)) == pytest.approx(wanted, abs=2), f"{mode} {profile[:9]}"


@every("kind", ["AVIF", "HEIC"])
def test_pictures_of_phones_look_right(kind):
    if kind == "HEIC":
        pytest.importorskip("pillow_heif").register_heif_opener()
    elif not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    half = quarters([(*colour, 128) for colour in QUARTERS], (128, 96), "RGBA")
    whole = quarters(QUARTERS, (128, 96))
    name = "HEIF" if kind == "HEIC" else kind
    found = shown(saved(whole, name, quality=95, exif=held(6)))
    assert found.size == (96, 128)
    assert near(looks(found), [QUARTERS[at] for at in TURNS[6]], 12), looks(found)
    found = shown(saved(half, name, quality=95))
    assert found.format == "WEBP"
    assert near(looks(found), [(*colour, 128) for colour in QUARTERS], 12), looks(found)


def test_primary_picture_of_a_heic_is_kept():
    pytest.importorskip("pillow_heif").register_heif_opener()
    other = Pixels.new("RGB", (64, 64), "white")
    whole = quarters(QUARTERS, (128, 96))
    several = {"save_all": True, "append_images": [whole], "primary_index": 1}
    found = shown(saved(other, "HEIF", quality=95, **several))
    assert near(looks(found), QUARTERS, 12)


# --- What is written --------------------------------------------------------------------------


def test_photograph_becomes_small_and_screenshot_stays_crisp():
    noise = [Pixels.effect_noise((20, 15), 90).resize((200, 150)) for _ in range(3)]
    photograph = Pixels.merge("RGB", noise)
    assert prepared(saved(photograph, "PNG")).name.endswith(".jpg")
    assert prepared(saved(photograph, "WEBP", lossless=True)).name.endswith(".webp")
    seen = Pixels.merge("RGBA", [*noise, noise[0]])
    assert prepared(saved(seen, "PNG")).name.endswith(".webp")
    screenshot = RGB.resize((200, 150), Pixels.Resampling.NEAREST)
    for kind in ("PNG", "WEBP"):
        found = shown(saved(screenshot, kind, lossless=True))
        assert found.format == kind
        assert found.tobytes() == screenshot.tobytes()


# --- Moving -----------------------------------------------------------------------------------


def steps():
    """Return four frames, in which the colours go around."""
    return [quarters(QUARTERS[step:] + QUARTERS[:step]) for step in range(4)]


def moved(content):
    """Return what is kept of a moving picture: each frame's colours and duration, and the loop."""
    kept = prepared(content)
    assert kept.name.endswith(f"-{kept.width}x{kept.height}.moving.webp")
    image = Pixels.open(io.BytesIO(kept.content))
    frames = []
    for index in range(image.n_frames):
        image.seek(index)
        image.load()
        frames.append((looks(image.convert("RGBA")), image.info["duration"]))
    still = Pixels.open(io.BytesIO(kept.still))
    assert not getattr(still, "is_animated", False)
    assert near(looks(still.convert("RGBA")), frames[0][0], 12)
    return frames, image.info["loop"]


@every("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_moving_picture_goes_on_moving(kind):
    first, *others = steps()
    options = {"quality": 95} if kind == "AVIF" else {"lossless": True, "loop": 3}
    options |= {"save_all": True, "append_images": others, "duration": [100, 200, 300, 400]}
    frames, loop = moved(saved(first, kind, **options))
    assert [duration for _, duration in frames] == [100, 200, 300, 400]
    for step, (found, _) in enumerate(frames):
        wanted = [(*colour, 255) for colour in QUARTERS[step:] + QUARTERS[:step]]
        assert near(found, wanted, 20), f"{step}: {found}"
    assert loop == {"GIF": 4, "AVIF": 0}.get(kind, 3)


def test_gif_that_says_no_loop_plays_once_and_has_no_haste():
    first, *others = steps()
    frames, loop = moved(saved(first, "GIF", save_all=True, append_images=others, duration=10))
    assert loop == 1
    assert {duration for _, duration in frames} == {100}


ALL, LEFT, RIGHT = (0, 0, 48, 32), (0, 0, 24, 32), (24, 0, 24, 32)
NONE = (0, 0, 0, 0)


def sides(content):
    """Return the colours at the left and at the right of each frame; what is clear has none."""
    frames = [[colours[0], colours[1]] for colours, _ in moved(content)[0]]
    return [[colour if colour[3] else NONE for colour in frame] for frame in frames]


def test_gif_is_put_together_as_browsers_do():
    red, green, blue = ((*colour, 255) for colour in (RED, GREEN, BLUE))
    for what, frames, wanted in (
        ("kept", [(ALL, 0, 1, None), (LEFT, 1, 1, None)], [[red, red], [green, red]]),
        (
            "cleared to nothing",
            [(ALL, 0, 1, None), (LEFT, 1, 2, None), (RIGHT, 2, 1, None)],
            [[red, red], [green, red], [NONE, blue]],
        ),
        (
            "as before",
            [(ALL, 0, 1, None), (LEFT, 1, 3, None), (RIGHT, 2, 1, None)],
            [[red, red], [green, red], [red, blue]],
        ),
        (
            "with a clear colour",
            [(LEFT, 0, 1, 3), (RIGHT, 1, 1, 3), (ALL, 3, 1, 3)],
            [[red, NONE], [red, green]],  # the third changes nothing
        ),
        (
            "not all at first",
            [(LEFT, 0, 0, None), (RIGHT, 1, 0, None)],
            [[red, NONE], [red, green]],
        ),
    ):
        found = [colour for frame in sides(gif(frames)) for colour in frame]
        assert near(found, [*itertools.chain(*wanted)], 12), f"{what}: {found}"


def test_apng_is_put_together_as_browsers_do():
    red, half, blue = (*RED, 255), (*GREEN, 128), (*BLUE, 255)
    over = [(one * 127 + two * 128) // 255 for one, two in zip(RED, GREEN, strict=True)] + [255]
    for what, content, wanted in (
        (
            "laid over",
            apng([(ALL, red, 0, 0), (LEFT, half, 0, 1), (RIGHT, blue, 0, 0)]),
            [[red, red], [over, red], [over, blue]],
        ),
        (
            "half over nothing",
            apng([(LEFT, half, 0, 1), (RIGHT, red, 0, 1)]),
            [[half, NONE], [half, red]],
        ),
        (
            "cleared and as before",
            apng([(ALL, red, 0, 0), (LEFT, blue, 1, 0), (RIGHT, blue, 2, 0), (LEFT, blue, 0, 0)]),
            [[red, red], [blue, red], [NONE, blue], [blue, red]],
        ),
        (
            "a still one before",
            apng([(ALL, red, 0, 0), (LEFT, blue, 0, 0)], still=half),
            [[red, red], [blue, red]],
        ),
    ):
        found = [colour for frame in sides(content) for colour in frame]
        assert near(found, [*itertools.chain(*wanted)], 12), f"{what}: {found}"


# --- What is refused --------------------------------------------------------------------------

DAMAGED = "This file is damaged or not complete."
NO_PICTURE = "This image cannot be read here."


def resized(jpeg, width, height):
    """Return a JPEG that claims to have this size."""
    at = next(jpeg.index(sof) for sof in (b"\xff\xc0\0", b"\xff\xc2\0") if sof in jpeg)
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def gif_of(frames, width=9, height=9):
    """Return a GIF of so many frames, some twenty bytes each."""
    first = saved(Pixels.new("P", (9, 9)), "GIF")
    start = first.index(b",\0\0\0\0")
    head = first[:6] + struct.pack("<HH", width, height) + first[10:start]
    return head + first[start:-1] * frames + b";"


def hostile():
    zeros = zlib.compress(bytes(20_000_000), 9)
    whole = saved(RGB, "PNG")
    yield "empty", b"", NO_PICTURE
    yield "one byte", b"\xff", NO_PICTURE
    yield "HTML", b"<!doctype html><script>alert(1)</script>", NO_PICTURE
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', NO_PICTURE
    yield "PDF", b"%PDF-1.4\n1 0 obj", NO_PICTURE
    yield "ZIP", b"PK\x03\x04" + bytes(99), NO_PICTURE
    yield "TIFF", saved(RGB, "TIFF"), NO_PICTURE
    yield "BMP", saved(RGB, "BMP"), NO_PICTURE
    yield "ICO", saved(RGB, "ICO"), NO_PICTURE
    yield "MP4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(99), NO_PICTURE
    yield "GIF and script", b"GIF89a/*<script>*/=1;alert(1)//", DAMAGED
    yield "JPEG's start", b"\xff\xd8\xff", DAMAGED
    yield "JPEG of no size", resized(saved(RGB, "JPEG"), 0, 0), DAMAGED
    yield "AVIF's start", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", DAMAGED
    yield "PNG of no size", bomb(0, 9), DAMAGED
    yield "PNG, text bomb", whole[:33] + chunk(b"zTXt", b"x\0\0" + zeros) + whole[33:], DAMAGED
    yield "PNG, profile bomb", whole[:33] + chunk(b"iCCP", b"x\0\0" + zeros) + whole[33:], DAMAGED
    yield "PNG, wrong sum", whole[:30] + b"\1" + whole[31:], DAMAGED
    yield "PNG, much too large", bomb(50_000, 50_000), "63 million are"
    yield "PNG, grey, much too large", bomb(50_000, 50_000, 0), "100 million are"
    yield "PNG, long", bomb(2**31 - 1, 1), "million are the most for a PNG."
    yield (
        "JPEG, too large",
        resized(saved(RGB, "JPEG"), 65_000, 65_000),
        "100 million are",
    )
    yield (
        "progressive, too large",
        resized(saved(RGB, "JPEG", progressive=True), 13_000, 8_000),
        "87 million",
    )
    yield "WebP, too large", webp_of(16_383, 16_383), "17 million are the most for a WebP."
    yield "GIF, too large", gif_of(1, 65_000, 65_000), "100 million are the most for a GIF."
    yield (
        "GIF, too many frames",
        gif_of(20_000, 100, 100),
        "it has 20000 frames",
    )
    yield (
        "GIF, moves, too large",
        gif_of(2, 9_000, 9_000),
        "million are the most for one",
    )
    if features.check("avif"):
        small = saved(RGB.resize((480, 320)), "AVIF")
        said = struct.pack(">II", 480, 320)
        yield "AVIF, larger than it says", small.replace(said, struct.pack(">II", 8, 8)), DAMAGED
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        noise = saved(Pixels.effect_noise((99, 99), 90).convert("RGB"), kind)
        yield f"{kind}, cut", noise[: len(noise) // 2], DAMAGED


def webp_of(width, height):
    """Return a WebP without loss that claims to have this size."""
    whole = saved(RGB, "WEBP", lossless=True)
    bits = (width - 1) | (height - 1) << 14
    return whole[:21] + struct.pack("<I", bits) + whole[25:]


def test_hostile_file_is_refused_with_a_sentence():
    wrong = []
    for what, content, says in hostile():
        try:
            found = prepared(content).name
        except ValidationError as error:
            found = error.messages[0]
        if says not in found:
            wrong.append(f"{what}: {found}")
    assert not wrong


@every("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_second_file_behind_a_picture_is_gone(kind):
    secret = b"<script>alert(1)</script>"
    noted = saved(RGB, kind, comment=secret, exif=held(1))
    for content in (saved(RGB, kind) + secret + b"PK\x03\x04", noted):
        kept = prepared(content).content
        assert secret not in kept
        assert b"Maker of phones" not in kept


def test_one_picture_is_read_at_a_time_on_a_machine(settings, monkeypatch):
    """Another process, which opens the lock's file for itself, would have to wait meanwhile."""
    found = []

    def read(file, kind):
        with (settings.DATA_DIR / "pictures.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append("taken")
        return "read"

    monkeypatch.setattr("blog.media.pictures.preparing.read", read)
    assert prepared(saved(RGB, "PNG")) == "read"
    assert found == ["taken"]


def test_kind_that_no_library_reads_is_said(monkeypatch):
    monkeypatch.setattr("blog.media.pictures.headers.pillow_heif", None)
    with pytest.raises(ValidationError, match="HEIC cannot be read on this site"):
        prepared(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99))
