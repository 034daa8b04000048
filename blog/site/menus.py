"""Puts a link into the masthead or the foot, or takes it out, as the page it leads to was asked."""

from . import links
from .models import SiteVersion

# The form's fields, and the lists they stand for.
MENUS = {"in_masthead": "masthead", "in_foot": "foot"}
USUAL = {"masthead": links.default_masthead, "foot": links.default_foot}


def menus_with(address):
    """Return which menus lead to this address, by the names of the form's fields (one query)."""
    version = SiteVersion.objects.order_by("-pk").first()
    return {field: leads_to(pairs_of(version, name), address) for field, name in MENUS.items()}


def put(address, words, wanted, *, by):
    """Have each menu of `wanted` lead to an address or not, in a new version where one is needed.

    Call it in a transaction.
    """
    version = SiteVersion.objects.select_for_update().order_by("-pk").first()
    values = version.values if version else {}
    changed = {}
    for field, is_wanted in wanted.items():
        pairs = pairs_of(version, MENUS[field])
        if is_wanted and not leads_to(pairs, address) and len(pairs) < links.MOST:
            changed[MENUS[field]] = [*pairs, [address, words]]
        elif not is_wanted and leads_to(pairs, address):
            changed[MENUS[field]] = [pair for pair in pairs if pair[0] != address]
    if changed:
        SiteVersion.objects.create(**values | changed, by=by)


def move(before, after, *, by):
    """Have the menus that lead to an address lead to another one, in a new version (one query)."""
    version = SiteVersion.objects.order_by("-pk").first()
    lists = {name: pairs_of(version, name) for name in MENUS.values()}
    changed = {
        name: [[after if to == before else to, words] for to, words in pairs]
        for name, pairs in lists.items()
        if leads_to(pairs, before)
    }
    if changed:
        SiteVersion.objects.create(**(version.values if version else {}) | changed, by=by)


def pairs_of(version, name):
    pairs = getattr(version, name, None)
    return USUAL[name]() if pairs is None else pairs


def leads_to(pairs, address):
    return any(to == address for to, _words in pairs)
