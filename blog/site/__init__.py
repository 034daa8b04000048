"""What the site calls itself and leads to: stored in versions, read by every page without a query.

It knows no essay and no comment: what can be linked to is offered by the apps that have it.
"""
