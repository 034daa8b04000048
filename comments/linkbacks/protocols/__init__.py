"""Reads and writes what Pingback, Webmention and HTML define; never imports models."""
