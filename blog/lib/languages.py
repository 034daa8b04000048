"""Tags of languages (BCP 47, that is RFC 5646): whether one can be used, and what follows from it.

Their list here is ISO 639-1, with the codes that it had before, which stay valid. It is for telling
that somebody wrote `jp` or `gr`, the codes of countries; a language of three letters is taken as it
comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar
from unicodedata import normalize

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import translation

Given = ParamSpec("Given")
Result = TypeVar("Result")

# Returns what the site is written in; blog.site puts in what is set in the admin.
source: list[Callable[[], str]] = [lambda: str(settings.LANGUAGE_CODE)]

# The longest tag that programs have to take (RFC 5646, section 4.4.1).
MOST = 35

_TWO_LETTERS = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia
    id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo
    lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl
    ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk
    tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu bh iw ji jw mo sh
    """.split()
)
# A language, perhaps as part of another (`zh-yue`), its script, its region and its variants; what
# else a tag can say is of no use here.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3})?)(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
)
# Written from right to left: scripts, and languages that are written in one of them.
_SCRIPTS_TO_LEFT = frozenset("adlm arab aran hebr mand nkoo rohg samr syrc thaa yezi".split())
_LANGUAGES_TO_LEFT = frozenset(
    """
    ar arc ary arz azb bal bqi ckb dv fa glk he iw ji ks lrc mzn nqo pnb ps prs sd skr syr ug ur yi
    """.split()
)
# Languages that are written otherwise in some regions: CLDR's likely scripts, as Chromium has them.
_TO_LEFT_IN = frozenset(
    """
    az-IQ az-IR ha-CM ha-SD kk-AF kk-CN kk-IR kk-MN ku-IQ ku-IR ku-LB ky-CN ms-CC pa-PK tg-PK uz-AF
    """.lower().split()
)
_FROM_LEFT_IN = frozenset({"sd-in", "ug-kz", "ug-mn"})


def site_language() -> str:
    """Return the code of the site's language, such as en or pt-br."""
    return source[-1]()


def in_site_language(do: Callable[Given, Result]) -> Callable[Given, Result]:
    """Have a function speak as the site does to readers, also where staff have another language."""

    @wraps(do)
    def speaks(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with translation.override(site_language()):
            return do(*args, **kwargs)

    return speaks


@cache
def translated() -> list[tuple[str, str]]:
    """Return the languages that the site's own words have, each by its own name for itself."""
    files = (path for root in settings.LOCALE_PATHS for path in Path(root).glob("*/*/django.mo"))
    codes = {"en", *(translation.to_language(path.parts[-3]) for path in files)}
    named = ((code, own_name(code)) for code in codes)
    return sorted(named, key=lambda pair: pair[1].casefold())


def own_name(code: str) -> str:
    """Return a language's own name for itself, or its code."""
    return normalize("NFC", str(LANG_INFO.get(code, {}).get("name_local", code)))


def tag_of(text: str) -> str | None:
    """Return a tag in its usual capitals, such as `pt-BR` or `zh-Hant`; None for what is none."""
    found = (
        _TAG.fullmatch(text.strip().lower().replace("_", "-")) if len(text) <= 2 * MOST else None
    )
    if found is None or len(found[0]) > MOST:
        return None
    language, script, region = found.group("language", "script", "region")
    own = language.partition("-")[0]
    if len(own) == 2 and own not in _TWO_LETTERS:
        return None
    parts = [language, (script or "").title(), (region or "").upper()]
    return "-".join(part for part in parts if part) + found["variants"]


def is_to_left(tag: str) -> bool:
    """Whether a language is written from right to left."""
    language, *more = tag.lower().split("-")
    scripts = [part for part in more if len(part) == 4 and part.isalpha()]
    if scripts:
        return scripts[0] in _SCRIPTS_TO_LEFT
    regional = {f"{language}-{part}" for part in more}
    if language in _LANGUAGES_TO_LEFT:
        return not regional & _FROM_LEFT_IN
    return bool(regional & _TO_LEFT_IN)


def same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def suggestions() -> list[tuple[str, str]]:
    """Return the tags that are suggested, each with the language's own name for itself."""
    named = {
        tag: normalize("NFC", info["name_local"])
        for code, info in LANG_INFO.items()
        if "name_local" in info and (tag := tag_of(code))
    }
    return sorted(named.items())
