"""The site's icon and its picture for sharing: files made of one that an owner chose."""

from io import BytesIO

from PIL import Image as Pixels
from PIL import ImageOps

from blog.media.names import name_of
from blog.media.pictures.preparing import Prepared, prepare
from blog.media.storing import store

# Sides in pixels: of a tab, an iPhone's home screen, and Android's, small and large.
SIDES = (32, 180, 192, 512)
# What networks show of a link, large.
SHARED = (1200, 630)


def icons_of(file, paper):
    """Keep an icon in each size; return their names, smallest first.

    What is not square gets margins: transparent ones, but for the home screens, which know none.
    Raises ValidationError with a sentence for a file that is not a picture.
    """
    pixels = read(file)
    names = []
    for side in SIDES:
        icon = ImageOps.contain(pixels, (side, side), Pixels.Resampling.LANCZOS)
        canvas = Pixels.new("RGBA", (side, side), paper if side == 180 else (0, 0, 0, 0))
        canvas.paste(icon, ((side - icon.width) // 2, (side - icon.height) // 2), icon)
        names.append(kept(canvas, "PNG", "png"))
    return names


def picture_of(file, paper):
    """Keep what links to the site are shown with, cut to its shape; return its name."""
    pixels = ImageOps.fit(read(file), SHARED, Pixels.Resampling.LANCZOS)
    page = Pixels.new("RGB", SHARED, paper)
    page.paste(pixels, mask=pixels)
    return kept(page, "JPEG", "jpg", quality=82, progressive=True)


def read(file):
    """Return the pixels of an uploaded file, read within the limits of all pictures."""
    prepared = prepare(file)
    with Pixels.open(BytesIO(prepared.still or prepared.content)) as image:
        return image.convert("RGBA")


def kept(pixels, form, ending, **how):
    out = BytesIO()
    pixels.save(out, form, optimize=True, **how)
    name = name_of(out.getvalue(), *pixels.size, ending)
    store(Prepared(name, out.getvalue(), *pixels.size))
    return name
