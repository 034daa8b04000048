"""Bytes, pages and addresses as Pingback, Webmention and HTML have them; never models."""
