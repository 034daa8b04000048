"""Bringing a WordPress blog here from its export: all of it or, where the file is broken, nothing.

A second run of a file adds nothing: what is here already is left as it is, since the author may
have changed it, and only what is new in the file is added, such as later comments. So a text
that was changed in WordPress after its import is not brought up to date. What was deleted here
comes back with the next import; comments that were moved to the trash stay there.

Nothing becomes public that was not public in WordPress.
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.listing import labelled, listed
from blog.lib.slugs import MOST, slug_of
from blog.markup import MarkupError
from blog.markup.from_html.html_to_markdown import text_of
from blog.posts.models import Post, Tag, is_reserved

from .course import Stretches, Whole
from .fetching import Fetching
from .fields import email_address, moment, rfc_moment, username
from .media_folder import MediaFolder
from .old_site import OldSite
from .pictures import Pictures
from .report import Report, quoted
from .wordpress_addresses import Addresses
from .wordpress_comments import ImportedThread, kept_feed_id
from .wordpress_files import Files, bring_ahead
from .wordpress_texts import language_of, note_changes, notes_of, text_as_markdown
from .wxr import Author, Blog, Item, items, survey
from .wxr_writer import FEED_ID

User = get_user_model()


def import_wordpress(
    path: Path,
    *,
    author: Any = None,
    dry_run: bool = False,
    skip_duplicates: bool = False,
    progress: Callable[[int, int], None] | None = None,
    course: Whole | Stretches | None = None,
    sink: Callable[[str, str], None] | None = None,
    media: Path | None = None,
    fetch: Fetching | None = None,
) -> Report:
    """Import a WXR file in one transaction; a dry run does all of it and takes it back.

    `course` says how else its work is kept (course.py); `sink` is given each line of the report.
    Pictures and files are brought before it: from the folder `media`, such as `wp-content/uploads`,
    and what is not there by `fetch`, from the old blog itself.

    Posts that name no author the file knows become those of `author`, else of the user of that
    name, else of the first superuser. Comments that say again what their writer said before under
    the same post are kept, or left out with `skip_duplicates`. `progress` is called with the
    items done and their total.

    Raises WxrError for a file that cannot be read; then nothing has changed.
    """
    blog = survey(path)
    report = Report(dry_run=dry_run, types=blog.types, sink=sink)
    files = _files_of(blog, report, author, media, fetch)
    run = _Import(blog, files, author, skip_duplicates=skip_duplicates)
    if files.can_have:
        bring_ahead(files, items(path), run.is_new)
    with (course or Whole()).over(report):
        for number, item in enumerate(items(path), 1):
            run.item(item)
            report.step()
            if progress:
                progress(number, blog.types.total())
        run.keep_other_addresses()
    return report


def _files_of(
    blog: Blog, report: Report, by: Any, media: Path | None, fetch: Fetching | None
) -> Files:
    """Return what knows the old blog's files, with what its export says first in the report."""
    for line, names in blog.unreadable.items():
        said = _("line %(line)d: %(names)s") % {"line": line, "names": listed(names)}
        report.note(_("Characters that XML does not have were left out"), said)
    site = OldSite(blog.url, blog.hosts)
    folder = MediaFolder(media, originals=True) if media else None
    elsewhere = fetch.for_site(site, report, dry_run=report.dry_run) if fetch else None
    pictures = Pictures(report, folder, by=by, dry_run=report.dry_run, elsewhere=elsewhere)
    return Files(blog, site, pictures)


