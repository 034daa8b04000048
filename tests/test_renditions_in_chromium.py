"""An essay with pictures on a phone and on a desk: what is loaded, and that nothing moves."""

import io
import random

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pixels
from test_images import media_root  # noqa: F401 - a fixture

from blog.media.names import hash_of, size_of
from blog.media.pictures.renditions import make_missing

pytestmark = pytest.mark.browser

# The width of the screen, pixels for each of its pixels, and how much of the originals' bytes
# may be loaded there.
SCREENS = [(390, 1, 0.25), (390, 2, 0.6), (1440, 1, 0.6), (1440, 2, 1)]
WATCH = """
    window.shift = 0;
    new PerformanceObserver(list => list.getEntries().forEach(entry => shift += entry.value))
        .observe({type: "layout-shift", buffered: true});
"""
LOADED = """async () => {
    for (const img of document.images) { img.scrollIntoView(); await img.decode() }
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    return {
        shift,
        wide: document.documentElement.scrollWidth > innerWidth,
        shown: [...document.images].map(img => img.currentSrc),
        // One where `sizes` says how wide it is in truth.
        scaled: [...document.images].map(img => img.naturalWidth / img.width),
        widths: [...document.images].map(img => img.width),
    };
}"""


def photograph(width, height):
    """Keep something with as much detail as a photograph has; return its name and its bytes."""
    few = (width // 12, height // 12)
    noise = Pixels.frombytes("L", few, random.Random(1).randbytes(few[0] * few[1]))
    noise = noise.resize((width, height))
    content = io.BytesIO()
    Pixels.merge("RGB", [noise, noise.rotate(180), noise.rotate(90)]).save(content, "JPEG")
    name = f"{hash_of(content.getvalue())}-{width}x{height}.jpg"
    default_storage.save(name, ContentFile(content.getvalue()))
    make_missing(name)
    return name, len(content.getvalue())


def test_small_screens_load_small_pictures_and_nothing_moves(live_server, browser, write):
    kept = [photograph(*size) for size in [(1300, 867), (867, 1300), (1300, 731)]]
    names, whole = [name for name, _ in kept], sum(size for _, size in kept)
    a, b, c = (f"![Sea](/media/{name})" for name in names)
    path = write(body=f"Words.\n\n{a}\n\n{'Words. ' * 200}\n\n{b}\n{c}").get_absolute_url()
    for width, dense, share in SCREENS:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, device_scale_factor=dense
        )
        context.add_init_script(WATCH)
        tab = context.new_page()
        tab.goto(live_server.url + path)
        found = tab.evaluate(LOADED)
        context.close()
        shown = [address.rpartition("/")[2] for address in found["shown"]]
        loaded = sum(default_storage.size(name) for name in shown)
        scaled = [round(number, 2) for number in found["scaled"]]
        print(f"{width} px {dense}x: {loaded} of {whole} bytes, {found['widths']} {scaled}")
        assert found["shift"] == 0
        assert not found["wide"]
        assert loaded <= share * whole
        assert all(0.95 < number < 1.05 for number in found["scaled"])
        for name, wide in zip(shown, found["widths"], strict=True):
            assert int(size_of(name)[0]) >= wide * dense or name in names
