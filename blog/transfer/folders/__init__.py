"""Folders of Markdown as static generators keep them, read as data: nothing in them is run."""
