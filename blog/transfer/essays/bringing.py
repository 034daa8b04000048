"""From another system's entries to essays and pages here: all or, where that fails, none.

Each text is read twice: first for what stands at its top, so that every address is known, then
for its words. Pictures are kept on the way, before anything is written, and found again by a
second run. What is here already stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.languages import site_language, tag_of
from blog.lib.listing import labelled
from blog.lib.slugs import MOST, slug_of
from blog.markup import MarkupError
from blog.markup.from_html.html_to_markdown import Converted
from blog.markup.tags import in_words
from blog.posts.models import Forward, Image, Post, Tag
from blog.posts.models.tag import key_of
from blog.transfer.course import Stretches, Whole
from blog.transfer.fields import plainly
from blog.transfer.pictures import Pictures
from blog.transfer.report import Report, quoted

from .addresses import is_the_sites, keep_addresses, settle_slug
from .authors import Authors
from .entries import Entry, System
from .links import Links
from .paths import path_of

_TEXTS = ("body", "body_html", "annotated_html")
LONGEST_TITLE, LONGEST_TAG = 300, 100


class Planned:
    """An entry and the essay it becomes, not saved yet, or the one that it became before."""

    def __init__(self, entry: Entry, post: Post, *, is_here: bool) -> None:
        self.entry, self.post, self.is_here = entry, post, is_here


class Bringing:
    """One import of one blog."""

    def __init__(self, system: System, report: Report, author: Any, *, dry_run: bool) -> None:
        self.system, self.report = system, report
        self.authors = Authors(report, author, system.author)
        self.pictures = Pictures(report, system.media, by=author, dry_run=dry_run)
        self.links = Links(system, self.pictures, report)
        self.planned: list[Planned] = []
        self.taken: set[str] = set()
        self.known_tags: dict[str, Tag] = {}
        self.dry_run = dry_run

    def run(
        self,
        progress: Callable[[int, int], None] | None,
        course: Whole | Stretches | None = None,
    ) -> None:
        self.plan()
        total = 2 * len(self.planned)
        tell = progress or (lambda done, total: None)
        # On the disk, so that memory does not grow with the number of texts.
        with tempfile.TemporaryFile("w+", encoding="utf-8", dir=_scratch()) as texts:
            for number, each in enumerate(self.planned, 1):
                if not each.is_here:
                    texts.write(json.dumps(self.text(each)) + "\n")
                tell(number, total)
            texts.seek(0)
            with (course or Whole()).over(self.report):
                for number, each in enumerate(self.planned, 1 + len(self.planned)):
                    if not each.is_here:
                        self.save(each, *json.loads(texts.readline()))
                    self.report.step()
                    tell(number, total)
                posts = {each.entry.file: each.post.pk for each in self.planned if each.post.pk}
                self.system.bring_comments(posts)
                self.forward_lists()

    def forward_lists(self) -> None:
        """Have the addresses of feeds lead to the feed here, and those of lists to their tags."""
        if not self.planned:
            return
        system = self.system
        found = dict.fromkeys(system.feeds, reverse("rss"))
        names = {name for each in self.planned if each.post.is_public for name in each.entry.tags}
        tags = Tag.objects.like(names) if system.lists and names else ()
        for tag in tags:
            found |= dict.fromkeys(
                (each.format(tag.slug) for each in system.lists), tag.get_absolute_url()
            )
        for path, to in {**found, **dict(system.forwards(self.authors))}.items():
            path = path_of(f"{system.base}/{path}")
            if not is_the_sites(path):
                self.report.added["address"] += Forward.objects.keep(path, to)

    # --- What there is ----------------------------------------------------------------------

    def plan(self) -> None:
        entries = []
        for entry in self.system.entries():
            self.system.settle(entry)
            entries.append(entry)
        # By date, so that of two that want one address the older has it.
        far = timezone.now().replace(year=9999)
        entries.sort(key=lambda entry: (entry.at or far, entry.file))
        for entry in entries:
            self.report.types["page" if entry.is_page else "post"] += 1
            self.plan_one(entry)

    def plan_one(self, entry: Entry) -> None:
        origin = self.origin(entry)
        if post := Post.objects.filter(origin=origin).defer(*_TEXTS).first():
            self.report.already["page" if entry.is_page else "post"] += 1
            self.planned.append(Planned(entry, post, is_here=True))
        else:
            post = self.post_of(entry, origin)
            self.planned.append(Planned(entry, post, is_here=False))
            self.system.note_unknown(entry)
        self.links.plan(entry, f"/{post.permalink_path()}/")

    def origin(self, entry: Entry) -> str:
        """A key that is the same in every copy of a blog, and another for each entry of any."""
        key = self.system.key(entry)
        key = hashlib.sha256(key.encode()).hexdigest() if len(key) > 300 else key
        return f"{self.system.name}:{key}"

    def post_of(self, entry: Entry, origin: str) -> Post:
        now = timezone.now()
        post = Post(
            kind=Post.Kind.PAGE if entry.is_page else Post.Kind.ESSAY,
            title=self.title(entry),
            standfirst=entry.standfirst,
            lang=self.language(entry),
            created_at=plainly(min(entry.at or entry.changed or now, now)),
            comments_open=entry.comments_open,
            origin=origin,
        )
        changed = entry.changed or post.created_at
        post.updated_at = plainly(min(max(changed, post.created_at), now))
        at = self.published_at(entry)
        post.go_by_date(at, commit=False)
        if at is None and entry.at:
            post.created_at = plainly(entry.at)
        if entry.feed_id and not Post.objects.filter(feed_id=entry.feed_id).exists():
            post.feed_id = entry.feed_id
        settle_slug(post, entry, self.taken, self.report)
        return post

    def title(self, entry: Entry) -> str:
        title = entry.title
        if not title:
            title = entry.stem if entry.stem != "index" else Path(entry.folder).name
            title = title.replace("-", " ").replace("_", " ").strip() or _("Untitled")
            self.report.note(
                _("Had no title, and was given one"), labelled(entry.what, quoted(title))
            )
        if len(title) > LONGEST_TITLE:
            title = f"{title[: LONGEST_TITLE - 1]}…"
            self.report.note(_("Had a title of more than 300 characters, cut"), entry.what)
        return title

    def language(self, entry: Entry) -> str:
        tag = tag_of(entry.language) if entry.language else None
        return "" if tag is None or tag.lower() == site_language().lower() else tag

    def published_at(self, entry: Entry) -> Any:
        """When it was or will be public; None for a draft, which is noted with the reason."""
        if not entry.hidden and entry.at:
            if entry.at > timezone.now():
                self.report.note(_("Dated in the future, so public from then on"), entry.what)
            return plainly(entry.at)
        if not entry.hidden and entry.is_page:
            self.report.note(_("Had no date, so dated now"), entry.what)
            return min(entry.changed or timezone.now(), timezone.now())
        why = entry.hidden or _("has no date")
        self.report.note(_("Kept as a draft"), labelled(entry.what, why))
        return None

    # --- Words ------------------------------------------------------------------------------

    def text(self, planned: Planned) -> tuple[str, str]:
        """Return the Markdown of an entry and the name of the picture that stands for it."""
        text = self.system.text(planned.entry, self.links)
        self.note_changes(planned.entry, text)
        return text.markdown.strip("\n"), self.picture(planned.entry)

    def picture(self, entry: Entry) -> str:
        if not entry.picture:
            return ""
        file = self.links.file_of(entry, entry.picture) or self.links.media_of(entry, entry.picture)
        if file is None:
            heading = _("Pictures for sharing that lie elsewhere, left out")
            self.report.note(heading, labelled(entry.what, entry.picture[:300]))
            return ""
        made = self.pictures.bring(file, entry.what, alt=entry.picture_alt)
        return made.file.name if isinstance(made, Image) else ""

    def note_changes(self, entry: Entry, text: Converted) -> None:
        if text.kept:
            self.report.note(_("Holds blocks that stay HTML"), labelled(entry.what, text.kept))
        if hidden := in_words(text.left_out):
            heading = _("Holds what browsers do not show, which was left out")
            self.report.note(heading, labelled(entry.what, hidden))
        if text.as_text:
            names = labelled(entry.what, f"<{'>, <'.join(text.as_text)}>")
            self.report.note(_("Holds tags that have no place here and show as text"), names)

    # --- Writing ----------------------------------------------------------------------------

    def save(self, planned: Planned, body: str, picture: str) -> None:
        entry, post = planned.entry, planned.post
        post.body, post.author = body, self.authors.of(entry)
        if picture:
            post.picture = Image.objects.filter(file=picture).first()
        try:
            post.save()
        except MarkupError as error:
            heading = _("Left out, because its text is refused")
            self.report.note(heading, labelled(entry.what, error))
            return
        self.report.added["page" if entry.is_page else "post"] += 1
        post.tags.set(self.tags(entry))
        keep_addresses(post, map(path_of, (entry.address, *entry.old)), entry.what, self.report)
        for name in _TEXTS:  # memory does not grow with what is stored
            setattr(post, name, "")

    def tags(self, entry: Entry) -> list[Tag]:
        names = []
        for name in entry.tags:
            if slug_of(name, MOST):
                names.append(name[:LONGEST_TAG])
            else:
                self.report.note(_("Tags left out"), labelled(entry.what, name[:LONGEST_TAG]))
        missing = [name for name in names if key_of(name) not in self.known_tags]
        if missing:
            known = {tag.pk for tag in Tag.objects.like(missing)}
            found = Tag.objects.named(_once(missing))
            self.report.added["tag"] += len({tag.pk for tag in found} - known)
            self.known_tags |= {tag.key: tag for tag in found}
        return [*{key: self.known_tags[key] for key in map(key_of, names)}.values()]


def _once(names: list[str]) -> list[str]:
    """Return names without those that differ from an earlier one in capitals alone."""
    return [*{key_of(name): name for name in reversed(names)}.values()][::-1]


def _scratch() -> str | None:
    """Return the data folder where it can be written to; /tmp may be in memory."""
    folder = Path(settings.DATA_DIR)
    return str(folder) if folder.is_dir() else None
