"""Essays of any other system, brought here by one rule; it never reads a system's own files."""
