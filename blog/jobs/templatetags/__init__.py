"""What the admin says of jobs that fail; it changes none."""
