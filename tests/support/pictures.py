"""Makes picture files whose right look is known, because the colours in them are."""

import io
import struct
import zlib

from PIL import Image as Pixels

# Four quarters: top left, top right, bottom left, bottom right. So a turn is seen, too.
RED, GREEN, BLUE, GREY = (200, 30, 40), (40, 180, 60), (30, 50, 190), (128, 128, 128)
QUARTERS = [RED, GREEN, BLUE, GREY]
SIZE = (48, 32)


def quarters(colours, size=SIZE, mode="RGB"):
    """Return an image of four plain rectangles."""
    width, height = size
    image = Pixels.new(mode, size)
    for index, colour in enumerate(colours):
        left, top = (index % 2) * width // 2, (index // 2) * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    return image


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def looks(image):
    """Return the colour in the middle of each quarter."""
    across, down = image.width // 4, image.height // 4
    places = [(across, down), (3 * across, down), (across, 3 * down), (3 * across, 3 * down)]
    return [image.getpixel(place) for place in places]


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


# Where each pass of an interlaced PNG begins, and its steps: left, top, across, down.
PASSES = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
]


def png(values, depth, colours, *, size=SIZE, extra=b"", interlace=0):
    """Return a PNG of four quarters, written by hand: each value has a sample for each channel."""
    width, height = size
    rows = bytearray()
    for left, top, across, down in PASSES if interlace else [(0, 0, 1, 1)]:
        for y in range(top, height, down):
            bits = ""
            for x in range(left, width, across):
                value = values[(y >= height // 2) * 2 + (x >= width // 2)]
                bits += "".join(f"{sample:0{depth}b}" for sample in value)
            bits += "0" * (-len(bits) % 8)
            rows += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    head = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + extra
        + chunk(b"IDAT", zlib.compress(bytes(rows)))
        + chunk(b"IEND", b"")
    )


def bomb(width, height, colours=2):
    """Return a PNG of a few hundred bytes that claims this many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000, 9)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def gif(frames, size=SIZE, loop=None):
    """Return a GIF in the four colours, written by hand.

    A frame is its place (left, top, width, height), the number of its colour, what is done with it
    afterwards, and the number of the colour that is clear.
    """
    out = b"GIF89a" + struct.pack("<2H", *size) + b"\x81\0\0" + bytes(sum(QUARTERS, ()))
    if loop is not None:
        out += b"!\xff\x0bNETSCAPE2.0\x03\1" + struct.pack("<H", loop) + b"\0"
    for (left, top, width, height), colour, after, clear in frames:
        packed, index = after << 2 | (clear is not None), clear or 0
        out += b"!\xf9\x04" + struct.pack("<BHBB", packed, 10, index, 0)
        out += b"," + struct.pack("<4HB", left, top, width, height, 0)
        # Each pixel after a code that forgets all others, so that a code always has three bits.
        codes = [4, colour] * (width * height) + [5]
        bits = sum(code << (3 * at) for at, code in enumerate(codes))
        data = bits.to_bytes(-(-3 * len(codes) // 8), "little")
        blocks = (data[at : at + 255] for at in range(0, len(data), 255))
        out += b"\x02" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
    return out + b";"


def apng(frames, size=SIZE, loop=0, still=None):
    """Return an APNG in plain colours, written by hand.

    A frame is its place (left, top, width, height), its colour with alpha, what is done with it
    afterwards, and whether it is laid over what is there. A still picture may come before them.
    """
    number, out = 0, b"\x89PNG\r\n\x1a\n"
    out += chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0))
    out += chunk(b"acTL", struct.pack(">II", len(frames), loop))
    if still:
        out += chunk(b"IDAT", zlib.compress((b"\0" + bytes(still) * size[0]) * size[1]))
    for at, ((left, top, width, height), colour, after, over) in enumerate(frames):
        control = (number, width, height, left, top, 1, 10, after, over)
        out += chunk(b"fcTL", struct.pack(">5I2H2B", *control))
        data = zlib.compress((b"\0" + bytes(colour) * width) * height)
        number += 1
        if at == 0 and not still:
            out += chunk(b"IDAT", data)
        else:
            out += chunk(b"fdAT", struct.pack(">I", number) + data)
            number += 1
    return out + chunk(b"IEND", b"")
