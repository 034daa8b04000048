"""Where an author writes: the desk, its saves, versions, preview and links to share.

Pages of the admin, for staff only. Readers' pages never import from here.
"""
