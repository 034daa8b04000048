"""What every generator's folder gives: entries, each an essay or a page as its files say."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from blog.lib.listing import labelled, listed
from blog.markup.from_html.html_to_markdown import Converted, converted
from blog.posts.models import Post
from blog.transfer.essays.code import outside_code
from blog.transfer.essays.entries import HERE, Entry, System
from blog.transfer.media_folder import MediaFolder
from blog.transfer.report import Report

from .front_matter import Front, in_lines, read_data, split
from .staticman import Said, bring_thread
from .tree import Tree
from .values import several, words
from .writing import anchored, heading_of, without_folds
from .yaml_data import DataError

MARKDOWN = (".md", ".markdown", ".mkd", ".mdown", ".mkdn", ".mdwn")
# Texts in languages that are not read here, which are named.
OTHER_TEXTS = (".rst", ".textile", ".org", ".adoc", ".asciidoc", ".asc", ".ipynb", ".pmd", ".mdx")
# Lines that tags leave empty.
_GAPS = re.compile(r"\n(?:[ \t]{0,40}\n){2,}")
# Names of front matter that mean something to a generator's looks, and to no reader here.
FOR_LOOKS = frozenset(
    """
    layout template type weight order toc math mathjax katex mermaid draft published status twitter
    og opengraph header classes css js theme sidebar pin featured sitemap priority outputs cascade
    linktitle nav nav_order navorder eleventynavigation eleventycomputed menu
    eleventyexcludefromcollections menus showtoc tocopen hidemeta disqus_identifier
    disqusidentifier resources params build _build headless markup iscjklanguage keywords
    category link parent
    """.split()
)


class Generator(System):
    """How one program means a folder. Each kind overrides what it means differently."""

    zone: tzinfo = UTC
    # Names in front matter that the kind reads.
    reads: frozenset[str] = frozenset()
    keywords = False

    def __init__(self, tree: Tree, report: Report, *, permalink: str = "") -> None:
        super().__init__(report)
        self.tree = self.files = tree
        self.media = MediaFolder(tree.root)
        self.permalink = permalink
        self.read_settings()

    @classmethod
    def recognises(cls, tree: Tree) -> bool:
        raise NotImplementedError

    def read_settings(self) -> None:
        """Take what the blog's own configuration says, as data."""

    def markdown(self, entry: Entry, body: str, links: Any) -> str:
        """Return a text with the program's own tags as what they mean here."""
        raise NotImplementedError

    def threads(self) -> dict[str, list[Said]]:
        """Return comments that lie in the folder, by the files of their entries."""
        return {}

    # --- What they share --------------------------------------------------------------------

    def settle(self, entry: Entry) -> None:
        entry.title = entry.title or heading_of(entry.front.body)
        entry.front = entry.front._replace(body="")

    def text(self, entry: Entry, links: Any) -> Converted:
        source = split(in_lines(self.tree.content(entry.file)), keywords=self.keywords)
        body = without_folds(source.body)
        if heading_of(body) == entry.title:  # which the site shows above the text
            body = body.lstrip().partition("\n")[2]
        body = self.markdown(entry, body, links)
        body = links.rewritten(entry, body if entry.is_html else anchored(body))
        text = converted(body, breaks=False) if entry.is_html else Converted(body)
        text.markdown = outside_code(
            text.markdown.replace(HERE, ""), lambda part: _GAPS.sub("\n\n", part)
        )
        return text

    def bring_comments(self, posts: dict[str, int]) -> None:
        for file, thread in self.threads().items():
            if key := posts.get(file):
                bring_thread(Post.objects.get(pk=key), thread, self.report)

    def front_of(self, path: str) -> Front | None:
        """Return a file's front matter; None where it cannot be read, which is noted."""
        try:
            return split(in_lines(self.tree.content(path)), keywords=self.keywords)
        except DataError as error:
            self.report.note(_("Left out, because it cannot be read"), labelled(path, error))
            return None

    def data_of(self, path: str, form: str) -> dict[str, Any]:
        """Return what a file of settings says; {} where that cannot be read, which is noted."""
        try:
            found = read_data(in_lines(self.tree.content(path)), form)
        except DataError as error:
            self.report.note(_("Settings that cannot be read"), labelled(path, error))
            return {}
        return found if isinstance(found, dict) else {}

    def leave_out(self, path: str, why: str) -> None:
        self.report.note(_("Left out"), labelled(path, why))

    def note_unknown(self, entry: Entry) -> None:
        """Name the fields of an entry's front matter that mean nothing here."""
        known = FOR_LOOKS | self.reads
        if unknown := [name for name in entry.front.data if name.lower() not in known]:
            said = listed(unknown)[:300]
            self.report.note(
                _("Fields that have no place here, left out"), labelled(entry.file, said)
            )


def picture_in(data: dict[str, Any]) -> str:
    """Return the address of the picture that stands for an entry, however it is called."""
    for name in (
        "image",
        "cover",
        "featured_image",
        "featuredimage",
        "images",
        "thumbnail",
        "previewimage",
    ):
        value = data.get(name)
        if isinstance(value, list):
            value = next(iter(value), "")
        if isinstance(value, dict):
            inner = ("path", "image", "src", "url", "feature")
            value = next((value[key] for key in inner if isinstance(value.get(key), str)), "")
        if said := words(value):
            return said
    return ""


def authors_in(data: dict[str, Any], by: str | None = ",") -> list[str]:
    found = []
    for name in ("authors", "author"):
        found += several(data.get(name), by)
    return [*dict.fromkeys(found)]
