"""Numbers of rows in the text of a request."""

# The largest number that a column of the database takes.
LARGEST = 2**63 - 1


def number_in(text: str) -> int | None:
    """Return the number of a row that a text is, as our pages write it; None for anything else.

    Python reads no number of more than 4,300 digits, and the database none above LARGEST.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))):
        return None
    number = int(text)
    return number if number <= LARGEST else None
