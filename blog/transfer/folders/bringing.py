"""From a generator's entries to essays and pages here: all of them or, where that fails, none.

Each text is read twice: first for what stands at its top, so that every address is known, then
for its words. Pictures are kept on the way, before anything is written, and found again by a
second run. What is here already stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.languages import site_language, tag_of
from blog.lib.slugs import MOST, slug_of
from blog.markup import MarkupError
from blog.markup.from_html.html_to_markdown import Converted, converted
from blog.markup.tags import in_words
from blog.posts.models import Forward, Image, Post, Tag
from blog.posts.models.tag import key_of
from blog.transfer.course import Stretches, Whole
from blog.transfer.media_folder import MediaFolder
from blog.transfer.pictures import Pictures
from blog.transfer.report import Report, quoted

from .addresses import is_the_sites, keep_addresses, settle_slug
from .authors import Authors
from .code import outside_code
from .entries import HERE, Entry, Generator
from .front_matter import in_lines, split
from .links import Links
from .permalinks import path_of
from .staticman import bring_thread
from .tree import Tree
from .values import plainly
from .writing import anchored, heading_of, without_folds

_TEXTS = ("body", "body_html", "annotated_html")
# Lines that tags leave empty.
_GAPS = re.compile(r"\n(?:[ \t]{0,40}\n){2,}")
LONGEST_TITLE, LONGEST_TAG = 300, 100


class Planned:
    """An entry and the essay it becomes, not saved yet, or the one that it became before."""

    def __init__(self, entry: Entry, post: Post, *, is_here: bool) -> None:
        self.entry, self.post, self.is_here = entry, post, is_here


class Bringing:
    """One import of one folder."""

    def __init__(self, generator: Generator, report: Report, author: Any, *, dry_run: bool) -> None:
        self.generator, self.report = generator, report
        self.authors = Authors(report, author, generator.author)
        folder = MediaFolder(generator.tree.root)
        self.pictures = Pictures(report, folder, by=author, dry_run=dry_run)
        self.links = Links(generator, self.pictures, report)
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
                self.bring_comments()
                self.forward_lists()

    def bring_comments(self) -> None:
        """Bring comments that lie in the folder under the essays that were brought."""
        posts = {each.entry.file: each.post.pk for each in self.planned if each.post.pk}
        for file, thread in self.generator.threads().items():
            if key := posts.get(file):
                bring_thread(Post.objects.get(pk=key), thread, self.report)

    def forward_lists(self) -> None:
        """Have the addresses of feeds lead to the feed here, and those of lists to their tags."""
        if not self.planned:
            return
        generator = self.generator
        found = dict.fromkeys(generator.feeds, reverse("rss"))
        names = {name for each in self.planned if each.post.is_public for name in each.entry.tags}
        tags = Tag.objects.like(names) if generator.lists and names else ()
        for tag in tags:
            found |= dict.fromkeys(
                (each.format(tag.slug) for each in generator.lists), tag.get_absolute_url()
            )
        for path, to in found.items():
            path = path_of(f"{generator.base}/{path}")
            if not is_the_sites(path):
                self.report.added["address"] += Forward.objects.keep(path, to)

    # --- What there is ----------------------------------------------------------------------

    def plan(self) -> None:
        entries = []
        for entry in self.generator.entries():
            entry.title = entry.title or heading_of(entry.front.body)
            entry.front = entry.front._replace(body="")
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
            self.generator.note_unknown(entry)
        self.links.plan(entry, f"/{post.permalink_path()}/")

    def origin(self, entry: Entry) -> str:
        """A key that is the same in every copy of a folder, and another for each file of any."""
        generator = self.generator
        home = "/".join([*sorted(generator.hosts)[:1], generator.base]) or entry.title
        key = f"{home}:{entry.file}"
        key = hashlib.sha256(key.encode()).hexdigest() if len(key) > 300 else key
        return f"{generator.name}:{key}"

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
        settle_slug(post, entry, self.taken, self.report)
        return post

    def title(self, entry: Entry) -> str:
        title = entry.title
        if not title:
            title = entry.stem if entry.stem != "index" else Path(entry.folder).name
            title = title.replace("-", " ").replace("_", " ").strip() or _("Untitled")
            self.report.note(_("Had no title, and was given one"), f"{entry.file}: {quoted(title)}")
        if len(title) > LONGEST_TITLE:
            title = f"{title[: LONGEST_TITLE - 1]}…"
            self.report.note(_("Had a title of more than 300 characters, cut"), entry.file)
        return title

    def language(self, entry: Entry) -> str:
        tag = tag_of(entry.language) if entry.language else None
        return "" if tag is None or tag.lower() == site_language().lower() else tag

    def published_at(self, entry: Entry) -> Any:
        """When it was or will be public; None for a draft, which is noted with the reason."""
        if not entry.hidden and entry.at:
            if entry.at > timezone.now():
                self.report.note(_("Dated in the future, so public from then on"), entry.file)
            return plainly(entry.at)
        if not entry.hidden and entry.is_page:
            self.report.note(_("Had no date, so dated now"), entry.file)
            return min(entry.changed or timezone.now(), timezone.now())
        why = entry.hidden or _("has no date")
        self.report.note(_("Kept as a draft"), f"{entry.file}: {why}")
        return None

    # --- Words ------------------------------------------------------------------------------

    def text(self, planned: Planned) -> tuple[str, str]:
        """Return the Markdown of an entry and the name of the picture that stands for it."""
        entry = planned.entry
        source = split(in_lines(self.tree.content(entry.file)), keywords=self.generator.keywords)
        body = without_folds(source.body)
        if heading_of(body) == entry.title:  # which the site shows above the text
            body = body.lstrip().partition("\n")[2]
        body = self.generator.markdown(entry, body, self.links)
        body = self.links.rewritten(entry, body if entry.is_html else anchored(body))
        if entry.is_html:
            text = converted(body, breaks=False)
            self.note_changes(entry, text)
            body = text.markdown
        body = outside_code(body.replace(HERE, ""), lambda part: _GAPS.sub("\n\n", part))
        return body.strip("\n"), self.picture(entry)

    @property
    def tree(self) -> Tree:
        return self.generator.tree

    def picture(self, entry: Entry) -> str:
        if not entry.picture or not self.links.is_own(entry.picture):
            return ""
        file = self.links.file_of(entry, entry.picture)
        made = self.pictures.bring(file or entry.picture, entry.file)
        return made.file.name if isinstance(made, Image) else ""

    def note_changes(self, entry: Entry, text: Converted) -> None:
        if text.kept:
            self.report.note(_("Holds blocks that stay HTML"), f"{entry.file}: {text.kept}")
        if hidden := in_words(text.left_out):
            heading = _("Holds what browsers do not show, which was left out")
            self.report.note(heading, f"{entry.file}: {hidden}")
        if text.as_text:
            names = f"{entry.file}: <{'>, <'.join(text.as_text)}>"
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
            self.report.note(heading, f"{entry.file}: {error}")
            return
        self.report.added["page" if entry.is_page else "post"] += 1
        post.tags.set(self.tags(entry))
        keep_addresses(post, map(path_of, (entry.address, *entry.old)), entry.file, self.report)
        for name in _TEXTS:  # memory does not grow with what is stored
            setattr(post, name, "")

    def tags(self, entry: Entry) -> list[Tag]:
        names = []
        for name in entry.tags:
            if slug_of(name, MOST):
                names.append(name[:LONGEST_TAG])
            else:
                self.report.note(_("Tags left out"), f"{entry.file}: {name[:LONGEST_TAG]}")
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
