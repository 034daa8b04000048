"""HTML from elsewhere turned into Markdown that says the same, for imports and for what is pasted.

Nothing here asks the database or the network.
"""
