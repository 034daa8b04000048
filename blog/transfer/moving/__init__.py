"""Bringing another blog here from the admin: a file is sent, tried and, when wanted, imported.

A request only keeps what was sent. Whatever reads the file is a job, on whichever machine.
"""