class _Import:
    """One run: what it knows of the file, and what it has met so far."""

    def __init__(self, blog: Blog, files: Files, author: Any, *, skip_duplicates: bool) -> None:
        self.blog = blog
        self.files = files
        self.skip_duplicates = skip_duplicates
        self.report = report = files.pictures.report
        self.addresses = Addresses(blog, files.site, report)
        self.fallback = author
        self.by_login = {author.login: author for author in blog.authors if author.login}
        self.by_id = {author.id: author for author in self.by_login.values() if author.id}
        self.users: dict[str, Any] = {}
        self.tags: dict[str, Tag] = {}
        self.seen: dict[str, str] = {}  # what each origin said, in short
        self.places: dict[str, str] = {}  # where public posts are, by their numbers

    def item(self, item: Item) -> None:
        if self.is_left_out(item):
            return
        origin = _origin(item, self.blog)
        if origin in self.seen:
            if self.seen[origin] == _sum_of(item):
                self.report.note(_("Left out, because it stands twice in the file"), _what(item))
                self.report.skipped[item.type] += 1
                return
            self.report.note(_("Has the number and guid of another, and is kept"), _what(item))
            origin = f"{origin}~{_sum_of(item)}"
        self.seen[origin] = _sum_of(item)
        post = Post.objects.filter(origin=origin).first()
        if post:
            self.report.already[item.type] += 1
            if self.report.is_repeating:  # know what was known when this was killed
                self.author(item["dc:creator"])
                self.tags_of(item)
        else:
            post = self.add_post(item, origin)
        if post is None:
            return
        if post.was_public:
            self.places[item.id] = f"/{post.path}/"
        if item.comments:
            self.add_comments(item, post)

    def is_left_out(self, item: Item) -> bool:
        """Return whether an item has no place here, which is noted."""
        if item.type not in {"post", "page"}:
            if not (item.type == "attachment" and self.files.can_have):
                heading = _("Left out, being of the type “%(type)s”") % {"type": item.type}
                self.report.note(heading, _what(item))
                self.report.skipped["other"] += 1
        elif item["wp:status"] in {"trash", "inherit"}:
            heading = _("Left out for the status “%(status)s”") % {"status": item["wp:status"]}
            self.report.note(heading, _what(item))
            self.report.skipped[item.type] += 1
        else:
            return False
        for row in item.comments:
            name = quoted(text_of(row.get("wp:comment_author", "")) or _("Anonymous"))
            said = _("%(name)s on %(post)s") % {"name": name, "post": _what(item)}
            self.report.note(_("Comments left out, with what they are on"), said)
            self.report.skipped["comment"] += 1
        return True

    def is_new(self, item: Item) -> bool:
        return not Post.objects.filter(origin=_origin(item, self.blog)).exists()

    def add_comments(self, item: Item, post: Post) -> None:
        guid = _feed_id(item)
        thread = ImportedThread(
            post,
            self.report,
            self.commenter,
            skip_duplicates=self.skip_duplicates,
            guid=guid if guid == post.feed_id else "",
            page=item["link"],
        )
        thread.add(item.comments)

    def keep_other_addresses(self) -> None:
        """Keep the addresses of lists, authors and files."""
        self.addresses.keep_blog()
        self.addresses.keep_terms()
        for login, user in self.users.items():
            self.addresses.keep_author(self.by_login.get(login) or Author(login=login), user)
        self.addresses.keep_files(self.files, self.places)

    # --- Posts and pages --------------------------------------------------------------------

    def add_post(self, item: Item, origin: str) -> Post | None:
        """Add one post with its tags and old addresses; None where its text is refused."""
        text = text_as_markdown(item, self.files, _what(item))
        dated = moment(item["wp:post_date_gmt"], item["wp:post_date"])
        dated = dated or rfc_moment(item["pubDate"])
        changed = moment(item["wp:post_modified_gmt"], item["wp:post_modified"])
        post = Post(
            kind=Post.Kind.PAGE if item.type == "page" else Post.Kind.ESSAY,
            title=self.title(item),
            standfirst=text_of(item["excerpt:encoded"]),
            body=text.markdown,
            lang=language_of(item),
            author=self.author(item["dc:creator"]),
            created_at=dated or changed or timezone.now(),
            comments_open=item["wp:comment_status"] != "closed",
            notes=notes_of(item),
            origin=origin,
            picture=self.files.shared(item, _what(item)),
        )
        if feed_id := self.feed_id(item):
            post.feed_id = feed_id
        post.updated_at = changed or post.created_at
        post.go_by_date(self.published_at(item, dated), commit=False)
        post.slug = self.slug(item, post)
        try:
            post.save()
        except MarkupError as error:
            said = labelled(_what(item), error)
            self.report.note(_("Left out, because its text is refused"), said)
            self.report.refused[item.type] += 1
            return None
        self.report.added[item.type] += 1
        post.tags.set(self.tags_of(item))
        self.addresses.keep(item, post, _what(item))
        note_changes(self.report, _what(item), text)
        return post

    def feed_id(self, item: Item) -> str:
        """Return what feeds called it, "" where another has that: copies can share a guid."""
        feed_id = _feed_id(item)
        return "" if Post.objects.filter(feed_id=feed_id).exists() else feed_id

    def title(self, item: Item) -> str:
        """The title as plain text. WordPress needs none; here lists and the form do."""
        title = text_of(item["title"])
        if not title:
            title = textwrap.shorten(text_of(item["content:encoded"])[:600], 60, placeholder="…")
            title = title if title.strip("…") else _("Untitled")
            self.report.note(_("Had no title, and was given one"), quoted(title))
        if len(title) > 300:
            title = f"{title[:299]}…"
            self.report.note(_("Had a title of more than 300 characters, cut"), _what(item))
        return title

    def published_at(self, item: Item, dated: datetime | None) -> datetime | None:
        """When it was or will be public; None for a draft, which is noted with the reason."""
        status = item["wp:status"]
        if item["wp:post_password"]:
            why = _("was protected by a password")
        elif status == "future":
            if dated and dated > timezone.now():
                return dated
            why = _("was scheduled, for a time that has passed since")
        elif status == "publish":
            if dated and dated > timezone.now():
                self.report.note(_("Dated in the future, so public from then on"), _what(item))
            if dated:
                return dated
            why = _("has no date")
        else:
            reasons = {
                "": _("the file does not say that it was public"),
                "draft": _("was a draft"),
                "auto-draft": _("was a draft"),
                "pending": _("was waiting for review"),
                "private": _("was private"),
            }
            why = reasons.get(status) or _("had the status “%(status)s”") % {"status": status}
        self.report.note(_("Kept as a draft"), labelled(_what(item), why))
        return None

    def slug(self, item: Item, post: Post) -> str:
        """A slug whose address is free, as near to WordPress's as can be."""
        names = [unquote(item["wp:post_name"]), post.title if item["title"] else ""]
        names += [f"{item.type}-{item.id}"]
        slugs = (slug_of(name, MOST) for name in names)
        base = next(filter(None, slugs), "untitled")
        number = 1
        post.slug = base
        while self.is_taken(post):
            number += 1
            post.slug = f"{base[: 199 - len(str(number))]}-{number}"
        if number > 1:
            said = labelled(_what(item), f"/{post.permalink_path()}/")
            self.report.note(_("Has another address, because its own was taken"), said)
        return post.slug

    def is_taken(self, post: Post) -> bool:
        if post.kind == Post.Kind.PAGE and is_reserved(post.slug):
            return True
        return Post.objects.filter(path=post.permalink_path()).exists()

    def tags_of(self, item: Item) -> list[Tag]:
        found = [each for each in item.categories if each[0] in {"category", "post_tag", "tag"}]
        if not any(domain for domain, _nicename, _text in item.categories):
            found = item.categories
        tags = []
        for domain, nicename, name in found:
            nicename = unquote(nicename or name)
            tag = self.tag(nicename, text_of(name))
            self.addresses.keep_tag(domain, nicename, tag)
            tags += [tag] if tag else []
        return tags

    def tag(self, nicename: str, name: str) -> Tag | None:
        name = name[:100]
        slug = slug_of(nicename, MOST) or slug_of(name)
        if slug == "uncategorized":
            # It is what WordPress calls having no category.
            self.report.note_once(_("Tags left out"), name)
            return None
        if not slug or not name:
            return None
        if slug not in self.tags:
            tag = Tag.objects.filter(slug=slug).first()
            tag = tag or Tag.objects.like([name]).first()
            if not tag:
                tag = Tag.objects.create(slug=slug, name=name)
                self.report.added["tag"] += 1
            self.tags[slug] = tag
        return self.tags[slug]

    # --- Authors ----------------------------------------------------------------------------

    def author(self, login: str) -> Any:
        if login not in self.users:
            if known := self.by_login.get(login):
                self.users[login] = self.user(known)
            else:
                self.users[login] = self.other_author(login)
        return self.users[login]

    def other_author(self, login: str) -> Any:
        """Whose a post is that names an author the file says nothing of, or none."""
        return (
            self.fallback
            or (login and User.objects.filter(username__iexact=username(login)).first())
            or User.objects.filter(is_superuser=True).order_by("pk").first()
            or self.user(Author(login=login or "wordpress"))
        )

    def commenter(self, id: str) -> Any:
        """The user behind a comment's user number; None where the file lists no such author."""
        known = self.by_id.get(id)
        return self.author(known.login) if known else None

    def user(self, author: Author) -> Any:
        """The user of that name or e-mail address here, else a new one who cannot sign in."""
        name, email = username(author.login), email_address(author.email)
        found = User.objects.filter(username__iexact=name).first()
        if not found and email:
            found = User.objects.filter(email__iexact=email).first()
        if found:
            return found
        first, _space, last = text_of(author.name).partition(" ")
        self.report.added["author"] += 1
        self.report.note(
            _("Authors added, who cannot sign in until you give them a password"), name
        )
        return User.objects.create_user(
            name, email, None, first_name=first[:150], last_name=last[:150], is_active=False
        )


