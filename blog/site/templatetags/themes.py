"""How the admin says that a theme cannot be used."""

from django import template
from django.template import engines
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.figures import figure
from blog.lib.listing import sentences
from blog.web.theme.engine import faults

register = template.Library()


@register.simple_tag
def theme_trouble():
    """Return what is wrong with the theme, in words; "" while it is well. Asks no database."""
    found = list(dict.fromkeys(faults(engines["django"])))
    if not found:
        return ""
    said = _("A part of the theme cannot be used, so readers get the site’s own pages there: %s")
    if more := len(found) - 1:
        rest = ngettext(
            "%(count)s more fault; doctor names it.",
            "%(count)s more faults; doctor names them.",
            more,
        )
        return sentences([said % found[0], rest % {"count": figure(more)}])
    return said % found[0]
