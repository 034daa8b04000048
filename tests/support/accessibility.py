"""Accessibility violations that axe-core finds in a page."""

from axe_playwright_python.sync_playwright import Axe

AXE = Axe().axe_script
LOOK = """async options => (await axe.run(options)).violations.flatMap(rule =>
    rule.nodes.map(node => [rule.id, node.html, node.failureSummary]))"""


def violations(page, name="", options=()):
    """Return what axe has against a page, each with the element and what would help.

    Of what is right it says little, for to say all of that takes longer than to look.
    """
    page.wait_for_load_state()  # a page that is still on its way has no title yet
    if page.evaluate("typeof axe") == "undefined":  # the page may have it from a look before
        page.evaluate(AXE)
    found = page.evaluate(LOOK, {"resultTypes": ["violations"], **dict(options)})
    return [(name, rule, html[:200], help) for rule, html, help in found]
