"""The parts of an essay's address that URL patterns name."""

from blog.lib.slugs import PATTERN, is_slug


class YearConverter:
    regex = "[0-9]{4}"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return f"{value:04d}"


class MonthConverter:
    regex = "0[1-9]|1[0-2]"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return f"{value:02d}"


class SlugConverter:
    """A slug in any script."""

    regex = PATTERN

    def to_python(self, value):
        if not is_slug(value):
            raise ValueError(value)
        return value

    def to_url(self, value):
        return value
