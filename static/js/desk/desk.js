// Starts what helps an author write; the desk works without it.
