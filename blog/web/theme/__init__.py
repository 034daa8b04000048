"""An owner's own templates and static files: read once, laid over ours, and left where they fail."""
