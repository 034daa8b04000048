"""What is shown before an essay is published: how others will see it, and who is notified."""

import re
from html import unescape
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.html import format_html

from blog.lib.base_path import home
from blog.lib.listing import and_more, listed
from blog.markup import MarkupError, plain_text

from .looking import things_to_look_at
from .picture import shown
from .preview import rendered

# Our own stored HTML, as the renderer writes it.
LINK = re.compile(r'<a (?:[^<>]* )?href="(https?://[^"]+)"')
# Hosts that are named; the others are counted.
NAMED = 5
SUMMARY = 200


def before_publishing(post, newest):
    """Return what the bar shows under its question, for the newest version of an essay."""
    try:
        html = rendered(newest.body, newest.lang)
    except MarkupError:
        return {}  # the form will say it
    things = things_to_look_at(newest.body)
    hosts = hosts_in(html) if post.announces_links and post.kind == post.Kind.ESSAY else []
    return {
        "title": newest.title or str(post),
        "picture": shown(post, newest, post.picture),
        "address": f"{home()}/{post.shown_path}/",
        "summary": newest.standfirst or plain_text(html)[:SUMMARY],
        "things": things,
        "links": listed(link_to(thing) for thing in things),
        "hosts": and_more(map(isolated, hosts[:NAMED]), max(0, len(hosts) - NAMED)),
    }


def link_to(thing):
    """Return a link that leads to a place in the text."""
    return format_html(
        '<a href="#id_body" data-start="{}" data-end="{}">{}</a>',
        *(thing.start, thing.end, thing.name),
    )


def isolated(host):
    return format_html("<bdi>{}</bdi>", host)


def hosts_in(html):
    """Return the other sites that an essay links to, in the order it names them."""
    found = (urlsplit(unescape(address)).hostname for address in LINK.findall(html))
    own = urlsplit(str(settings.SITE_URL)).hostname
    return [host for host in dict.fromkeys(found) if host and host != own]
