"""What each template offers to a theme, as docs/theme.md lists it: a promise for each version.

A test renders each of them and fails where a block or a variable of these is missing. `make docs`
writes the page's tables. What is not listed may change with any version; `doctor` notices.
"""

from typing import NamedTuple


class Offer(NamedTuple):
    """A template: which page it is, its blocks, and its variables with their attributes."""

    said: str
    blocks: dict[str, str]
    variables: dict[str, str]


# Of every page.
EVERYWHERE = {
    "site.title": "its name",
    "site.tagline": "its tagline",
    "site.author": "who writes it; may be empty",
    "site.language": "its language, such as `en`",
    "site.url": "`SITE_URL`",
    "site.masthead": "what the masthead leads to: each has `to`, an address, and `words`",
    "site.foot": "what the foot leads to, likewise",
    "site.profiles": "the owner's pages elsewhere, likewise",
    "site.icons": "the names of the owner's icons in `/media/`, by size; may be empty",
    "canonical": "the page's own address",
    "stylesheet": "the CSS to stand in a style element",
    "copied": "whether the page is for a static copy, which has no search and no forms",
}
POST = {
    "post.title": "its title as text",
    "post.standfirst": "the words under its title; may be empty",
    "post.path": "its address without slashes around it",
    "post.get_absolute_url": "its address",
    "post.kind": "`essay` or `page`",
    "post.byline": "its author's name",
    "post.author_id": "the number in the address of its author's page",
    "post.has_others": "whether several people write here",
    "post.published_at": "when it was published; empty for a draft",
    "post.comment_count": "how many comments readers see",
}
IN_A_LIST = {
    "posts": "the essays of the page, each a `post` as below",
    "older_url": "where older essays are, if there are any",
    "newer_url": "where newer ones are",
}
FRAME = {
    "title": "the title of the window",
    "style": "the style element; add stylesheets after it",
    "head": "what a page has in its head",
    "feeds": "links to feeds",
    "masthead": "the top of all pages",
    "before": "empty, before `main`",
    "main": "attributes of `main`, with a space before them",
    "content": "the page",
    "after": "empty, after `main`",
    "foot": "the bottom of all pages",
}
# A page within this frame, which has its blocks.
PAGE: dict[str, str] = {}

