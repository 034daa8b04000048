"""What reading a picture takes, for the largest of each kind: measured in a process of its own."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import saved
from PIL import Image as Pixels
from trials import in_full

SCRIPT = Path(__file__).parent / "support" / "picture_memory.py"
# MiB above what the process has before: the promise, and what a plain JPEG takes at most.
MOST, PLAIN_JPEG = 300, 100

LARGEST = {
    "JPEG, 100 megapixels": ("L", (12_480, 8_000), "JPEG", {}),
    "JPEG, colours": ("RGB", (12_480, 8_000), "JPEG", {}),
    "JPEG, CMYK": ("CMYK", (12_480, 8_000), "JPEG", {}),
    "JPEG, progressive": ("RGB", (10_880, 7_520), "JPEG", {"progressive": True}),
    "JPEG, all colours": ("RGB", (7_680, 5_120), "JPEG", {"progressive": True, "subsampling": 0}),
    "PNG": ("RGB", (9_600, 6_528), "PNG", {"compress_level": 1}),
    "PNG, alpha": ("RGBA", (9_600, 6_528), "PNG", {"compress_level": 1}),
    "PNG, grey and alpha": ("LA", (9_600, 6_528), "PNG", {"compress_level": 1}),
    "PNG, palette": ("P", (12_480, 8_000), "PNG", {"compress_level": 1}),
    "PNG, grey": ("L", (12_480, 8_000), "PNG", {"compress_level": 1}),
    "PNG, grey of 16 bits": ("I;16", (12_480, 8_000), "PNG", {"compress_level": 1}),
    "PNG, one bit": ("1", (12_480, 8_000), "PNG", {"compress_level": 1}),
    "GIF": ("P", (12_480, 8_000), "GIF", {}),
    "WebP": ("RGB", (4_992, 3_392), "WEBP", {"method": 0}),
    "WebP, lossless": ("RGB", (4_992, 3_200), "WEBP", {"method": 0, "lossless": True}),
    "AVIF": ("RGB", (5_760, 4_320), "AVIF", {"speed": 10, "subsampling": "4:4:4"}),
    "HEIC": ("RGB", (8_064, 6_048), "HEIF", {"quality": 40, "tile_size": 512}),
    "GIF, moving": ("P", (3_392, 2_496), "GIF", {"moves": True}),
    "PNG, moving": ("RGBA", (3_392, 2_496), "PNG", {"moves": True, "compress_level": 1}),
    "WebP, moving": ("RGB", (3_392, 2_496), "WEBP", {"moves": True, "method": 0}),
    "AVIF, moving": ("RGB", (3_392, 2_496), "AVIF", {"moves": True, "speed": 10}),
}


def made(mode, size, kind, moves=False, **options):
    """Return a picture in which no part is quite as the next."""
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    width, height = size
    band = Pixels.linear_gradient("L").resize((width // 16, height // 16))
    bands = [
        band,
        band.transpose(Pixels.Transpose.FLIP_LEFT_RIGHT),
        Pixels.effect_noise(band.size, 9),
    ]
    image = Pixels.merge("RGB", bands).convert("L" if mode == "I;16" else mode)
    image = image.resize(size, Pixels.Resampling.NEAREST)
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 257).convert("I;16")
    if moves:
        turned = image.transpose(Pixels.Transpose.FLIP_TOP_BOTTOM)
        options |= {"save_all": True, "append_images": [turned], "duration": 100}
    return saved(image, kind, **options)


@pytest.mark.long
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="Linux tells what a process takes"
)
def test_largest_picture_of_each_kind_fits(tmp_path):
    wrong = []
    for what, (mode, size, kind, options) in itertools.islice(LARGEST.items(), in_full(None, 1)):
        path = tmp_path / "picture"
        path.write_bytes(made(mode, size, kind, **options))
        said = subprocess.check_output([sys.executable, SCRIPT, path], text=True)
        taken, seconds, found = said.strip().split("\t")
        print(f"{what:22} {size[0]:6} × {size[1]:<6} {taken:>4} MiB {seconds:>5} s  {found}")
        most = PLAIN_JPEG if kind == "JPEG" and "progressive" not in options else MOST
        if int(taken) > most or not found.startswith("-"):
            wrong.append(f"{what}: {said}")
    assert not wrong
