"""Signing in to the admin: counted, recorded, with a second step; it knows no essay or comment."""
