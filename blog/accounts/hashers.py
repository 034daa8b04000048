"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at the least cost OWASP's Password Storage Cheat Sheet allows: 19 MiB, two passes.

    Django's own 100 MiB would be more than the whole idle site takes, for each sign-in at once.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
