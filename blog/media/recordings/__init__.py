"""Sounds and films of one's own: cleaned of place and time where they lie, and never decoded.

It knows files and their formats, never the rows or the pages that show them.
"""
