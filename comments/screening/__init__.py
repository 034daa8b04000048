"""Decides whether a comment appears at once, waits or is filed as spam, and why; saves nothing."""
