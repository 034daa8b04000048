"""Keyboards that write another alphabet, pressed in Chromium as the system would."""

CTRL = 2
# What they write with the keys A, B, C, D and S.
LAYOUTS = {
    "Ukrainian": dict(zip("ABCDS", "фисві", strict=True)),
    "Arabic": {"A": "ش", "B": "لا", "C": "ؤ", "D": "ي", "S": "س"},
    "Hebrew": dict(zip("ABCDS", "שנבגד", strict=True)),
    "Greek": dict(zip("ABCDS", "αβψδσ", strict=True)),
}


def press_key(page, layout, key, modifiers=0):
    """Press a key, which is named by its Latin letter, on the keyboard of another alphabet."""
    letter = LAYOUTS[layout][key]
    event = {"key": letter, "code": f"Key{key}", "windowsVirtualKeyCode": ord(key)}
    typed = {} if modifiers else {"text": letter}
    devtools = page.context.new_cdp_session(page)
    for kind, more in (("keyDown", typed), ("keyUp", {})):
        given = {"type": kind, "modifiers": modifiers, **event, **more}
        devtools.send("Input.dispatchKeyEvent", given)
    devtools.detach()
