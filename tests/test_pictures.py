"""From a file that somebody sent to a picture that looks right, or to a sentence."""

import io
import struct

import pytest
from django.core.files.base import ContentFile
from inputs import every
from pictures import (
    BLUE,
    GREEN,
    GREY,
    QUARTERS,
    RED,
    chunk,
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


def ycck():
    """Return the JPEG of inks that Photoshop writes: the first three as one JPEG has colours."""
    light = Pixels.merge("RGB", CMYK.split()[:3]).convert("YCbCr")
    turned = [band.point(lambda value: 255 - value) for band in light.split()]
    jpeg = saved(Pixels.merge("CMYK", [*turned, CMYK.getchannel("K")]), "JPEG", quality=95)
    transform = jpeg.index(b"\xff\xee") + 15
    return jpeg[:transform] + b"\2" + jpeg[transform + 1 :]


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
    yield "JPEG, YCCK of Adobe", ycck(), INKED, 9
    yield "PNG, interlaced", png(QUARTERS, 8, 2, interlace=1), QUARTERS, 0
    deep = [[value * 257 for value in colour] for colour in QUARTERS]
    yield "PNG, interlaced, 16 bits", png(deep, 16, 2, interlace=1), QUARTERS, 0
    indices = [(0,), (1,), (2,), (3,)]
    palette_of_2 = png(indices, 2, 3, extra=PALETTE, interlace=1)
    yield "PNG, interlaced palette of 2 bits", palette_of_2, QUARTERS, 0
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


def ink_profile(lightness):
    """Return an ICC profile of inks: cyan makes a grey, black is black, the rest is nothing."""
    lights = [0 if inks % 2 else 100 if inks < 8 else lightness for inks in range(16)]
    table = b"".join(bytes([round(light * 2.55), 128, 128]) for light in lights)
    same = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    steps = bytes(range(256))
    look = b"mft1" + bytes([0, 0, 0, 0, 4, 3, 2, 0]) + same + steps * 4 + table + steps * 3
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(look))
    size = 128 + len(tags) + len(look)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02100000, b"prtr", b"CMYK", b"Lab ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + tags + look


def test_inks_look_as_their_profile_says():
    """Cyan is grey by this one: a lightness of 50 is 119 in sRGB."""
    cyan = Pixels.new("CMYK", (16, 16), (255, 0, 0, 0))
    for profile, wanted in ((None, (0, 255, 255)), (ink_profile(50), (119, 119, 119))):
        found = shown(saved(cyan, "JPEG", quality=95, icc_profile=profile))
        assert found.getpixel((8, 8)) == pytest.approx(wanted, abs=4)


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
