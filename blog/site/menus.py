"""Puts a link into the masthead or the foot, takes it out, and has it follow where it leads to."""

import unicodedata
from urllib.parse import unquote

from blog.lib.base_path import home, unbased

from . import links
from .models import SiteVersion
from .versions import newest

# The form's fields, and the lists they stand for.
MENUS = {"in_masthead": "masthead", "in_foot": "foot"}
USUAL = {"masthead": links.default_masthead, "foot": links.default_foot}
# Versions that are searched for the words and the place that a link had.
MOST_SEARCHED = 200


def menus_with(places):
    """Return which menus lead to one of these, by the names of the form's fields (one query)."""
    version = newest()
    return {field: leads_to(pairs_of(version, name), places) for field, name in MENUS.items()}


def put(places, words, fields, *, names=(), by):
    """Have these menus lead to the first of some places; return those that are full.

    A link that left one of the places comes back where it was, with its words unless they are
    among the `names` that the page once had. Call it in a transaction.
    """
    version, changed, full = newest(locked=True), {}, []
    for field in fields:
        pairs = pairs_of(version, MENUS[field])
        if leads_to(pairs, places):
            continue
        if len(pairs) >= links.MOST:
            full.append(field)
            continue
        number, before = where_it_was(places, MENUS[field]) or (len(pairs), words)
        own = words if before in {cut(name) for name in names} else before
        changed[MENUS[field]] = [*pairs[:number], [places[0], cut(own)], *pairs[number:]]
    keep(version, changed, by=by)
    return full


def take_out(places, fields=tuple(MENUS), *, by):
    """Have none of these menus lead to any of some places; return those that did.

    Call it in a transaction.
    """
    version = newest(locked=True)
    changed = without_links(version, places, fields)
    keep(version, {MENUS[field]: pairs for field, pairs in changed.items()}, by=by)
    return [*changed]


def without(version, places):
    """Take the links out of a version that is not saved yet; return the menus that had some."""
    changed = without_links(version, places, MENUS)
    for field, pairs in changed.items():
        setattr(version, MENUS[field], stored(MENUS[field], pairs))
    return [*changed]


def stored(name, pairs):
    """Return a menu as a version has it: None for the usual one."""
    return None if pairs == USUAL[name]() else pairs


def without_links(version, places, fields):
    lists = {field: pairs_of(version, MENUS[field]) for field in fields}
    return {
        field: [pair for pair in pairs if not leads_to([pair], places)]
        for field, pairs in lists.items()
        if leads_to(pairs, places)
    }


def paths_in(version):
    """Return what may be the paths of essays and pages in a version's menus."""
    pairs = [pair for name in MENUS.values() for pair in pairs_of(version, name)]
    return {place_of(to).strip("/") for to, _words in pairs}


def follow(place, name, to, new_name, *, by):
    """Have the menus lead where a page or a tag went, and call it as it is called now.

    Words that an owner wrote differently stay.
    """
    version, changed = newest(locked=True), {}
    for menu in MENUS.values():
        pairs = pairs_of(version, menu)
        followed = [
            followed_by(pair, place, {name, cut(name)}, to, cut(new_name)) for pair in pairs
        ]
        if followed != pairs:
            changed[menu] = followed
    keep(version, changed, by=by)


def followed_by(pair, place, names, to, new_name):
    address, words = pair
    if place_of(address) != place_of(place):
        return pair
    if place != to:
        address = to + part_of(address)
        names = names | {""}  # which is enough only for places that have a name by themselves
    return [address, new_name if words in names else words]


def keep(version, changed, *, by):
    """Make a version with these lists, unless none changed."""
    if changed:
        lists = {name: stored(name, pairs) for name, pairs in changed.items()}
        SiteVersion.objects.create(**(version.values if version else {}) | lists, by=by)


def where_it_was(places, name):
    """Return the number and the words that a link last had in a menu; None if it never was there.

    One query, of the newest versions.
    """
    versions = SiteVersion.objects.order_by("-pk").only(*MENUS.values())[:MOST_SEARCHED]
    for version in [*versions, None]:
        for number, pair in enumerate(pairs_of(version, name)):
            if leads_to([pair], places):
                return number, pair[1]
    return None


def pairs_of(version, name):
    pairs = getattr(version, name, None)
    return USUAL[name]() if pairs is None else pairs


def leads_to(pairs, places):
    return any(place_of(to) in places for to, _words in pairs)


def place_of(address):
    """Return the place that a link leads to as pages have theirs, however it was typed."""
    path = address.removesuffix(part_of(address))
    if not path.startswith("/"):
        if path != home() and not path.startswith(f"{home()}/"):
            return address
        path = unbased(path.removeprefix(home())) or "/"
    path = unicodedata.normalize("NFC", unquote(path))
    return path if path.endswith("/") else f"{path}/"


def part_of(address):
    """Return what an address has behind its path: a query, or a part of the page."""
    starts = [at for at in (address.find("?"), address.find("#")) if at >= 0]
    return address[min(starts) :] if starts else ""


def cut(name):
    return name[: links.MOST_OF_WORDS]
