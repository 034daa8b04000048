"""Running the site: server, health, metrics, request log, Sentry, static files and `doctor`.

It starts and watches the site, and never decides what a page shows or what is stored.
"""
