"""Looking up what the queue counted, in its templates."""

from django import template

register = template.Library()


@register.filter
def count_of(counts, name):
    """Return how many there are under `name`; none counts as 0."""
    return counts.get(name, 0)


@register.filter
def get(texts, key):
    """Return the text kept for `key`, or nothing."""
    return texts.get(key, "")
