"""In Arabic."""
