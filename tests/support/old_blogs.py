"""Writes small exports of Blogger and Movable Type, whole but for what a test says of them."""

from html import escape

HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'"
    " xmlns:thr='http://purl.org/syndication/thread/1.0' xmlns:app='http://purl.org/atom/app#'"
    " xmlns:gd='http://schemas.google.com/g/2005'{more}>"
    "<id>tag:blogger.com,1999:blog-5.archive</id><title>Kiln notes</title>"
    "<link rel='alternate' type='text/html' href='https://kiln.blogspot.com/'/>"
)
KIND = "http://schemas.google.com/g/2005#kind"
TAKEOUT = " xmlns:blogger='http://schemas.google.com/blogger/2018'"


def feed(*entries, more=""):
    return HEAD.format(more=more) + "".join(entries) + "</feed>"


def takeout(*entries):
    return feed(*entries, more=TAKEOUT)


def entry(number, html="Words.", *, kind="post", title="Clay", path="", labels=(), inside=""):
    """One entry of the export that Blogger had; a comment is one of another kind."""
    path = path or f"/2011/05/clay-{number}.html"
    link = f"<link rel='alternate' type='text/html' href='https://kiln.blogspot.com{path}'/>"
    tags = (
        f"<category scheme='http://www.blogger.com/atom/ns#' term='{escape(each)}'/>"
        for each in labels
    )
    return (
        f"<entry><id>tag:blogger.com,1999:blog-5.post-{number}</id>"
        "<published>2011-05-06T07:08:09.000+02:00</published>"
        "<updated>2011-05-07T07:08:09.000+02:00</updated>"
        f"<category scheme='{KIND}' term='http://schemas.google.com/blogger/2008/kind#{kind}'/>"
        f"{''.join(tags)}<title type='text'>{escape(title)}</title>"
        f"<content type='html'>{escape(html)}</content>{link if kind != 'comment' else ''}"
        f"<author><name>Mira Voss</name></author>{inside}</entry>"
    )


def comment(number, under, html="Said.", *, name="Bo", answers="", inside=""):
    related = f"http://www.blogger.com/feeds/5/{under}/comments/default/{answers}"
    inside += f"<thr:in-reply-to ref='tag:blogger.com,1999:blog-5.post-{under}'/>"
    inside += f"<link rel='related' href='{related}'/>" if answers else ""
    made = entry(number, html, kind="comment", title="", inside=inside)
    return made.replace("Mira Voss", escape(name))


def taken(number, html="Words.", *, kind="POST", status="LIVE", title="Clay", inside=""):
    """One entry of Takeout."""
    return (
        f"<entry><id>tag:blogger.com,1999:blog-5.post-{number}</id>"
        f"<blogger:type>{kind}</blogger:type><blogger:status>{status}</blogger:status>"
        f"<author><name>Mira Voss</name><blogger:type>BLOGGER</blogger:type></author>"
        f"<title>{escape(title)}</title><content type='html'>{escape(html)}</content>"
        "<published>2011-05-06T05:08:09Z</published><updated>2011-05-06T05:08:09Z</updated>"
        f"<blogger:filename>/2011/05/clay-{number}.html</blogger:filename>{inside}</entry>"
    )


def mt_entry(*parts, title="Clay", status="Publish", breaks="__default__", **fields):
    """One entry of Movable Type: `parts` are its texts and what was said, as they stand."""
    given = {"AUTHOR": "Mira Voss", "TITLE": title, "BASENAME": "clay", "STATUS": status}
    given |= {"ALLOW COMMENTS": "1", "CONVERT BREAKS": breaks, "DATE": "05/06/2011 07:08:09 AM"}
    given |= {name.replace("_", " "): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\n" for name, value in given.items() if value is not None)
    return head + "".join(f"-----\n{part}\n" for part in parts) + "-----\n--------\n"


def mt_comment(text, *, name="Bo", date="05/07/2011 01:02:03 PM"):
    head = f"COMMENT:\nAUTHOR: {name}\nEMAIL: bo@example.org\nIP: 192.0.2.7\nURL: \n"
    return f"{head}DATE: {date}\n{text}"