# --- Keys and addresses ---------------------------------------------------------------------


def _origin(item: Item, blog: Blog) -> str:
    """A key that is the same in every export of a blog, and another for each item of any blog.

    WordPress never changes a guid, not even when the blog moves, but copies of a post can share
    one, so the item's number belongs to the key.
    """
    home = blog.url or blog.title
    number = item["wp:post_id"]
    short = f"{home}/?p={number}" if home and number else ""
    key = item["guid"] or short or item["link"]
    if not key:
        said = repr((home, item["title"], item["content:encoded"]))
        key = hashlib.sha256(said.encode()).hexdigest()
    if len(key) > 300:
        key = hashlib.sha256(key.encode()).hexdigest()
    return f"wordpress:{key}#post-{number[:20]}"


def _sum_of(item: Item) -> str:
    """Return what tells items of one number and guid apart, the same in every export."""
    said = repr((item["wp:post_name"] or item["title"], item["wp:post_date"]))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _feed_id(item: Item) -> str:
    """What feeds called it: Postil's, as it exported it, or WordPress's."""
    return kept_feed_id(dict(item.meta).get(FEED_ID)) or kept_feed_id(item["guid"])


def _what(item: Item) -> str:
    """Name an item in the report."""
    return quoted(text_of(item["title"]) or item["link"] or item.id or _("Untitled"))
