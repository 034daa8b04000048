"""What the W3C's feed validator finds wrong with a feed, under its names, and JSON Feed's MUSTs.

Not all it knows: what a feed of this site could get wrong. tests/test_feed_rules.py tries these
rules on the validator's own cases.
"""

import json
import re
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.entities import name2codepoint
from urllib.parse import urlsplit

from lxml import etree, html

from blog.lib.languages import tag_of

ATOM, XML = "http://www.w3.org/2005/Atom", "http://www.w3.org/XML/1998/namespace"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC, MEDIA = "http://purl.org/dc/elements/1.1/", "http://search.yahoo.com/mrss/"
REPEATED = (
    "category",
    "item",
    "enclosure",
    f"{{{ATOM}}}link",
    f"{{{DC}}}creator",
    f"{{{DC}}}subject",
)
CHANNEL = set(
    "title link description language copyright managingEditor webMaster pubDate lastBuildDate "
    "category generator docs cloud ttl image rating textInput skipHours skipDays item".split()
)
ITEM = set("title link description author category comments enclosure guid pubDate source".split())
MAIL_DATE = re.compile(
    r"((Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d\d? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} \d\d:\d\d(:\d\d)? ([+-]\d\d[03]0|UT|GMT|[ECMP][SD]T|Z)"
)
ATOM_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
MEDIA_TYPE = re.compile(r"[^\s()<>,;:\\\"/\[\]?=]+/[^\s()<>,;:\\\"/\[\]?=]+")
URI = re.compile(r"[a-zA-Z][0-9a-zA-Z+.-]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#\[\]]+")
UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TAG_URI = re.compile(r"tag:[a-z0-9._-]+,\d{4}(-\d\d(-\d\d)?)?:[0-9a-zA-Z;/?:@&=+$._!~*'()%,-]+")
END_TAG, ENTITY = re.compile(r"</(\w+)>"), re.compile(r"&(#?\w+)")
NUMBERED = {ord("&"): "&#x26;", ord("<"): "&#x3C;", ord(">"): "&#x3E;"}
ENTITIES = {*name2codepoint, "apos"}
ELEMENTS = set(
    "a abbr aside audio b bdi blockquote br caption cite code dd del details dfn div dl dt em "
    "figcaption figure h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q s samp small "
    "source span strong sub summary sup table tbody td tfoot th thead tr u ul var video wbr".split()
)
# Of those it takes for safe, what our HTML has. It does not know `controls`, without which no
# reader shows a player, and so warns of each.
ATTRIBUTES = set(
    "alt cite class colspan decoding dir height href id lang loading media open poster preload rel "
    "reversed rowspan scope sizes src srcset start title width controls".split()
)
ADDRESSES = ("href", "src", "cite", "poster", "data", "longdesc")


def faults(content, media_type):
    """Return what is wrong with a feed, as names of rules and where."""
    if "json" in media_type:
        return json_faults(content)
    try:
        root = etree.fromstring(content)
    except etree.XMLSyntaxError as error:
        return [f"SAXError: {error}"]
    source = content.decode(errors="replace")
    if root.tag == f"{{{ATOM}}}feed":
        return list(_atom(root))
    if root.tag != "rss":
        return [f"UndefinedElement: {root.tag}"]
    return list(_rss(root, source))


# --- RSS ------------------------------------------------------------------------------------


def _rss(root, source):
    if "version" not in root.attrib:
        yield "MissingAttribute: version of rss"
    channels = root.findall("channel")
    if len(channels) > 1:
        yield "DuplicateElement: channel"
    for channel in channels[:1]:
        yield from _children(channel, CHANNEL)
        for name in ("description", "link", "title"):
            if channel.find(name) is None:
                yield f"Missing{name.capitalize()}: channel"
        links = channel.findall(f"{{{ATOM}}}link")
        if not [link for link in links if link.get("rel") == "self"]:
            yield "MissingSelf: channel"
        language = channel.find("language")
        if language is not None and not tag_of(language.text or ""):
            yield f"InvalidLanguage: {language.text}"
        if language is not None and channel.find(f"{{{DC}}}language") is not None:
            yield "DuplicateSemantics: language"
        yield from _plain(channel, ("title", "description", "copyright", "category"), source)
        yield from _dates(channel, ("pubDate", "lastBuildDate"))
        yield from _uris(channel, ("link",))
        yield from _links(links)
        guids = [guid.text for guid in channel.iterfind("item/guid")]
        if len({*guids}) < len(guids):
            yield "DuplicateValue: guid"
        for item in channel.findall("item"):
            yield from _item(item, source)


