"""Pingbacks and webmentions, both ways; only `net` calls other sites, and only from a worker."""
