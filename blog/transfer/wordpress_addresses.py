"""Old addresses of a WordPress blog, so that each leads its readers to what it was about.

What stands behind an address, such as `/feed/` or `/comment-page-2/`, is for blog/posts/moved.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.lib.slugs import slug_of
from blog.posts.models import FileUse, Forward, OldAddress, Post, Tag

from .old_site import OldSite, key_of, split
from .report import Report
from .wordpress_files import Files, plain
from .wxr import Author, Blog, Item
from .wxr_writer import OLD_ADDRESS

# Routes that lead to what the site shows itself; what they would hide has to be reported.
_SHOWN = {"essay", "page", "year", "month"}


class Addresses:
    """Keeps the old addresses of one import."""

    def __init__(self, blog: Blog, site: OldSite, report: Report) -> None:
        self.blog, self.site, self.report = blog, site, report
        self.base = f"{key_of(site.base)}/" if site.base else ""
        self.tags: dict[tuple[str, str], Tag] = {}

    # --- Posts ------------------------------------------------------------------------------

    def keep(self, item: Item, post: Post, what: str) -> None:
        """Send readers of each address a post had in WordPress on to the one it has now."""
        for path in dict.fromkeys(self.paths_of(item)):
            if path == post.path or not path or not path.isprintable():
                continue
            if len(path) > 500:
                self.report.note(_("Old address left out, because it is too long"), what)
            elif self.is_needed(path):
                self.report.note(
                    _("Old address left out, because this site needs it itself"), f"{what}: /{path}"
                )
            else:
                self._keep_old(path, post, what)

    def _keep_old(self, path: str, post: Post, what: str) -> None:
        owner = Post.objects.filter(path=path).first()
        if not owner:
            kept, made = OldAddress.objects.get_or_create(path=path, defaults={"post": post})
            self.report.added["address"] += made
            owner = kept.post
        if owner != post:
            self.report.note(
                _("Old address left out, because another has it"),
                labelled(what, f"/{path} → /{owner.path}/"),
            )

    def paths_of(self, item: Item) -> Iterator[str]:
        """Yield where an item was read in WordPress, as OldAddress stores it."""
        link = split(item["link"])
        addresses = [item["link"], *([item["guid"]] if self.site.own(item["guid"]) else [])]
        for address in addresses:
            parts = split(address)
            if not parts.query:  # else the path is only the blog's front page
                yield key_of(parts.path)
        if item.id.isdecimal():
            yield f"?p={item.id}"
            if item.type == "page":
                yield f"?page_id={item.id}"
        for key, value in item.meta:
            if key == OLD_ADDRESS:
                yield value.strip("/")
            elif key == "_wp_old_slug" and (slug := key_of(value)):
                yield from self._with_slug(item, key_of(link.path), slug)

    def _with_slug(self, item: Item, path: str, slug: str) -> Iterator[str]:
        """Yield the address that a post had under an earlier slug, in the form it has now."""
        before, _slash, last = path.rpartition("/")
        name = key_of(item["wp:post_name"])
        if name and name in last:
            yield "/".join(filter(None, [before, last.replace(name, slug)]))
        elif not path or split(item["link"]).query:
            yield f"{self.base}{slug}"

    def is_needed(self, path: str) -> bool:
        """Return whether this site shows something of its own at an address."""
        if path.startswith("?"):
            return False
        for spelling in (f"/{path}/", f"/{path}"):
            try:
                return resolve(spelling).url_name not in _SHOWN
            except Resolver404:
                continue
        return False

    # --- Everything else ----------------------------------------------------------------------

    def forward(self, path: str, to: str, what: str) -> None:
        """Send readers of another old address on, unless something is there."""
        if path and self.is_needed(path):
            if f"/{path}/" != to:
                heading = _("Old address left out, because this site needs it itself")
                self.report.note(heading, labelled(what, f"/{path}"))
            return
        if path and path != key_of(to):
            self.report.added["address"] += Forward.objects.keep(path, to)

    def keep_blog(self) -> None:
        """Keep the addresses of the front page and its feeds."""
        home = _("the front page")
        self.forward(key_of(self.site.base), "/", home)
        self.forward("?feed=rss2", reverse("rss"), home)
        self.forward("?feed=atom", reverse("atom"), home)

    def keep_tag(self, domain: str, nicename: str, tag: Tag | None) -> None:
        """Keep the address of a category or a tag; of one that is none here, the front page's."""
        kind = "category" if domain == "category" else "tag"
        slug = key_of(nicename)
        if not slug or (kind, slug) in self.tags:
            return
        if tag:
            self.tags[kind, slug] = tag
        to = tag.get_absolute_url() if tag else "/"
        self.forward(f"{self.base}{kind}/{slug}", to, f"/{kind}/{slug}")
        self.forward(f"?tag={slug}" if kind == "tag" else f"?category_name={slug}", to, slug)

    def keep_terms(self) -> None:
        """Keep the addresses of categories below others, and those by number."""
        parents = {
            key_of(term.slug): key_of(term.parent)
            for term in self.blog.terms
            if term.kind == "category"
        }
        for term in self.blog.terms:
            slug = key_of(term.slug)
            tag = self.tags.get((term.kind, slug))
            to = tag.get_absolute_url() if tag else "/"
            line, above = [slug], parents.get(slug, "")
            while term.kind == "category" and above and above not in line:
                line.insert(0, above)
                above = parents.get(above, "")
            self.forward(f"{self.base}{term.kind}/{'/'.join(line)}", to, slug)
            if term.id.isdecimal() and term.kind == "category":
                self.forward(f"?cat={term.id}", to, slug)

    def keep_author(self, author: Author, user: Any) -> None:
        to = reverse("author", kwargs={"number": user.pk})
        for name in dict.fromkeys([key_of(author.login), slug_of(author.login)]):
            if name:
                self.forward(f"{self.base}author/{name}", to, author.login)
        if author.id.isdecimal():
            self.forward(f"?author={author.id}", to, author.login)

    def keep_files(self, files: Files, posts: dict[str, str]) -> None:
        """Keep the addresses of files, and of the pages that WordPress had for each of them.

        `posts` has where posts are here, by their numbers in WordPress. What only a hidden post had
        stays hidden.
        """
        for key, made in files.made.items():
            if made is not None:
                known = files.by_path.get(key)
                hidden = known is not None and self._is_hidden(known.parent)
                if not hidden or _is_shown(made.file.name):
                    self.forward(key, made.get_absolute_url(), key)
        for each in self.blog.attachments:
            if self._is_hidden(each.parent):
                continue
            own = self.site.own(each.address)
            made = files.made.get(key_of(plain(own))) if own else None
            to = posts.get(each.parent) or (made.get_absolute_url() if made else "")
            if to:
                self._keep_page_of_file(each.id, each.page, to)

    def _keep_page_of_file(self, number: str, page: str, to: str) -> None:
        if number.isdecimal():
            self.forward(f"?attachment_id={number}", to, number)
            self.forward(f"?p={number}", to, number)
        own = self.site.own(page)
        if own and "?" not in own:
            self.forward(key_of(own), to, own)

    def _is_hidden(self, parent: str) -> bool:
        return parent not in {"", "0"} and parent not in self.blog.public


def _is_shown(name: str) -> bool:
    """Return whether readers see a file in some essay."""
    uses = FileUse.objects.current().filter(name=name, post__in=Post.objects.published())
    return uses.exists()
