"""Pictures in the admin: where each is shown, what describes it, and putting another in its place.

It works through the rows of pictures and the verbs of essays, never on stored HTML.
"""
