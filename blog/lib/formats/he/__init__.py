"""In Hebrew."""
