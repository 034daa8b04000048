"""The comments and pings in Movable Type's form, which has no numbers for them and no replies."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo

from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.markup import MarkupError, one_line
from blog.markup.from_html.html_to_markdown import text_of
from blog.posts.models import Post as Essay
from blog.transfer.discussions.said import Discussion, Page, Said
from blog.transfer.essays.entries import Entry
from blog.transfer.fields import network_address, website
from blog.transfer.report import Report, quoted
from blog.transfer.texts import Texts
from comments.models import Comment, ThreadPage

from .fields import moment
from .reading import Part


class SaidOf(Discussion):
    """What was said about each entry, on the disk until it is brought."""

    system = "movable-type"

    def __init__(self, texts: Texts, zone: tzinfo) -> None:
        self.texts, self.zone = texts, zone
        self.kept: list[int] = []
        self.pings: dict[str, list[int]] = {}
        self.whats: dict[str, str] = {}
        # How often one writer said the same on one page at the same time.
        self.seen: Counter[bytes] = Counter()

    def add(self, part: Part, entry: Entry | None) -> None:
        if entry is None:
            return  # which stands twice in the file, and so does this
        self.whats[entry.file] = entry.address or entry.what
        number = self.texts.add(json.dumps([entry.file, part.fields, part.text]))
        if part.kind == "PING":
            self.pings.setdefault(entry.file, []).append(number)
        else:
            self.kept.append(number)

    def pages(self) -> Iterator[Page]:
        for file, what in self.whats.items():
            yield Page(file, (what,))

    def said(self) -> Iterator[Said]:
        for number in self.kept:
            file, fields, text = json.loads(self.texts.read(number))
            yield Said(
                id=self.id(file, fields, text),
                page=file,
                name=text_of(fields.get("AUTHOR", "")),
                email=fields.get("EMAIL", ""),
                url=fields.get("URL", ""),
                address=fields.get("IP", ""),
                html=text,
                at=moment(fields.get("DATE", ""), self.zone),
            )

    def id(self, file: str, fields: dict[str, str], text: str) -> str:
        """Return a key for what has none: the same in every export, and no other comment's."""
        said = json.dumps([file, [fields.get(name) for name in ("AUTHOR", "DATE", "URL")], text])
        summed = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16)
        self.seen[summed.digest()] += 1
        again = self.seen[summed.digest()]
        return summed.hexdigest() + (f"-{again}" if again > 1 else "")


def bring_pings(said: SaidOf, posts: dict[str, int], report: Report) -> None:
    """Bring the pings of each entry as pingbacks."""
    for file, numbers in said.pings.items():
        report.types["comment"] += len(numbers)
        if key := posts.get(file):
            _Pings(Essay.objects.get(pk=key), report, said).bring(file, numbers)
        else:
            report.skipped["mention"] += len(numbers)


class _Pings:
    """The pings of one essay."""

    def __init__(self, post: Essay, report: Report, said: SaidOf) -> None:
        self.post, self.report, self.said = post, report, said
        here = Comment.objects.filter(post=post)
        self.origins = {*here.filter(origin__isnull=False).values_list("origin", flat=True)}
        self.sources = {*here.exclude(source="").values_list("source", flat=True)}

    def bring(self, file: str, numbers: list[int]) -> None:
        made = []
        for number in numbers:
            _file, fields, text = json.loads(self.said.texts.read(number))
            origin = f"{self.said.system}:#ping-{self.said.id(file, fields, text)}"
            if origin in self.origins:
                self.report.already["mention"] += 1
            elif comment := self.one(fields, text, origin):
                made.append(comment)
        if made:
            Comment.objects.add_settled(made)
            ThreadPage.objects.refresh(self.post)
        self.report.step(len(numbers))

    def one(self, fields: dict[str, str], text: str, origin: str) -> Comment | None:
        source = website(fields.get("URL", ""))
        if not source:
            return self.skip(fields, _("a mention without a web address"))
        if source in self.sources:
            return self.skip(fields, _("a second mention by %(source)s") % {"source": source})
        comment = Comment(
            post=self.post,
            kind=Comment.Kind.PINGBACK,
            status=Comment.Status.APPROVED,
            name=one_line(text_of(fields.get("BLOG NAME", "")))[:200],
            title=one_line(text_of(fields.get("TITLE", "")))[:200],
            source=source,
            body=text_of(text),
            address=network_address(fields.get("IP", "")),
            origin=origin,
            created_at=moment(fields.get("DATE", ""), self.said.zone)
            or self.post.published_at
            or self.post.created_at,
        )
        try:
            comment.settle()
        except MarkupError as error:
            self.report.refused["mention"] += 1
            return self.note(fields, str(error))
        self.sources.add(source)
        self.report.added["mention"] += 1
        return comment

    def skip(self, fields: dict[str, str], why: str) -> None:
        self.report.skipped["mention"] += 1
        return self.note(fields, why)

    def note(self, fields: dict[str, str], why: str) -> None:
        name = text_of(fields.get("BLOG NAME") or fields.get("TITLE", "")) or _("Anonymous")
        line = _("%(name)s on %(post)s") % {"name": quoted(name), "post": quoted(self.post.title)}
        self.report.note(_("Comments left out"), labelled(line, why))
