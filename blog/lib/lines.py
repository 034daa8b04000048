"""Text of several lines, as the field in the browser counts it."""

from __future__ import annotations

from typing import Any

from django import forms


def with_plain_breaks(text: str) -> str:
    """Return a text whose lines end in one character; forms are sent with two (HTML, 4.10.22)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Lines(forms.Textarea):  # type: ignore[misc]
    """A text area whose value has as many characters as its browser counted for `maxlength`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return with_plain_breaks(value) if isinstance(value, str) else value
