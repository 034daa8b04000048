"""The site's page of the admin, as a browser sends it."""

from lxml import html

PAGE = "/admin/site/siteversion/"


def sent_by(page):
    """Return what the form of a page sends as it stands, and see that it goes to be saved."""
    form = next(form for form in html.fromstring(page.text).forms if "title" in form.inputs)
    assert form.get("action") == PAGE
    return {name: value or "" for name, value in form.form_values()}
