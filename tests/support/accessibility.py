"""Accessibility violations that axe-core finds in a page."""

from axe_playwright_python.sync_playwright import Axe


def violations(page, name="", options=()):
    """Return what axe has against a page, each with the element and what would help.

    Of what is right it says little, for to say all of that takes longer than to look.
    """
    page.wait_for_load_state()  # a page that is still on its way has no title yet
    found = Axe().run(page, options={"resultTypes": ["violations"], **dict(options)})
    return [
        (name, rule["id"], node["html"][:200], node["failureSummary"])
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