def _item(item, source):
    yield from _children(item, ITEM)
    names = [child.tag for child in item]
    if not {"title", "description"} & {*names}:
        yield "ItemMustContainTitleOrDescription: item"
    guid = item.find("guid")
    if guid is None:
        yield "MissingGuid: item"
    else:
        yield from _guid(guid)
    encoded = f"{{{CONTENT}}}encoded"
    if encoded in names and "description" not in names[: names.index(encoded)]:
        yield "NeedDescriptionBeforeContent: item"
    core = {"author": f"{{{DC}}}creator", "pubDate": f"{{{DC}}}date", "guid": f"{{{ATOM}}}id"}
    core |= {"category": f"{{{DC}}}subject", "source": f"{{{DC}}}source"}
    for one, other in core.items():
        if {one, other} <= {*names}:
            yield f"DuplicateItemSemantics: {one}"
    if names.count("enclosure") > 1:
        yield "DuplicateEnclosure: item"
    for enclosure in item.findall("enclosure"):
        yield from _enclosure(enclosure)
    yield from _plain(item, ("title", "category"), source)
    yield from _dates(item, ("pubDate",))
    yield from _uris(item, ("link", "comments"))
    for name in ("description", encoded):
        for part in item.findall(name):
            yield from html_faults(part.text or "", name)


def _children(parent, known):
    for child in parent:
        if not isinstance(child.tag, str):
            continue
        if not child.tag.startswith("{") and child.tag not in known:
            yield f"UndefinedElement: {child.tag}"
        if (child.text or "").strip() and child.tag == "enclosure":
            yield "UnexpectedText: enclosure"
    names = [child.tag for child in parent if isinstance(child.tag, str)]
    yield from (
        f"DuplicateElement: {name}" for name in {*names} - {*REPEATED} if names.count(name) > 1
    )


def _plain(parent, names, source):
    for name in names:
        for element in parent.findall(name):
            text = element.text or ""
            if name == "title" and not text.strip():
                yield f"NotBlank: {name} of {parent.tag}"
            yield from like_html(text, name, source)
            if re.search(r"[\x80-\x9f�]", text):
                yield f"BadCharacters: {name}"


def like_html(text, name, source=""):
    """Yield what makes a reader take plain text for HTML."""
    for tag in END_TAG.findall(text):
        if tag.lower() in ELEMENTS:
            yield f"ContainsHTML: </{tag}> in {name}"
    # Written as a number, a reader knows it for a sign.
    if ENTITY.search(text) and text.translate(NUMBERED) not in source:
        for entity in ENTITY.findall(text):
            if entity in ENTITIES or not entity.isalpha():
                yield f"ContainsHTML: &{entity} in {name}"


def _guid(guid):
    text = guid.text or ""
    is_permalink = guid.get("isPermaLink", "true")
    if is_permalink not in ("true", "false"):
        yield "InvalidBooleanAttribute: guid"
    if is_permalink == "true":
        if text.startswith(("tag:", "urn:uuid:")):
            yield f"InvalidPermalink: {text}"
        elif not URI.fullmatch(text):
            yield f"InvalidHttpGUID: {text}"
    elif len(text) < 9 and text.isdigit():
        yield f"NotSufficientlyUnique: {text}"


def _enclosure(enclosure):
    for name in ("url", "length", "type"):
        if name not in enclosure.attrib:
            yield f"MissingAttribute: {name} of enclosure"
    if not enclosure.get("length", "0").isdigit():
        yield "InvalidIntegerAttribute: length"
    if not MEDIA_TYPE.match(enclosure.get("type", "a/b")):
        yield "InvalidMIMEAttribute: type"


