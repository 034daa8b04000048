"""Kept pages: what may be kept, in memory and by caches before the site, and when they fall.

It knows addresses and answers, never what is on a page: models say themselves that pages show them.
"""
