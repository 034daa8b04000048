"""Postil's own export, read back: the same site again, table by table."""