def _dates(parent, names):
    for name in names:
        for element in parent.findall(name):
            text = element.text or ""
            if not MAIL_DATE.fullmatch(text):
                loose = re.fullmatch(r"\s*((\w{3})\s*,\s*)?\d\d?\s+\w{3}\s+\d\d(\d\d)?\s+.*", text)
                yield f"{'ProblematicalRFC822Date' if loose else 'InvalidRFC2822Date'}: {text}"
                continue
            try:
                day = parsedate_to_datetime(text)
            except ValueError:
                yield f"InvalidRFC2822Date: {text}"
                continue
            if "," in text and f"{day:%a}" != text[:3]:
                yield f"IncorrectDOW: {text}"
            if day.year < 1990 or day.timestamp() > time.time() + 600:
                yield f"ImplausibleDate: {text}"


def _uris(parent, names):
    for name in names:
        for element in parent.findall(name):
            if not URI.fullmatch(element.text or ""):
                yield f"InvalidLink: {element.text}"


def _links(links):
    for link in links:
        if "href" not in link.attrib:
            yield "MissingAttribute: href of link"
        elif not URI.fullmatch(link.get("href")):
            yield f"InvalidLink: {link.get('href')}"


# --- Atom -----------------------------------------------------------------------------------


def _atom(root):
    if not root.get(f"{{{XML}}}lang"):
        yield "MissingDCLanguage: feed"
    yield from _atom_common(root)
    links = root.findall(f"{{{ATOM}}}link")
    for rel in ("self", "alternate"):
        if len([link for link in links if link.get("rel", "alternate") == rel]) != 1:
            yield f"MissingLink: {rel}"
    entries = root.findall(f"{{{ATOM}}}entry")
    ids = [entry.findtext(f"{{{ATOM}}}id") for entry in entries]
    if len({*ids}) < len(ids):
        yield "DuplicateEntries: id"
    has_author = root.find(f"{{{ATOM}}}author") is not None
    for entry in entries:
        yield from _atom_common(entry)
        language = entry.get(f"{{{XML}}}lang", "en")
        if not tag_of(language):
            yield f"InvalidLanguage: {language}"
        author = entry.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name")
        if not has_author and not (author or "").strip():
            yield "MissingElement: author"
        content = entry.find(f"{{{ATOM}}}content")
        if content is None and entry.find(f"{{{ATOM}}}link") is None:
            yield "MissingElement: content"
        for category in entry.findall(f"{{{ATOM}}}category"):
            if not category.get("term"):
                yield "MissingAttribute: term of category"


def _atom_common(parent):
    for name in ("id", "title", "updated"):
        found = parent.findall(f"{{{ATOM}}}{name}")
        if len(found) != 1 or not (found[0].text or "").strip():
            yield f"MissingElement: {name} of {parent.tag}"
    for name in ("updated", "published"):
        for found in parent.findall(f"{{{ATOM}}}{name}"):
            if not ATOM_DATE.fullmatch(found.text):
                yield f"InvalidRFC3339Date: {found.text}"
            elif datetime.fromisoformat(found.text).year < 1990:
                yield f"ImplausibleDate: {found.text}"
    yield from _id(parent.findtext(f"{{{ATOM}}}id") or "")
    yield from _links(parent.findall(f"{{{ATOM}}}link"))
    for name in ("title", "subtitle", "summary", "content"):
        for found in parent.findall(f"{{{ATOM}}}{name}"):
            kind, text = found.get("type", "text"), found.text or ""
            if not text and name != "content":
                yield f"NotBlank: {name}"
            if kind == "html":
                yield from html_faults(text, name)
            else:
                yield from like_html(text, name)


def _id(text):
    ours = {"urn:uuid:": UUID, "tag:": TAG_URI}
    for start, shape in ours.items():
        if text.startswith(start):
            if not shape.fullmatch(text):
                yield f"InvalidID: {text}"
            return
    if not urlsplit(text).scheme or re.search(r"\s", text):
        yield f"InvalidFullLink: {text}"


