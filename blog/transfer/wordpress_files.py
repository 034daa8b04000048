"""The pictures and files of a WordPress blog: what its texts show, galleries, what is shared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from django.utils.translation import gettext as _

from blog.lib.base_path import unbased
from blog.markup.from_html.around import Around, File
from blog.markup.from_html.html_to_markdown import text_of
from blog.posts.models import Image, Recording

from .old_site import OldSite, is_file, key_of
from .pictures import Pictures
from .report import quoted
from .wxr import Attachment, Blog, Item

# Where texts name files: attributes of HTML and of shortcodes, and addresses that stand alone.
_NAMED = re.compile(r"""(?:=\s?["']?|[\s:>\]"'])((?:https?:)?/{1,2}[^\s"'<>\[\]]{1,2000})""")
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|heic|svg|bmp|tiff?|ico)\Z", re.IGNORECASE)


class Files:
    """What is here of the old blog's files, found by the addresses that its texts have."""

    def __init__(self, blog: Blog, site: OldSite, pictures: Pictures) -> None:
        self.site = site
        self.pictures = pictures
        self.by_id = {each.id: each for each in blog.attachments if each.id}
        self.by_path: dict[str, Attachment] = {}
        self.children: dict[str, list[Attachment]] = {}
        for each in blog.attachments:
            if own := site.own(each.address):
                self.by_path.setdefault(key_of(plain(own)), each)
            self.children.setdefault(each.parent, []).append(each)
        self.made: dict[str, Image | Recording | None] = {}

    @property
    def can_have(self) -> bool:
        return bool(self.pictures.folder or self.pictures.elsewhere)

    def bring_attachment(self, attachment: Attachment) -> None:
        """Bring a file of the library in WordPress, whether or not a text shows it."""
        where = quoted(text_of(attachment.title) or attachment.id)
        self.made_of(self.site.own(attachment.address) or attachment.address, where)

    def bring_named(self, source: str, where: str) -> None:
        """Bring what a text names, ahead of the transaction in which it is written."""
        for address in _NAMED.findall(source):
            own = self.site.own(unescape(address))
            if own and is_file(own):
                self.made_of(own, where)

    def made_of(self, own: str, where: str, alt: str = "") -> Image | Recording | None:
        """Return the library's row of a file; None, and a note in the report, where it has none."""
        key = key_of(plain(own))
        if self.made.get(key):
            return self.made[key]
        if not self.can_have:
            heading = _("Files that stayed behind: import it again with wp-content/uploads")
            self.pictures.note(heading, where, own)
            return None
        known = self.by_path.get(key)
        made = self.pictures.bring(own, where, alt=alt or (known.alt if known else ""))
        self.made[key] = made
        return made

    def here(self, own: str, where: str, alt: str = "") -> str | None:
        made = self.made_of(own, where, alt)
        return unbased(made.get_absolute_url()) if made else None

    def shared(self, item: Item, where: str) -> Image | None:
        """Return the picture that a post is shared with: its featured image in WordPress."""
        number = dict(item.meta).get("_thumbnail_id", "").strip()
        if not number or number == "0":
            return None
        known = self.by_id.get(number)
        if known is None:
            self.pictures.note(_("Featured images that are not in the file"), where, number)
            return None
        made = self.made_of(self.site.own(known.address) or known.address, where)
        return made if isinstance(made, Image) and made.pk else None

    def gallery(self, post: str, attributes: dict[str, str], kind: str) -> list[File]:
        """Return the files of a gallery or a playlist in order."""
        if named := attributes.get("ids") or attributes.get("include"):
            chosen = [self.by_id.get(each.strip()) for each in named.split(",")]
        else:
            without = {each.strip() for each in attributes.get("exclude", "").split(",")}
            of_post = self.children.get(attributes.get("id") or post or "-", [])
            chosen = [
                each
                for each in sorted(of_post, key=_order)
                if each.id not in without and is_picture(each.address) == (kind == "gallery")
            ]
        if attributes.get("order", "").upper() == "DESC":
            chosen.reverse()
        return [
            File(each.address, " ".join(each.alt.split()), text_of(each.caption))
            for each in chosen
            if each
        ]


class OfPost(Around):
    """What is around the text of one post."""

    def __init__(self, files: Files, post: str, where: str, notes: dict[str, str]) -> None:
        super().__init__(notes)
        self.files, self.post, self.where = files, post, where

    def file(self, address: str, alt: str) -> str | None:
        own = self.files.site.own(address)
        return address if own is None else self.files.here(own, self.where, alt)

    def link(self, address: str) -> str:
        own = self.files.site.own(address)
        if own is None:
            return address
        return (is_file(own) and self.files.here(own, self.where)) or own

    def lacks(self, address: str) -> bool:
        own = self.files.site.own(address)
        return own is not None and is_file(own) and not self.files.here(own, self.where)

    def gallery(self, attributes: dict[str, str], kind: str = "gallery") -> list[File]:
        return self.files.gallery(self.post, attributes, kind)


def plain(address: str) -> str:
    """Return an address without its query and fragment."""
    return address.partition("?")[0].partition("#")[0]


def is_picture(address: str) -> bool:
    return _PICTURE.search(plain(address)) is not None


def _order(attachment: Attachment) -> tuple[int, int]:
    number = attachment.id
    return attachment.order, int(number) if number.isdecimal() and len(number) < 20 else 0


def bring_ahead(files: Files, items: Iterable[Item], is_new: Any) -> None:
    """Bring every file that an import will show, before its transaction: reading takes long."""
    for attachment in files.by_id.values():
        files.bring_attachment(attachment)
    for item in items:
        if item.type in {"post", "page"} and is_new(item):
            where = quoted(text_of(item["title"]) or item.id)
            files.bring_named(item["content:encoded"], where)
