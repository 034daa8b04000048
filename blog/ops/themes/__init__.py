"""What templates promise to a theme, and whether a theme keeps to it; readers never ask here."""
