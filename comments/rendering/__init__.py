"""Threads and notes in the margin as HTML; asks the database nothing."""
