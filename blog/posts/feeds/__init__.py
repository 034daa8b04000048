"""Feeds in RSS, Atom and JSON: one view for all, whatever a source has to say and in which form."""
