"""Numbers as Hebrew groups them: 1,234.5. Django groups none."""

NUMBER_GROUPING = 3
