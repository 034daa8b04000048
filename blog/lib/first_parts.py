"""First parts of addresses that the site itself uses: of no page, and of no path to live below."""

# No page may be called so.
FIRST_PARTS = frozenset(
    "admin archive atom comments draft feed feeds healthz linkbacks media metrics page pingback "
    "readyz rss search static tags webmention".split()
)
# Nor may the site live below these: addresses that authors write would mean two things.
MORE_PARTS = frozenset(
    "about atom.xml authors favicon.ico feed.json feed.xml opensearch.xml robots.txt "
    "site.webmanifest sitemap.xml".split()
)
