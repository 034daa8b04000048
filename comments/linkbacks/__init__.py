"""Pingbacks and webmentions, both ways; other sites are called only by a worker."""
