"""Uploaded files: what they are called, how they are served, and a bucket for several machines.

It knows files and their names, never the rows or the pages that show them.
"""
