"""Moving pictures go on moving, as browsers show them."""

import io
import itertools

from inputs import every
from pictures import (
    BLUE,
    GREEN,
    QUARTERS,
    RED,
    apng,
    gif,
    looks,
    quarters,
    saved,
)
from PIL import Image as Pixels
from test_pictures import near, prepared


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
