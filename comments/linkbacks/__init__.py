"""Pingbacks and webmentions, both ways: what is said about an essay on pages elsewhere."""
