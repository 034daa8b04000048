"""Helpers that would serve any site: logs, rates, the database's refusals, parts of admin pages.

Nothing here imports an app or any other room of this project.
"""
