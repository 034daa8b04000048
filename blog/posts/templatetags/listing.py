"""Lists, quotation marks and labels in templates, as the page's language writes them."""

from django import template

from blog.lib import listing

register = template.Library()

register.filter("listed", listing.listed)
register.filter("sentences", listing.sentences)
register.filter("quoted", listing.quoted)
register.filter("labelled", listing.labelled)
register.filter("and_more", listing.and_more)
register.simple_tag(listing.comma)
