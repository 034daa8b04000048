"""Whether a comment appears at once, waits or is filed, and why; stores nothing itself."""