PROMISES = {
    "base.html": Offer("the frame of all pages", FRAME, EVERYWHERE),
    "posts/index.html": Offer("the front page", PAGE, IN_A_LIST | {"page_obj.number": ""}),
    "posts/tag.html": Offer(
        "the essays of a tag", PAGE, IN_A_LIST | {"tag.name": "", "tag.get_absolute_url": ""}
    ),
    "posts/author.html": Offer(
        "the essays of an author",
        PAGE,
        IN_A_LIST | {"name": "the author's name", "profile": "`bio_html`, `link`, `picture`"},
    ),
    "posts/_list.html": Offer(
        "the list on these three",
        {},
        IN_A_LIST | {"post.opening": "the beginning of its text, where it has no standfirst"},
    ),
    "posts/archive.html": Offer(
        "all essays, by year",
        PAGE,
        {
            "posts": "the essays, each a `post` with its `year`",
            "heading": "what these are",
            "year": "of a year's page",
            "month": "of a month's",
        },
    ),
    "posts/tags.html": Offer("all tags", PAGE, {"tags": "each with `count`"}),
    "posts/about.html": Offer("the page About, until one is written", PAGE, {}),
    "posts/search.html": Offer(
        "what was found",
        PAGE,
        {
            "query": "what was asked for",
            "results": "of the page, each with `get_absolute_url`, `kind`, `title`, `snippet`",
        },
    ),
    "posts/_search_form.html": Offer("the search field", {}, {"query": "what was asked for"}),
    "posts/feeds.html": Offer("the list of feeds", PAGE, {"tags": "", "authors": ""}),
    "posts/post.html": Offer(
        "an essay or a page",
        {
            "undated": "what stands for the date of a draft",
            "hiding": "the link that hides notes",
            "edit": "the link to the desk",
            "notice": "what is said of a draft",
            "essay": "the text",
            "beside": "empty, beside the text",
            "noting": "the link to write beside a paragraph",
            "tags": "its tags",
            "others": "links to the essays before and after it",
            "thread": "comments, mentions and the form",
        },
        POST
        | {
            "post.updated_at": "when it was changed last",
            "post.updated_later": "whether that was on a later day",
            "post.minutes": "how long it takes to read",
            "post.words": "how many words it has",
            "post.summary": "what it is about, for those who link to it",
            "post.is_public": "whether readers can see it",
            "post.takes_comments": "whether it takes comments",
            "tags": "its tags, each with `name` and `get_absolute_url`",
            "earlier": "the essay before it, if there is one",
            "later": "the one after it",
        },
    ),
    "comments/thread.html": Offer(
        "a further page of comments", PAGE, {"post": "", "number": "of the page"}
    ),
    "comments/_comments.html": Offer(
        "all that is said about an essay, and the form",
        {},
        {"post": "", "before": "the comments as HTML", "mentions": "`html`, pages that link to it"},
    ),
    "comments/_thread.html": Offer(
        "the comments themselves",
        {},
        {
            "rows": "each a `comment`",
            "comment.pk": "its number: `c12` is the id readers link to",
            "comment.shown_name": "who wrote it",
            "comment.body_html": "its text as HTML",
            "comment.dated": "when it was written",
            "comment.parent_id": "the number of the comment it answers",
            "comment.is_approved": "no longer, if it stands for one that was removed",
            "comment.by_author": "whether the essay's author wrote it",
            "post": "the essay",
        },
    ),
    "404.html": Offer("the page for an address that has none", PAGE, {}),
    "410.html": Offer(
        "an essay or a page that was withdrawn", PAGE, {"kind": "which of both: `essay` or `page`"}
    ),
    "mail/base.html": Offer(
        "the frame of mails to readers",
        {"body": "the mail", "foot": "why it was sent, and how to end that"},
        {"site_title": "", "home": "", "subject": "", "language": ""},
    ),
    "mail/reply.html": Offer(
        "a reply to a reader", {"body": "", "foot": ""}, {"title": "", "url": "", "stop": ""}
    ),
}
# Tags and filters, by the library that {% load %} names.
TAGS = {
    "posts": {
        "{% structured_data post %}": "the essay for machines, in a script element of JSON-LD",
        "{% edit_link post %}": "the link to the desk, for who may write",
        "{% edit_script %}": "its script, at the end of an essay's page",
        "|iso": "a moment for machines",
        "|day": "its day, as the site’s language writes it",
        "|comments": "a number of comments, in words",
        "|bdi": "a name or title that turns nothing around it",
        "|lang": "the attribute `lang`, where an essay is in another language",
        "|said_in": "the attributes of a title: direction and language",
    },
    "comments": {
        "{% essay_text post %}": "the text of an essay, with the notes beside it",
        "{% comment_thread post %}": "comments, mentions and the form",
        "{% linkback_links post %}": "where pages that link to it send word",
        "{% readers_script %}": "the script that keeps a comment that is not sent yet",
        "{% offers_notes post as noting %}": "whether notes can be written beside it",
    },
    "static": {'{% static "mine.css" %}': "the address of a static file"},
    "i18n": {'{% translate "Archive" %}': "words in the site's language"},
}


def known_variables() -> dict[str, set[str]]:
    """Return the promised attributes of each promised variable, over all templates."""
    known: dict[str, set[str]] = {}
    for variables in (EVERYWHERE, *(offer.variables for offer in PROMISES.values())):
        for name in variables:
            root, _dot, attribute = name.partition(".")
            known.setdefault(root, set()).update(filter(None, [attribute]))
    return known
