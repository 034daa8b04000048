"""What the admin's first page offers an owner of a new site."""

from django import template

from blog.site.acts import ACTS
from blog.site.reading import site

register = template.Library()


@register.simple_tag
def beginning():
    """Return what there is to begin with: naming the site, and acts such as ending the demo."""
    acts = [(name, act.words) for name, act in ACTS.items() if act.is_offered()]
    return {"is_unnamed": not site().values, "title": site().title, "acts": acts}
