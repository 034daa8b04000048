"""Numbers as Chinese groups them: 1,234.5. Django groups none."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