# --- HTML -----------------------------------------------------------------------------------


def html_faults(text, where):
    """Yield what is wrong with HTML in a feed: dangerous, unknown, or leading nowhere."""
    if not text.strip():
        return
    ids = set()
    for element in html.fragment_fromstring(text, create_parent="div").iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag not in ELEMENTS:
            yield f"SecurityRisk: <{element.tag}> in {where}"
        for name, value in element.attrib.items():
            if name == "style":
                yield f"DangerousStyleAttr: {value} in {where}"
            elif name.startswith("on"):
                yield f"SecurityRisk: {name} in {where}"
            elif name not in ATTRIBUTES:
                yield f"SecurityRiskAttr: {name} in {where}"
            if name == "id":
                if value in ids:
                    yield f"DuplicateIds: {value}"
                ids.add(value)
            if name in ADDRESSES and not re.match(r"(https?://|mailto:)", value, re.IGNORECASE):
                yield f"ContainsRelRef: {value} in {where}"
            if name == "srcset" and not all(
                part.strip().startswith("http") for part in value.split(",")
            ):
                yield f"ContainsRelRef: {value} in {where}"


# --- JSON -----------------------------------------------------------------------------------

TEXTS = {"title", "home_page_url", "feed_url", "description", "next_url", "icon", "language"}
OF_ITEM = {"id", "url", "title", "summary", "content_html", "content_text", "image", "language"}
OF_ITEM |= {"date_published", "date_modified", "external_url", "banner_image"}


def json_faults(content):
    """Return what JSON Feed 1.1 says a feed must be and this is not."""
    try:
        feed = json.loads(content)
    except ValueError as error:
        return [f"not JSON: {error}"]
    found = []
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        found.append("version")
    if not feed.get("title") or not isinstance(feed.get("items"), list):
        found.append("title and items are required")
    wrong = {*feed} - TEXTS - {"version", "items", "hubs", "authors", "expired", "user_comment"}
    found += [f"unknown: {name}" for name in wrong if not name.startswith("_")]
    found += [f"no text: {name}" for name in TEXTS & {*feed} if not isinstance(feed[name], str)]
    found += [
        f"no address: {name}"
        for name in ("home_page_url", "feed_url", "next_url")
        if name in feed and not URI.fullmatch(feed[name])
    ]
    if feed.get("next_url") == feed.get("feed_url"):
        found.append("next_url must not be feed_url")
    for hub in feed.get("hubs", []):
        if not {"type", "url"} <= {*hub}:
            found.append("a hub has a type and an url")
    ids = [item.get("id") for item in feed["items"]]
    if len({*ids}) < len(ids):
        found.append("ids are not unique")
    for item in feed["items"]:
        found += _json_item(item)
    return found


def _json_item(item):
    if not isinstance(item.get("id"), str) or not item["id"]:
        yield "an item has an id"
    if not {"content_html", "content_text"} & {*item}:
        yield "an item has content_html or content_text"
    wrong = {*item} - OF_ITEM - {"tags", "authors", "attachments"}
    yield from (f"unknown: {name}" for name in wrong if not name.startswith("_"))
    yield from (f"no text: {n}" for n in OF_ITEM & {*item} if not isinstance(item[n], str))
    for name in ("date_published", "date_modified"):
        if name in item and not ATOM_DATE.fullmatch(item[name]):
            yield f"no date of RFC 3339: {item[name]}"
    if "url" in item and not URI.fullmatch(item["url"]):
        yield f"no address: {item['url']}"
    if not all(isinstance(tag, str) for tag in item.get("tags", [])):
        yield "tags are texts"
    for author in item.get("authors", []):
        if not {"name", "url", "avatar"} & {*author}:
            yield "an author has a name, an url or an avatar"
    for file in item.get("attachments", []):
        if not {"url", "mime_type"} <= {*file}:
            yield "an attachment has an url and a mime_type"
        if not isinstance(file.get("size_in_bytes", 0), int):
            yield "size_in_bytes is a number"
    yield from html_faults(item.get("content_html", ""), "content_html")
