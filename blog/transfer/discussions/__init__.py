"""Comments of any system on their way to the essays they were said about; it never reads essays."""
