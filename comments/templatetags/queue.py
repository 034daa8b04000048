"""Filters by which the queue's templates look up values in dicts."""

from django import template

register = template.Library()


@register.filter
def count_of(counts, name):
    """Return the count under `name`, 0 if it is missing."""
    return counts.get(name, 0)


@register.filter
def get(texts, key):
    """Return the text under `key`, "" if it is missing."""
    return texts.get(key, "")
