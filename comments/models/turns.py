"""Makes transactions take turns where several at once would each find a limit not yet reached."""

from django.db import connection

# Names of the turns: numbers for PostgreSQL's advisory locks, chosen freely.
LOOKS = 0x4C494E4B  # counting looks at sources, and calls for them
NOTICES = 0x4E4F5445  # finding the next free moment of a host that is sent notices
RATES = 0x52415445  # counting what the rates limit


def take_turn(at: int) -> None:
    """Wait for this turn and keep it until the transaction ends.

    SQLite lets one transaction write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [at])
