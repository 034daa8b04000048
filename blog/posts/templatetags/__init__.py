"""What templates of essays call; it works on what a view hands over and reads nothing itself."""
