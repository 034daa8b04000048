"""Numbers as Arabic groups them: 1.234,5. Django's own format has the signs and no groups."""

NUMBER_GROUPING = 3
