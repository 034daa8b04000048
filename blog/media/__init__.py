"""Uploaded images: what their files are called, and a bucket for sites on several machines.

It knows files and their names, never the rows or the pages that show them.
"""
