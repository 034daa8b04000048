"""An owner's own templates and static files, laid over ours, and left out where they fail."""
